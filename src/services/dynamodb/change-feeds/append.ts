/** Writes a change of an item into the feeds of its table, in the transaction of the change itself. */

import { hash } from 'node:crypto';
import type { WriteTransaction } from '../../../store/store.ts';
import { isMember } from '../global-tables/global-table.ts';
import { stamp } from '../global-tables/version.ts';
import { itemKey } from '../storage/keys.ts';
import { encodeRow, putRow, type Encoded, type Row } from '../storage/rows.ts';
import { rollShard, shardMilliseconds } from '../streams/shards.ts';
import { feedHeads } from '../tables.ts';
import type { TableRecord } from '../tables/table.ts';
import { newItem, type Item } from '../values/attribute-value.ts';
import { equalValues } from '../values/compare.ts';
import { headOf, recordKey, sequenceNumber, type Feed } from './feed.ts';

/** The moment of a change in cloud time, and what made it when nobody called. */
export type Moment = { now: number; by?: 'timeToLive' | 'replication' };

export type ItemChange = { row: Row | undefined; next: Item | undefined; encoded: Encoded | undefined };

/** A change that leaves the item as it was is none. */
export async function appendChange(tx: WriteTransaction, table: TableRecord, change: ItemChange, moment: Moment): Promise<void> {
  const { row, next, encoded } = change;
  if (row ? encoded !== undefined && isSame(row, next!, encoded) : !encoded) return;
  const key = newItem();
  for (const { name } of table.keys) key[name] = (next ?? row!.item)[name]!;
  const keys = encodeRow(key, undefined);
  const isReplicated = moment.by === 'replication';
  if (isMember(table) && !isReplicated)
    await stamp(tx, table, { store: itemKey(table, key), json: keys.json }, next === undefined, moment.now);
  // What came from another region does not go there again.
  for (const feed of table.feeds ?? [])
    if (!isReplicated || feed.kind !== 'replication') await appendTo(tx, table, feed, change, keys, moment);
}

function isSame(row: Row, next: Item, encoded: Encoded): boolean {
  return row.json === encoded.json || (row.bytes === encoded.bytes && equalValues({ M: row.item }, { M: next }));
}

async function appendTo(
  tx: WriteTransaction,
  table: TableRecord,
  feed: Feed,
  change: ItemChange,
  keys: Encoded,
  moment: Moment,
): Promise<void> {
  const { account, region } = table;
  const place = { account, region, space: feed.space };
  const head = await headOf(tx, place, moment.now);
  if (feed.kind === 'stream' && moment.now - head.shardStarted >= shardMilliseconds) {
    await rollShard(tx, table, head, moment.now);
    head.shardStarted = moment.now;
  }
  await putRow(tx, recordKey(place, head.next), recordOf(table, feed, change, keys, moment, head.next));
  await feedHeads.put(tx, { ...head, next: head.next + 1 });
}

/** The record as GetRecords answers it; its number and what follows it stand last, behind everything that a stranger wrote. */
function recordOf(
  { region, sse }: TableRecord,
  { space, view }: Feed,
  { row, encoded }: ItemChange,
  keys: Encoded,
  { now, by }: Moment,
  number: number,
): Encoded {
  const newImage = view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? encoded : undefined;
  const oldImage = view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? row : undefined;
  const bytes = keys.bytes + (newImage?.bytes ?? 0) + (oldImage?.bytes ?? 0);
  const seconds = Math.floor(now / 1_000);
  const name = !row ? 'INSERT' : !encoded ? 'REMOVE' : 'MODIFY';
  const identity = by === 'timeToLive' ? '"userIdentity":{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"},' : '';
  const json =
    `{"eventID":"${hash('md5', `${space} ${number}`)}","eventName":"${name}","eventVersion":"1.1","eventSource":"aws:dynamodb",` +
    `"awsRegion":"${region}",${identity}"dynamodb":{"ApproximateCreationDateTime":${seconds},"Keys":${keys.json},` +
    (newImage ? `"NewImage":${newImage.json},` : '') +
    (oldImage ? `"OldImage":${oldImage.json},` : '') +
    `"SequenceNumber":"${sequenceNumber(number)}","SizeBytes":${bytes},"StreamViewType":"${view}"}}`;
  return { bytes, pageBytes: seconds, binary: true, json, ...(sse && { seal: sse.dataKey }) };
}
