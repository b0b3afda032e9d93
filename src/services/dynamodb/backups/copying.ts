/** Copies rows from one space to another, page by page, and undoes what a feed tells. */

import { below, extendKey } from '../../../store/keys.ts';
import type { Key, WriteTransaction } from '../../../store/store.ts';
import { readRecords, type FeedPlace } from '../change-feeds/feed.ts';
import { cursorOf, itemKey, spacePrefix, spaceRange } from '../storage/keys.ts';
import { decodeRow, deleteRow, encodeRow, getRow, itemOf, putRow, type Encoded, type Row } from '../storage/rows.ts';
import type { TableRecord } from '../tables/table.ts';
import type { Item } from '../values/attribute-value.ts';

const rowsPerPage = 100;
const undoneBytesPerPage = 1024 * 1024;

export type Copied = {
  /** The last key that was copied, in base64; undefined when there is no more. */ cursor: string | undefined;
  bytes: number;
};

/** Copies the next page after a cursor, sealed as it was or as `seal` says; `also` is given each row that was copied. */
export async function copyPage(
  tx: WriteTransaction,
  from: FeedPlace,
  to: FeedPlace,
  cursor: string | undefined,
  { seal, also }: { seal?: (row: Row) => Encoded; also?: (row: Row) => Promise<void> } = {},
): Promise<Copied> {
  const source = spacePrefix(from, from.space);
  const rows = await tx.range({ ...spaceRange(from, from.space, cursor), limit: rowsPerPage });
  const target = spacePrefix(to, to.space);
  let bytes = 0;
  for (const [key, value] of rows) {
    const row = await decodeRow(tx, key, value);
    await putRow(tx, Buffer.concat([target, key.subarray(source.length)]), seal ? seal(row) : row);
    bytes += row.bytes;
    await also?.(row);
  }
  return { cursor: rows.length === rowsPerPage ? cursorOf(rows.at(-1)![0]) : undefined, bytes };
}

type Told = { eventName: string; dynamodb: { Keys: object; OldImage?: object } };

/**
 * Undoes the changes of a feed from number `last` downwards, as far as `isAfter` says that they are too new, and a page at most. Gives
 * the number from which to go on; undefined when it is done. `table` is where the rows lie; `also` is given each item before and after.
 */
export async function undoPage(
  tx: WriteTransaction,
  feed: FeedPlace,
  table: TableRecord,
  last: number,
  isAfter: (at: number) => boolean,
  also?: (before: Item | undefined, after: Item | undefined) => Promise<void>,
): Promise<number | undefined> {
  let bytes = 0;
  for (let number = last; number >= 1; number--) {
    if (bytes > undoneBytesPerPage || last - number >= rowsPerPage) return number;
    const [record] = await readRecords(tx, feed, { first: number, last: number, count: 1, bytesMax: 1 });
    if (!record || !isAfter(record.at)) return undefined;
    bytes += record.bytes;
    const { dynamodb } = JSON.parse(record.json) as Told;
    const revived = (item: object): Item => itemOf(JSON.stringify(item), true);
    const key = itemKey(table, revived(dynamodb.Keys));
    const row = await getRow(tx, key);
    const before = dynamodb.OldImage && revived(dynamodb.OldImage);
    if (before) await putRow(tx, key, encodeRow(before, table.keys[1]?.name, table.sse?.dataKey), row?.parts);
    else if (row) await deleteRow(tx, key, row.parts);
    await also?.(row?.item, before);
  }
  return undefined;
}

/** The keys of a feed's records that are older than a moment, a page of them. */
export async function oldRecords(tx: WriteTransaction, feed: FeedPlace, before: number): Promise<{ key: Key; parts: number }[]> {
  const { gte, lt } = below(spacePrefix(feed, feed.space));
  const found: { key: Key; parts: number }[] = [];
  for (const [key, value] of await tx.range({ gte, lt, limit: rowsPerPage })) {
    const row = await decodeRow(tx, key, value);
    if (row.pageBytes * 1_000 > before) break;
    found.push({ key: extendKey(key, []), parts: row.parts });
  }
  return found;
}
