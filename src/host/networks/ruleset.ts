/** nftables rule sets as data, and the one transaction that turns what is there into what is wanted. */

export type NftSet = {
  kind: 'set' | 'map';
  /** For example `type ipv4_addr : verdict`. */
  type: string;
  /** Keys, with what a map says of them; empty text in a set. */
  elements: Map<string, string>;
};
export type NftChain = {
  hook?: string;
  rules: string[];
  /** Its rules are written when it is made, and are another's business from then on. */
  once?: true;
};
/** `name` includes the family: `inet haneul`. */
export type NftTable = { name: string; sets: Map<string, NftSet>; chains: Map<string, NftChain> };
export type Ruleset = readonly NftTable[];

/**
 * The lines for `nft -f -`, applied all or none: elements and chains that differ, nothing else. Empty when nothing does.
 * @param old undefined where it is not known what is there: the tables are made anew. Empty where nothing is.
 */
export function transition(old: Ruleset | undefined, next: Ruleset): string {
  return next
    .map((table) =>
      tableTransition(
        old?.find((one) => one.name === table.name),
        table,
        old !== undefined,
      ),
    )
    .join('');
}

function tableTransition(old: NftTable | undefined, next: NftTable, isKnown: boolean): string {
  const lines: string[] = [];
  const before: NftTable = old ?? { name: next.name, sets: new Map(), chains: new Map() };
  if (!isKnown) lines.push(`add table ${next.name}`, `delete table ${next.name}`);
  if (!old) lines.push(`add table ${next.name}`);
  for (const [name, set] of next.sets) if (!before.sets.has(name)) lines.push(`add ${set.kind} ${next.name} ${name} { ${set.type}; }`);
  for (const [name, { hook }] of next.chains)
    if (!before.chains.has(name)) lines.push(`add chain ${next.name} ${name}${hook ? ` { ${hook} }` : ''}`);
  const changed = [...next.chains].filter(([name, { rules, once }]) => {
    const present = before.chains.get(name);
    return once ? !present : present?.rules.join('\n') !== rules.join('\n');
  });
  for (const [name] of changed) if (before.chains.has(name)) lines.push(`flush chain ${next.name} ${name}`);
  const gone = [...before.chains.keys()].filter((name) => !next.chains.has(name));
  for (const name of gone) lines.push(`flush chain ${next.name} ${name}`);
  lines.push(...elementLines(before, next));
  for (const [name, { rules }] of changed) for (const rule of rules) lines.push(`add rule ${next.name} ${name} ${rule}`);
  for (const name of gone) lines.push(`delete chain ${next.name} ${name}`);
  for (const [name, { kind }] of before.sets) if (!next.sets.has(name)) lines.push(`delete ${kind} ${next.name} ${name}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** Elements that go leave before their successors come: a map has one answer for a key. */
function elementLines(before: NftTable, next: NftTable): string[] {
  const lines: string[] = [];
  const added: string[] = [];
  for (const [name, { elements, kind }] of next.sets) {
    const present = before.sets.get(name)?.elements ?? new Map<string, string>();
    const stale = [...present].filter(([key, value]) => elements.get(key) !== value).map(([key]) => key);
    const fresh = [...elements].filter(([key, value]) => present.get(key) !== value);
    // A map's element is deleted with what it maps to.
    const whole = (key: string, value: string): string => (kind === 'map' ? `${key} : ${value}` : key);
    if (stale.length > 0)
      lines.push(`delete element ${next.name} ${name} { ${stale.map((key) => whole(key, present.get(key)!)).join(', ')} }`);
    if (fresh.length > 0) added.push(`add element ${next.name} ${name} { ${fresh.map(([key, value]) => whole(key, value)).join(', ')} }`);
  }
  return [...lines, ...added];
}

/** A table to fill. */
export function newTable(name: string) {
  const table: NftTable = { name, sets: new Map(), chains: new Map() };
  return {
    table,
    set: (setName: string, type: string, keys: Iterable<string> = []): void =>
      void table.sets.set(setName, { kind: 'set', type: `type ${type}`, elements: new Map([...keys].map((key) => [key, ''])) }),
    map: (mapName: string, type: string, elements: Iterable<readonly [string, string]> = []): void =>
      void table.sets.set(mapName, { kind: 'map', type: `type ${type}`, elements: new Map(elements) }),
    chain: (chainName: string, rules: string[], hook?: string): void =>
      void table.chains.set(chainName, { rules, ...(hook !== undefined && { hook }) }),
    /** A chain whose rules others change. */
    turningChain: (chainName: string, rules: string[]): void => void table.chains.set(chainName, { rules, once: true }),
  };
}
