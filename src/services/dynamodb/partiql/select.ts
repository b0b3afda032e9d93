/** Runs SELECT: the stretches of the table that the clause names, one after the other, else all of it; page by page. */

import { hash } from 'node:crypto';
import { below } from '../../../store/keys.ts';
import type { Key, ReadTransaction } from '../../../store/store.ts';
import type { KeyRange } from '../expressions/contract.ts';
import { validationException } from '../errors.ts';
import { addUnits, newUnits, type Units } from '../items/capacity.ts';
import { checkKey, checkScalarKeys } from '../items/key-checks.ts';
import { keyOf } from '../items/write.ts';
import { pageBytesMax } from '../limits.ts';
import { readPage, startAt, stretchOf, type Page } from '../queries/page.ts';
import { indexOf, needsWhole } from '../queries/selection.ts';
import { indexEntryKey, itemKey, spacePrefix } from '../storage/keys.ts';
import { requireTable, type TablePlace } from '../tables/lookup.ts';
import type { TableIndex, TableRecord } from '../tables/table.ts';
import { admitItem } from '../values/admit.ts';
import type { Item } from '../values/attribute-value.ts';
import { compareValues } from '../values/compare.ts';
import { partitionKeys, sortKeys, type KeySchema } from '../values/key-schema.ts';
import type { SelectPlan } from './contract.ts';
import { readsOf } from './where.ts';

export type Asked = {
  statement: string;
  consistent: boolean | undefined;
  /** How many items are looked at, at most. */
  limit: number | undefined;
  token: string | undefined;
};

export type Selected = { table: TableRecord; items: Item[]; units: Units; token: string | undefined; last: Item | undefined };

/** Where a page ended: in which stretch, and after which key of it; bound to its statement. */
type Position = { statement: string; stretch: number; after?: Item };

export async function select(tx: ReadTransaction, place: TablePlace, plan: SelectPlan, asked: Asked): Promise<Selected> {
  const table = await requireTable(tx, place);
  const index = indexOf(table, { TableName: plan.table, IndexName: plan.index, ConsistentRead: asked.consistent });
  checkScalarKeys(table, plan.projection);
  checkScalarKeys(table, plan.where?.condition);
  const whole = needsWhole(table, index, { TableName: plan.table }, plan.projection);
  const keys = index?.keys ?? table.keys;
  const reads = readsOf(plan.where, keys);
  const reverse = orderReads(plan, keys, reads);
  const stretches = reads?.map((range) => stretchOf(table, index, range)) ?? [below(spacePrefix(table, index?.space ?? table.space))];
  const start = asked.token === undefined ? undefined : positionOf(asked.token, asked.statement, table, index);
  const selected: Selected = { table, items: [], units: newUnits('read'), token: undefined, last: undefined };
  let left = asked.limit ?? Infinity;
  let bytes = 0;
  for (let at = start?.stretch ?? 0; at < stretches.length; at++) {
    let range = stretches[at]!;
    if (at === start?.stretch && start.after) range = startAt(range, keyIn(table, index, start.after), reverse);
    const page = await readPage(tx, {
      table,
      index,
      range,
      reverse,
      limit: left === Infinity ? undefined : left,
      consistent: asked.consistent,
      whole,
    });
    addPage(selected, page, plan);
    left -= page.rows.length;
    for (const row of page.rows) bytes += row.bytes;
    const next = page.last ? { stretch: at, after: page.last } : { stretch: at + 1 };
    if (!page.last && (at + 1 === stretches.length || (left > 0 && bytes < pageBytesMax))) continue;
    selected.token = tokenOf({ statement: fingerprint(asked.statement), ...next });
    selected.last = page.last;
    break;
  }
  return selected;
}

function addPage(selected: Selected, page: Page, plan: SelectPlan): void {
  for (const { item } of page.rows) {
    if (plan.where && !plan.where.condition.matches(item)) continue;
    selected.items.push(plan.projection ? plan.projection.project(item) : item);
  }
  selected.units.table += page.units.table;
  for (const kind of ['local', 'global'] as const)
    for (const [name, units] of page.units[kind]) addUnits(selected.units[kind], name, units);
}

/** Sorts the stretches as ORDER BY asks; true when each is to be read backwards. */
function orderReads({ orderBy }: SelectPlan, keys: KeySchema, reads: KeyRange[] | undefined): boolean {
  if (orderBy.length === 0) return false;
  const other = orderBy.find(({ name }) => !keys.some((key) => key.name === name));
  if (other) throw validationException(`Variable reference ${other.name} in ORDER BY clause must be part of the primary key`);
  if (!reads)
    throw validationException('Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.');
  const hashes = partitionKeys(keys).map(({ name }) => name);
  const partitions = orderBy.filter(({ name }) => hashes.includes(name));
  if (partitions.length < hashes.length && reads.length > 1) {
    throw validationException('Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.');
  }
  reads.sort((one, two) => {
    for (const { name, descending } of partitions) {
      const at = hashes.indexOf(name);
      const order = compareValues(one.partition[at]!, two.partition[at]!)! * (descending ? -1 : 1);
      if (order !== 0) return order;
    }
    return 0;
  });
  return isReverse(orderBy, keys, reads[0]);
}

/** Items of a stretch lie in the order of all sort attributes, which can be read in either direction alone. */
function isReverse(orderBy: SelectPlan['orderBy'], keys: KeySchema, read: KeyRange | undefined): boolean {
  const sorts = sortKeys(keys).map(({ name }) => name);
  const asked = orderBy.filter(({ name }) => sorts.includes(name));
  // What is equal everywhere in a stretch may be left out.
  const fixed = sorts.slice(0, read?.equal.length ?? 0);
  const wanted = sorts.filter((name) => !fixed.includes(name) || asked.some((one) => one.name === name));
  if (asked.some(({ name }, at) => name !== wanted[at]))
    throw validationException('ORDER BY clause must name the sort key attributes of the index from left to right');
  const { descending } = asked[0] ?? { descending: false };
  if (asked.some((one) => one.descending !== descending))
    throw validationException('ORDER BY clause must have one direction for all sort key attributes of the index');
  return descending;
}

const keyIn = (table: TableRecord, index: TableIndex | undefined, item: Item): Key =>
  index ? indexEntryKey(table, index, item) : itemKey(table, item);

const fingerprint = (statement: string): string => hash('sha256', statement, 'base64url').slice(0, 16);

/** Bytes do not survive JSON by themselves. */
function tokenOf(position: Position): string {
  const text = JSON.stringify(position, (_name, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  );
  return Buffer.from(text).toString('base64url');
}

function positionOf(token: string, statement: string, table: TableRecord, index: TableIndex | undefined): Position {
  const position = decode(token);
  if (position.statement !== fingerprint(statement)) throw validationException('NextToken does not match request');
  if (position.after === undefined) return position;
  try {
    const after = admitItem(position.after);
    checkKey(table, keyOf(table, after));
    if (index?.keys.some(({ name, type }) => after[name]?.[type] === undefined)) throw validationException('a key is missing');
    return { ...position, after };
  } catch (error) {
    throw invalidToken(error);
  }
}

function decode(token: string): Position {
  try {
    const text = Buffer.from(token, 'base64url').toString();
    const position = JSON.parse(text, (_name, value: unknown) =>
      typeof value === 'object' && value !== null && 'base64' in value && typeof value.base64 === 'string'
        ? Buffer.from(value.base64, 'base64')
        : value,
    ) as Position;
    if (Number.isSafeInteger(position.stretch) && position.stretch >= 0) return position;
  } catch (error) {
    throw invalidToken(error);
  }
  throw invalidToken();
}

function invalidToken(cause?: unknown): Error {
  const error = validationException('Invalid NextToken');
  if (cause !== undefined) error.cause = cause;
  return error;
}
