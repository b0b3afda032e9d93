/** What an incremental export tells: of each item that changed within its window the image before it and the image at its end. */

import type { Key, WriteTransaction } from '../../../store/store.ts';
import { headOf, readRecords, type FeedRecord } from '../change-feeds/feed.ts';
import { cursorOf, itemKey, spaceRange } from '../storage/keys.ts';
import { decodeRow, getRow, itemOf, putRow } from '../storage/rows.ts';
import { historyOf, type Export, type ExportStep } from './export.ts';

/** A change as its row holds it, in the JSON of items. `new` is absent until it is known, and null where the item is no more. */
export type Change = { keys: object; old: object | null; new?: object | null; /** Milliseconds since the epoch. */ at: number };

const recordsPerPage = 100;
const rowsPerPage = 100;
const bytesPerPage = 1024 * 1024;
/** How many pages of newer changes one transaction takes in before it looks at the table. */
const pagesMax = 20;

/** Notes the changes of the window, oldest first, a page of them. Zero stands for the beginning, which is looked for first. */
export async function collectPage(tx: WriteTransaction, made: Export, from: number): Promise<ExportStep> {
  const { from: begin, to } = made.window!;
  const history = historyOf(made);
  const next = from === 0 ? await firstSince(tx, made, begin) : from;
  const records = await readRecords(tx, history, {
    first: next,
    last: Number.MAX_SAFE_INTEGER - 1,
    count: recordsPerPage,
    bytesMax: bytesPerPage,
  });
  for (const record of records) {
    if (record.at >= to) return { name: 'resolve', at: record.number };
    const { Keys: keys, OldImage: old = null } = toldBy(record);
    const { key, change, parts } = await changeOf(tx, made, keys);
    await putChange(tx, key, change ? { ...change, at: record.at } : { keys, old, at: record.at }, parts);
  }
  const after = (records.at(-1)?.number ?? next - 1) + 1;
  return records.length === 0 ? { name: 'resolve', at: after } : { name: 'collect', at: after };
}

/** The first record that is not older than a moment: they are in order, and the oldest may be gone. */
async function firstSince(tx: WriteTransaction, made: Export, moment: number): Promise<number> {
  const history = historyOf(made);
  let [low, high] = [1, (await headOf(tx, history, moment)).next];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [record] = await readRecords(tx, history, { first: middle, last: high - 1, count: 1, bytesMax: 1 });
    if (record && record.at < moment) low = record.number + 1;
    else high = middle;
  }
  return low;
}

/**
 * Finds the image at the end of the window: the next change after it tells what it replaced; where there is none, the item is what it is now.
 * The table is only looked at in a transaction that has seen its last change.
 */
export async function resolvePage(
  tx: WriteTransaction,
  made: Export,
  step: ExportStep & { name: 'resolve' },
  now: number,
): Promise<ExportStep> {
  let { at } = step;
  const history = historyOf(made);
  const { next } = await headOf(tx, history, now);
  for (let page = 0; at < next; page++) {
    if (page >= pagesMax) return { ...step, at };
    const records = await readRecords(tx, history, { first: at, last: next - 1, count: recordsPerPage, bytesMax: bytesPerPage });
    for (const record of records) {
      const { Keys: keys, OldImage: old = null } = toldBy(record);
      const { key, change, parts } = await changeOf(tx, made, keys);
      if (change && change.new === undefined) await putChange(tx, key, { ...change, new: old }, parts);
    }
    at = records.length === 0 ? next : records.at(-1)!.number + 1;
  }
  const cursor = await resolveByTable(tx, made, step.cursor);
  return cursor === undefined ? { name: 'write' } : { name: 'resolve', at, cursor };
}

async function resolveByTable(tx: WriteTransaction, made: Export, cursor: string | undefined): Promise<string | undefined> {
  const rows = await tx.range({ ...spaceRange(made, made.space, cursor), limit: rowsPerPage });
  for (const [key, value] of rows) {
    const { json, parts } = await decodeRow(tx, key, value);
    const change = JSON.parse(json) as Change;
    if (change.new !== undefined) continue;
    const row = await getRow(tx, itemKey(made.table, itemOf(JSON.stringify(change.keys), true)));
    await putChange(tx, key, { ...change, new: row ? (JSON.parse(row.json) as object) : null }, parts);
  }
  return rows.length === rowsPerPage ? cursorOf(rows.at(-1)![0]) : undefined;
}

type Told = { Keys: object; OldImage?: object };

const toldBy = ({ json }: FeedRecord): Told => (JSON.parse(json) as { dynamodb: Told }).dynamodb;

async function changeOf(
  tx: WriteTransaction,
  { table, space }: Export,
  keys: object,
): Promise<{ key: Key; change: Change | undefined; parts: number }> {
  const key = itemKey({ ...table, space }, itemOf(JSON.stringify(keys), true));
  const row = await getRow(tx, key);
  return { key, change: row && (JSON.parse(row.json) as Change), parts: row?.parts ?? 0 };
}

async function putChange(tx: WriteTransaction, key: Key, change: Change, parts: number): Promise<void> {
  await putRow(tx, key, { bytes: 0, pageBytes: 0, binary: false, json: JSON.stringify(change) }, parts);
}
