/**
 * The queries of dynamic partitioning: an object of JQ whose members are paths, `{customer:.customer.id,year:.at|strftime("%Y")}`:
 * https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html
 */

type Step = string | number;
type Filter = (value: unknown) => unknown;
type Member = { readonly name: string; readonly path: readonly Step[]; readonly filters: readonly Filter[] };

export type MetadataQuery = {
  readonly names: readonly string[];
  /** Throws MetadataFault. */ run(record: Uint8Array): Record<string, string>;
};

/** A record that the query cannot be asked of. */
export class MetadataFault extends Error {
  override name = 'MetadataFault';
}

const member =
  /\s*(?:([A-Za-z_]\w*)|"([^"\\]*)")\s*:\s*((?:\.(?:[A-Za-z_]\w*|"[^"\\]*")?|\[(?:\d+|"[^"\\]*")\])+)((?:\s*\|\s*\w+(?:\("[^"\\]*"\))?)*)\s*(,|$)/y;
const step = /\.?([A-Za-z_]\w*)|\.?"([^"\\]*)"|\[(\d+)\]|\["([^"\\]*)"\]/g;
const filter = /\|\s*(\w+)(?:\("([^"\\]*)"\))?/g;

/** Undefined for a query that is not of this form: JQ can do much more. */
export function compileQuery(text: string): MetadataQuery | undefined {
  const inner = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1];
  const members = inner === undefined ? undefined : membersOf(inner);
  if (!members) return undefined;
  return { names: members.map(({ name }) => name), run: (record) => valuesOf(members, record) };
}

function membersOf(text: string): Member[] | undefined {
  const members: Member[] = [];
  member.lastIndex = 0;
  for (;;) {
    const match = member.exec(text);
    if (!match) return undefined;
    const [, bare, quoted, path, pipes, comma] = match;
    const filters = [...pipes!.matchAll(filter)].map(([, name, argument]) => filterOf(name!, argument));
    if (filters.includes(undefined)) return undefined;
    members.push({ name: bare ?? quoted!, path: stepsOf(path!), filters: filters as Filter[] });
    if (comma === '') return members;
  }
}

const stepsOf = (path: string): Step[] =>
  [...path.matchAll(step)].map(([, bare, quoted, index, bracketed]) =>
    index === undefined ? (bare ?? quoted ?? bracketed)! : Number(index),
  );

function filterOf(name: string, argument: string | undefined): Filter | undefined {
  if (name === 'tostring' && argument === undefined) return (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  if (name === 'strftime' && argument !== undefined) return (value) => formatSeconds(value, argument);
  return undefined;
}

function formatSeconds(value: unknown, pattern: string): string {
  const date = new Date(typeof value === 'number' ? value * 1000 : Number.NaN);
  if (Number.isNaN(date.getTime())) throw new MetadataFault('strftime/1 requires a number');
  const iso = date.toISOString();
  const parts: Readonly<Record<string, string>> = {
    ...{ Y: iso.slice(0, 4), m: iso.slice(5, 7), d: iso.slice(8, 10), H: iso.slice(11, 13), M: iso.slice(14, 16), S: iso.slice(17, 19) },
    '%': '%',
  };
  return pattern.replaceAll(/%(.)/g, (whole, letter: string) => parts[letter] ?? whole);
}

/** A key that is null or nothing partitions nothing. */
function valuesOf(members: readonly Member[], record: Uint8Array): Record<string, string> {
  const json = parsed(record);
  const values = Object.create(null) as Record<string, string>;
  for (const { name, path, filters } of members) {
    const value = filters.reduce<unknown>((at, apply) => apply(at), follow(json, path));
    if (value === null || value === undefined || value === '') throw new MetadataFault(`Partition key ${name} is null or empty`);
    if (typeof value === 'object') throw new MetadataFault(`Partition key ${name} is not a scalar`);
    values[name] = String(value);
  }
  return values;
}

function parsed(record: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(record).toString());
  } catch (cause) {
    throw new MetadataFault('The record is not JSON', { cause });
  }
}

function follow(json: unknown, path: readonly Step[]): unknown {
  let at = json;
  for (const one of path) {
    if (at === null || at === undefined) return at;
    if (typeof at !== 'object' || (typeof one === 'number') !== Array.isArray(at)) throw new MetadataFault(`Cannot index with ${one}`);
    at = Object.hasOwn(at, one) ? (at as Record<Step, unknown>)[one] : undefined;
  }
  return at;
}
