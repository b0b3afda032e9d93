/** The roles that somebody took on lately, to be taken on again with a click: names alone, kept in this browser. */

export type KnownRole = { account: string; role: string; colour: string };

const rolesMax = 5;
const keyOf = (arn: string): string => `haneul-roles ${arn}`;

/** The newest first. `arn` is of whoever signed in. */
export function knownRoles(arn: string): readonly KnownRole[] {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(arn)) ?? '[]') as unknown;
    return Array.isArray(kept) ? (kept as KnownRole[]) : [];
  } catch {
    // Storage that is switched off or filled by something else.
    return [];
  }
}

export function rememberRole(arn: string, one: KnownRole): void {
  const rest = knownRoles(arn).filter(({ account, role }) => account !== one.account || role !== one.role);
  try {
    localStorage.setItem(keyOf(arn), JSON.stringify([one, ...rest].slice(0, rolesMax)));
  } catch {
    // Then it is typed again.
  }
}
