/** Whom a trust policy names must exist: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */

import { parseArn } from '../../../framework/arn.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { malformedPolicy } from '../errors.ts';
import { accounts, fold, roles, users } from '../tables.ts';
import { userArn } from '../users/user.ts';
import { roleArn } from './role.ts';

/** The ARNs of users and roles that an accepted trust policy names. */
export function namedPrincipals(trustPolicy: string): string[] {
  const named = new Set<string>();
  for (const { principals, notPrincipals } of parsePolicy(trustPolicy, 'trust').statements) {
    for (const pattern of [principals, notPrincipals]) {
      if (pattern === undefined || pattern === '*') continue;
      for (const principal of pattern.AWS ?? []) if (/^arn:aws:iam::\d{12}:(user|role)\//.test(principal)) named.add(principal);
    }
  }
  return [...named];
}

/**
 * Throws MalformedPolicyDocument for a user or role that is not there. Accounts of which this cloud knows nothing are taken at
 * their word: they may be anybody's.
 */
export async function requirePrincipals(tx: ReadTransaction, ownAccount: string, named: readonly string[]): Promise<void> {
  for (const principal of named) {
    const { account, resource } = parseArn(principal)!;
    if (account !== ownAccount && !(await accounts.get(tx, account))) continue;
    const name = fold(resource.slice(resource.lastIndexOf('/') + 1));
    const user = resource.startsWith('user/') ? await users.get(tx, account, name) : undefined;
    const role = resource.startsWith('role/') ? await roles.get(tx, account, name) : undefined;
    const found = user ? userArn(user) : role ? roleArn(role) : undefined;
    if (found !== principal) throw malformedPolicy(`Invalid principal in policy: "AWS":"${principal}"`);
  }
}
