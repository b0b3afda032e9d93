/** One page of a listing: keys in UTF-8 order, rolled up at a delimiter, read by seeking past what is rolled up. */

/** Where reading begins (inclusive) or ends (exclusive): a key, or a key and what orders rows of one key. */
export type Bound = readonly [key: string, id?: string];

/** Rows from one bound up to another, in order, at most `limit`. */
export type Scan<Row> = (from: Bound, to: Bound | undefined, limit: number) => Promise<readonly Row[]>;

/** The same rolled up, by seeking: rows, and common prefixes in the place of what they stand for. */
export type RollUp<Row> = (
  from: Bound,
  to: Bound | undefined,
  by: { prefix: string; delimiter: string; limit: number },
) => Promise<readonly ({ row: Row } | { commonPrefix: string })[]>;

export type ListQuery = {
  prefix: string;
  /** Empty: nothing is rolled up. */
  delimiter: string;
  /** Rows and common prefixes together. */
  max: number;
  /** Begin after this key; or, with an id, after that row of the key. */
  after?: Bound;
};

export type Listing<Row> = {
  rows: Row[];
  commonPrefixes: string[];
  isTruncated: boolean;
  /** The last row or common prefix of the page. */
  last: { row: Row } | { commonPrefix: string } | undefined;
};

const firstChunk = 32;
const chunkMax = 1001;
const seekChunk = 250;

/** Lists one page. A common prefix counts once, and not at all when the page begins after or inside it. */
export async function listPage<Row extends { key: string }>(
  scan: Scan<Row>,
  query: ListQuery,
  rollUp?: RollUp<Row>,
): Promise<Listing<Row>> {
  const { prefix, delimiter, max } = query;
  const page: Listing<Row> = { rows: [], commonPrefixes: [], isTruncated: false, last: undefined };
  if (max <= 0) return page;
  const end = successor(prefix);
  const to: Bound | undefined = end === undefined ? undefined : [end];
  let from = startOf(query);
  let chunkSize = delimiter ? firstChunk : chunkMax;
  let rolledUp: string | undefined;
  let seeks = false;
  while (from) {
    if (rollUp && seeks) {
      const limit = Math.min(seekChunk, max - page.rows.length - page.commonPrefixes.length + 1);
      const found = await rollUp(from, to, { prefix, delimiter, limit });
      for (const one of found) if (!take(page, one, max)) return { ...page, isTruncated: true };
      if (found.length < limit) break;
      const last = found.at(-1)!;
      from = 'row' in last ? next(last.row) : beyond(last.commonPrefix);
      rolledUp = undefined;
      seeks = found.filter((one) => 'commonPrefix' in one).length * 2 > found.length;
      continue;
    }
    const limit = delimiter ? chunkSize : Math.min(chunkSize, max - page.rows.length + 1);
    const chunk = await scan(from, to, limit);
    let skipped = 0;
    for (const row of chunk) {
      if (rolledUp !== undefined && row.key.startsWith(rolledUp)) {
        skipped++;
        continue;
      }
      rolledUp = commonPrefixOf(row.key, prefix, delimiter);
      if (!take(page, rolledUp === undefined ? { row } : { commonPrefix: rolledUp }, max)) return { ...page, isTruncated: true };
    }
    if (chunk.length < limit) break;
    // Behind a rolled-up prefix the next key of interest may be millions of keys away: seek, and read less the more was read in vain.
    from = rolledUp === undefined ? next(chunk.at(-1)!) : beyond(rolledUp);
    seeks = skipped * 2 >= chunk.length && !delimiter.includes('\0');
    chunkSize = skipped * 2 < chunk.length ? Math.min(chunkSize * 2, chunkMax) : Math.max(1, Math.floor(chunkSize / 4));
  }
  return page;
}

/** False when the page has no room left. */
function take<Row>(page: Listing<Row>, one: { row: Row } | { commonPrefix: string }, max: number): boolean {
  if (page.rows.length + page.commonPrefixes.length === max) return false;
  if ('row' in one) page.rows.push(one.row);
  else page.commonPrefixes.push(one.commonPrefix);
  page.last = one;
  return true;
}

/** The least string that sorts behind every string with this prefix, in code point order (which is UTF-8's); undefined when there is none. */
export function successor(prefix: string): string | undefined {
  const unit = prefix.charCodeAt(prefix.length - 1);
  if (unit < 0x7f) return prefix.slice(0, -1) + String.fromCharCode(unit + 1);
  const points = Array.from(prefix);
  while (points.length > 0) {
    const last = points.pop()!.codePointAt(0)!;
    if (last === 0x10ffff) continue;
    // Surrogates are no characters, so the code point after U+D7FF is U+E000.
    return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}

/** The part of a key up to and including the first delimiter behind the prefix. */
export function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function startOf({ prefix, delimiter, after }: ListQuery): Bound | undefined {
  if (!after || compareUtf8(after[0], prefix) < 0) return [prefix];
  const rolledUp = after[0].startsWith(prefix) ? commonPrefixOf(after[0], prefix, delimiter) : undefined;
  if (rolledUp !== undefined) return beyond(rolledUp);
  // A string's direct successor is itself with a zero behind it.
  return after[1] === undefined ? [`${after[0]}\0`] : [after[0], `${after[1]}\0`];
}

function next(row: { key: string; id?: string }): Bound {
  return row.id === undefined ? [`${row.key}\0`] : [row.key, `${row.id}\0`];
}

function beyond(prefix: string): Bound | undefined {
  const key = successor(prefix);
  return key === undefined ? undefined : [key];
}

/** The order of keys in the store and in listings. */
export function compareUtf8(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}
