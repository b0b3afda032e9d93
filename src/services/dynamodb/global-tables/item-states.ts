/** What members send each other: the state of items as of now, each with its version. Taking the same one twice changes nothing. */

import type { Key, ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { readRecords } from '../change-feeds/feed.ts';
import type { Units } from '../items/capacity.ts';
import { changeEntry, changeItem } from '../items/write.ts';
import { cursorOf, itemKey, spaceRange } from '../storage/keys.ts';
import { decodeRow, getRow, itemOf } from '../storage/rows.ts';
import type { TableIndex } from '../tables/table.ts';
import { attributeOf, type Item } from '../values/attribute-value.ts';
import type { Member, Replication } from './global-table.ts';
import { firstVersion, isLater, parse, putVersion, readVersion, type Version } from './version.ts';

/** `json` is the item, bytes as base64; the key of one that was deleted stands in its version. */
export type ItemState = { version: Version; json?: string };

/** A page of what another member is to be told, and where the next one begins. */
export type Page = { states: ItemState[]; next: number; filling?: Replication['filling']; isLast: boolean };

const statesPerPage = 100;
const bytesPerPage = 2 * 1024 * 1024;

/** What is next to be carried; several changes of one item become one, as on AWS. */
export async function readPage(tx: ReadTransaction, source: Member, link: Replication): Promise<Page> {
  if (!link.filling) return journalPage(tx, source, link);
  return link.filling.what === 'items' ? itemsPage(tx, source, link) : tombstonesPage(tx, source, link);
}

async function journalPage(tx: ReadTransaction, source: Member, link: Replication): Promise<Page> {
  const { account, region, global } = source;
  const asked = { first: link.next, last: Number.MAX_SAFE_INTEGER - 1, count: statesPerPage, bytesMax: bytesPerPage };
  const records = await readRecords(tx, { account, region, space: global.journal }, asked);
  const states = new Map<string, ItemState>();
  let { next } = link;
  let bytes = 0;
  for (const { number, json } of records) {
    const key = itemKey(source, itemOf(JSON.stringify((JSON.parse(json) as { dynamodb: { Keys: object } }).dynamodb.Keys), true));
    const text = Buffer.from(key).toString('latin1');
    const state = states.has(text) ? undefined : await stateOf(tx, source, key);
    if (state) states.set(text, state);
    next = number + 1;
    bytes += state?.json?.length ?? 0;
    if (bytes >= bytesPerPage) break;
  }
  return { states: [...states.values()], next, isLast: records.length === 0 };
}

async function stateOf(tx: ReadTransaction, source: Member, key: Key): Promise<ItemState | undefined> {
  const version = (await readVersion(tx, source, key)) ?? firstVersion;
  if (version.key !== undefined) return { version };
  const row = await getRow(tx, key);
  return row && { version, json: row.json };
}

async function itemsPage(tx: ReadTransaction, source: Member, { next, filling }: Replication): Promise<Page> {
  const rows = await tx.range({ ...spaceRange(source, source.space, filling?.cursor), limit: statesPerPage });
  const states: ItemState[] = [];
  let [bytes, last]: [number, Key | undefined] = [0, undefined];
  for (const [key, value] of rows) {
    const { json } = await decodeRow(tx, key, value);
    states.push({ version: (await readVersion(tx, source, key)) ?? firstVersion, json });
    last = key;
    if ((bytes += json.length) >= bytesPerPage) break;
  }
  return { states, next, filling: last ? { what: 'items', cursor: cursorOf(last) } : { what: 'tombstones' }, isLast: false };
}

async function tombstonesPage(tx: ReadTransaction, source: Member, { next, filling }: Replication): Promise<Page> {
  const rows = await tx.range({ ...spaceRange(source, source.global.versions, filling?.cursor), limit: statesPerPage });
  const states = rows.map(([, value]) => ({ version: parse(value) })).filter(({ version }) => version.key !== undefined);
  const last = rows.at(-1)?.[0];
  return { states, next, ...(last && { filling: { what: 'tombstones', cursor: cursorOf(last) } }), isLast: false };
}

/** Takes a state when it is later than what is there; gives the units that it took, nothing when it was old. */
export async function takeState(
  tx: WriteTransaction,
  table: Member,
  { version, json }: ItemState,
  now: number,
): Promise<Units | undefined> {
  const item = itemOf(json ?? version.key!, true);
  const key = itemKey(table, item);
  const present = await readVersion(tx, table, key);
  // Items of before are sent once, to a table that begins empty: what is there by now is newer.
  const isNews = present ? isLater(version, present) : version.time > 0 || (await tx.get(key)) === undefined;
  if (!isNews) return undefined;
  const taken = await change(tx, table, json === undefined ? undefined : item, item, now);
  if (version.time > 0) await putVersion(tx, table, key, version);
  return taken;
}

/** An item may be older than an index that it does not fit: such an index does without it. */
async function change(tx: WriteTransaction, table: Member, next: Item | undefined, key: Item, now: number): Promise<Units> {
  const unfit = next ? table.indexes.filter((index) => !fits(index, next)) : [];
  const fitting = unfit.length > 0 ? { ...table, indexes: table.indexes.filter((index) => !unfit.includes(index)) } : table;
  const moment = { now, by: 'replication' } as const;
  const { old, units } = await changeItem(tx, fitting, next ? { kind: 'put', key, item: next } : { kind: 'delete', key }, moment);
  for (const index of unfit) await changeEntry(tx, table, index, old && fits(index, old) ? old : undefined, undefined);
  return units;
}

function fits(index: TableIndex, item: Item): boolean {
  return index.keys.every(({ name, type }) => {
    const value = attributeOf(item, name);
    return value === undefined || (value[type] !== undefined && value.S !== '' && value.B?.byteLength !== 0);
  });
}
