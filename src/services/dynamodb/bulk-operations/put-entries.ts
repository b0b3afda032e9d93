/** Puts a page of entries into the table, in one transaction with how far the operation has come and what is to be reported. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { compileExpressions } from '../expressions/compile.ts';
import type { Entry } from '../imports/entries.ts';
import { totalUnits } from '../items/capacity.ts';
import { checkItem, checkItemSize, checkScalarKeys } from '../items/key-checks.ts';
import { changeItem, entryOf } from '../items/write.ts';
import { bulkOperations, tables } from '../tables.ts';
import type { TableRecord } from '../tables/table.ts';
import { admitItem } from '../values/admit.ts';
import type { Item } from '../values/attribute-value.ts';
import { itemBytes } from '../values/size.ts';
import { isRunning, secondMilliseconds, type BulkBytes, type BulkOperation } from './bulk-operation.ts';
import { noteFailure, type Failure } from './reports.ts';

type Object = { key: string; bytes: number };

/** `isLast` where the object ends with them. Gives the operation as it is then; undefined when it has gone. */
export async function putEntries(
  tx: WriteTransaction,
  { account, region, id }: BulkOperation,
  page: readonly Entry[],
  object: Object,
  isLast: boolean,
  now: number,
): Promise<BulkOperation | undefined> {
  const made = await bulkOperations.get(tx, account, region, id);
  if (!made || !isRunning(made)) return made;
  const table = await tables.get(tx, account, region, made.tableName);
  // Noticed by the next pass.
  if (table?.id !== made.tableId) return made;
  const tally = { failed: 0, unmet: 0, units: 0, written: structuredClone(made.written) };
  for (const [at, entry] of page.entries()) {
    const failure = await putOne(tx, table, entry, tally, now);
    if (!failure) continue;
    const number = made.processed + at;
    if (failure.type === 'ERROR') tally.failed++;
    else tally.unmet++;
    await noteFailure(tx, made, table, number, { ...failure, object: object.key, entry: made.entries + at + 1 });
  }
  const isSameSecond = made.second && now < made.second.began + secondMilliseconds;
  const second = { began: isSameSecond ? made.second!.began : now, units: (isSameSecond ? made.second!.units : 0) + tally.units };
  const next: BulkOperation = {
    ...made,
    processed: made.processed + page.length,
    failed: made.failed + tally.failed,
    unmet: made.unmet + tally.unmet,
    written: tally.written,
    second,
    ...(isLast ? { entries: 0, after: object.key, readBytes: made.readBytes + object.bytes } : { entries: made.entries + page.length }),
  };
  await bulkOperations.put(tx, next);
  return next;
}

type Tally = { units: number; written: BulkBytes };

/** Undefined when the item was written. */
async function putOne(
  tx: WriteTransaction,
  table: TableRecord,
  { item: given, condition }: Entry,
  tally: Tally,
  now: number,
): Promise<Failure | undefined> {
  if (!given || condition === 'malformed')
    return { type: 'ERROR', code: 'ParseError', message: 'The entry is no item in the format of the input.' };
  try {
    const item = admitItem(given);
    checkItem(table, item);
    checkItemSize(item);
    const compiled = condition && compileExpressions(condition).condition;
    checkScalarKeys(table, compiled);
    const { units } = await changeItem(tx, table, { kind: 'put', key: item, item, condition: compiled, tellItem: true }, { now });
    tally.units += totalUnits(units);
    for (const [name, bytes] of units.vector ?? []) tally.written.vector[name] = (tally.written.vector[name] ?? 0) + bytes;
    count(tally.written, table, item);
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'ConditionalCheckFailedException')
      return {
        type: 'CONDITION_CHECK_FAILURE',
        code: error.code,
        message: error.message,
        item: given,
        existing: error.fields?.['Item'] as Item,
      };
    if (error.code !== 'ValidationException') throw error;
    return { type: 'ERROR', code: error.code, message: error.message, item: given };
  }
}

function count(written: BulkBytes, table: TableRecord, item: Item): void {
  written.table += itemBytes(item);
  for (const index of table.indexes) {
    const entry = entryOf(table, index, item);
    if (entry) written[index.kind][index.name] = (written[index.kind][index.name] ?? 0) + itemBytes(entry);
  }
}

/** An object that cannot be read on is told of once, and done with. */
export async function noteObject(
  tx: WriteTransaction,
  { account, region, id }: BulkOperation,
  table: TableRecord,
  object: Object,
  message: string,
): Promise<void> {
  const made = await bulkOperations.get(tx, account, region, id);
  if (!made || !isRunning(made)) return;
  await noteFailure(tx, made, table, made.processed, { type: 'ERROR', code: 'InvalidObject', message, object: object.key, entry: 0 });
  await bulkOperations.put(tx, {
    ...{ ...made, processed: made.processed + 1, failed: made.failed + 1 },
    ...{ entries: 0, after: object.key, readBytes: made.readBytes + object.bytes },
  });
}
