/**
 * The reconciler of tables' keys: opens them for DynamoDB's own work, tells which KMS refuses, seals rows of before, and lets keys go
 * under which nothing lies any more.
 */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { justAfter } from '../../../store/keys.ts';
import type { Key, Store, WriteTransaction } from '../../../store/store.ts';
import { keyReuseMilliseconds, keyWithoutTableMilliseconds, kmsRetryMilliseconds } from '../limits.ts';
import { spaceRange } from '../storage/keys.ts';
import { decodeRow, putRow, sealedAs } from '../storage/rows.ts';
import { closeTableKey } from '../storage/table-keys.ts';
import { backups, tableKeys, tables, type TableKey } from '../tables.ts';
import { retireGrant } from './encryption.ts';
import { asDynamodb, openForOwnWork, unlessInaccessible } from './own-work.ts';
import { allIndexes, type TableRecord } from './table.ts';

const rowsPerPage = 200;

/** What KMS said of data keys, by how they are wrapped: commits wake the keeper more often than KMS is to be asked. */
type Answer = { /** Undefined where it could not be asked. */ isOpen: boolean | undefined; until: number };
const answers = new WeakMap<Store, Map<string, Answer>>();

export const keyKeeper: Reconciler = {
  name: 'dynamodb/table-keys',
  watches: [tableKeys],
  async run(context) {
    const before = answers.get(context.store);
    const after = new Map<string, Answer>();
    let nextAt = Infinity;
    for await (const row of tableKeys.each(context.store)) {
      context.signal.throwIfAborted();
      const answer = await ask(context, row, before?.get(row.blob));
      after.set(row.blob, answer);
      nextAt = Math.min(nextAt, answer.until);
      // What KMS has refused since is no trouble of the other keys.
      if (!(await unlessInaccessible(context, () => keep(context, row, answer.isOpen)))) nextAt = Math.min(nextAt, soonAgain(context));
    }
    answers.set(context.store, after);
    return nextAt === Infinity ? {} : { nextAt };
  },
};

const soonAgain = ({ clock }: ReconcilerContext): number => clock.now() + kmsRetryMilliseconds;

async function ask(context: ReconcilerContext, row: TableKey, known: Answer | undefined): Promise<Answer> {
  const now = context.clock.now();
  if (known && now < known.until) return known;
  const opening = await openForOwnWork(context, row);
  // A KMS that fails says nothing of the key: it stays what it was.
  if (opening === 'silent') return { isOpen: undefined, until: now + kmsRetryMilliseconds };
  return { isOpen: opening === 'open', until: now + keyReuseMilliseconds };
}

async function keep(context: ReconcilerContext, row: TableKey, isOpen: boolean | undefined): Promise<void> {
  const table = await context.store.write((tx) => note(tx, row, isOpen, context.clock.now()));
  if (table?.sse?.sealing && isOpen) await sealRows(context, table);
  if (!table && (await isForsaken(context, row))) await forget(context, row);
}

/** The table whose key it is, with what is now known of it; undefined when it has gone. */
async function note(tx: WriteTransaction, { id, account, region, table: name }: TableKey, isOpen: boolean | undefined, now: number) {
  const table = await tables.get(tx, account, region, name);
  if (table?.sse?.dataKey !== id) return undefined;
  const { inaccessible, ...sse } = table.sse;
  if (isOpen === undefined || isOpen === (inaccessible === undefined)) return table;
  const changed = { ...table, sse: isOpen ? sse : { ...sse, inaccessible: now } };
  await tables.put(tx, changed);
  return changed;
}

async function sealRows({ store, signal }: ReconcilerContext, { account, region, name }: TableRecord): Promise<void> {
  const spaces = await store.read(async (tx) => {
    const table = await tables.get(tx, account, region, name);
    return table ? [table, ...allIndexes(table)].map(({ space }) => space) : [];
  });
  for (const space of spaces) {
    let { gte: from, lt } = spaceRange({ account, region }, space, undefined);
    for (let more = true; more;) {
      signal.throwIfAborted();
      const last: Key | undefined = await store.write((tx) => sealPage(tx, { account, region, name }, { gte: from, lt }));
      more = last !== undefined;
      if (last) from = justAfter(last);
    }
  }
  await store.write(async (tx) => {
    const table = await tables.get(tx, account, region, name);
    if (!table?.sse?.sealing) return;
    const { sealing: _, ...sse } = table.sse;
    await tables.put(tx, { ...table, sse });
  });
}

/** Gives the last key of a page after which there may be more. */
async function sealPage(
  tx: WriteTransaction,
  { account, region, name }: Pick<TableRecord, 'account' | 'region' | 'name'>,
  range: { gte: Key; lt: Key },
): Promise<Key | undefined> {
  const seal = (await tables.get(tx, account, region, name))?.sse?.dataKey;
  if (seal === undefined) return undefined;
  const rows = await tx.range({ ...range, limit: rowsPerPage });
  for (const [key, value] of rows) {
    const row = await decodeRow(tx, key, value);
    if (row.seal !== seal) await putRow(tx, key, sealedAs(row, seal), row.parts);
  }
  return rows.length === rowsPerPage ? rows.at(-1)![0] : undefined;
}

/** Records of a stream outlive their table by a day, backups for as long as they are kept. */
async function isForsaken({ store, clock }: ReconcilerContext, row: TableKey): Promise<boolean> {
  return store.write(async (tx) => {
    if (await backups.find(tx, 'dataKey', row.id)) return false;
    const now = clock.now();
    if (row.orphaned === undefined) await tableKeys.put(tx, { ...row, orphaned: now });
    return row.orphaned !== undefined && row.orphaned + keyWithoutTableMilliseconds < now;
  });
}

async function forget(context: ReconcilerContext, row: TableKey): Promise<void> {
  const refusal = row.grant && (await retireGrant(asDynamodb(context, row), row.grant));
  if (refusal !== undefined) context.log(`the grant of table ${row.table} stays: ${refusal}`);
  closeTableKey(row.id);
  await context.store.write((tx) => tableKeys.delete(tx, row.id));
}
