/** TransactWriteItems: all or nothing, once for a client request token. */

import { hash } from 'node:crypto';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { checkEnum, checkLength, checkReturns, type Faults } from '../constraints.ts';
import { validationException } from '../errors.ts';
import { addUnits, consumed, newUnits, type Units } from '../items/capacity.ts';
import { checkItem, checkItemSize, checkKey, checkScalarKeys, checkUpdate, refuseEmptyKey } from '../items/key-checks.ts';
import { changeItem, type Change } from '../items/write.ts';
import { requestTokenMilliseconds, transactionActionsMax, transactionBytesMax } from '../limits.ts';
import type { Input, Operation, Output } from '../sdk.ts';
import { itemKey } from '../storage/keys.ts';
import { requireTable } from '../tables/lookup.ts';
import { transactionTokens } from '../tables.ts';
import type { TableRecord } from '../tables/table.ts';
import { admit, spend } from '../throughput/buckets.ts';
import { admitAction, cancelled, reasonOf, type Action } from './actions.ts';

/** Transactions prepare, then commit: each action costs twice. */
const transactionFactor = 2;

export function transactWriteForm(faults: Faults, input: Input<'TransactWriteItems'>): void {
  checkReturns(faults, input);
  checkLength(faults, 'transactItems', input.TransactItems, 1, transactionActionsMax);
  checkLength(faults, 'clientRequestToken', input.ClientRequestToken, 1, 36);
  for (const [at, item] of (input.TransactItems ?? []).entries())
    for (const [kind, action] of Object.entries(item))
      checkEnum(
        faults,
        `transactItems.${at + 1}.member.${kind[0]!.toLowerCase()}${kind.slice(1)}.returnValuesOnConditionCheckFailure`,
        action?.ReturnValuesOnConditionCheckFailure,
        ['ALL_OLD', 'NONE'],
      );
}

export const TransactWriteItems: Operation<'TransactWriteItems'> = async (request, input) => {
  const actions = input.TransactItems!.map((given) => admitAction(request, given));
  let bytes = 0;
  for (const { change } of actions) if (change.kind === 'put') bytes += checkItemSize(change.item);
  if (bytes > transactionBytesMax) throw validationException('Transaction request size cannot exceed 4 MB');
  const token = input.ClientRequestToken;
  const used: Used[] = [];
  if (token === undefined) {
    const output = await request.store.write((tx) => runActions(tx, request, input, actions, used));
    for (const { table, units } of used) spend(request, table, units);
    return output;
  }
  const digest = hash('sha256', ordered([input.TransactItems, input.ReturnConsumedCapacity, input.ReturnItemCollectionMetrics]));
  const output = await request.store.write((tx) =>
    runOnce(tx, request, token, digest, () => runActions(tx, request, input, actions, used)),
  );
  for (const { table, units } of used) spend(request, table, units);
  return output;
};

/** A text of the request in which the order of names means nothing, as it means nothing in items. */
const ordered = (request: unknown): string =>
  JSON.stringify(request, (_name, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });

/** The same token with the same request is answered as before; with another one it is refused. */
export async function runOnce(
  tx: WriteTransaction,
  { account, region, now }: ServiceRequest,
  token: string,
  digest: string,
  runActions: () => Promise<Output<'TransactWriteItems'>>,
): Promise<Output<'TransactWriteItems'>> {
  const known = await transactionTokens.get(tx, account, region, token);
  if (known && known.expires > now) {
    if (known.digest !== digest)
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'Request parameters do not match the parameters of an earlier request with the same client request token.',
      );
    return JSON.parse(known.output) as Output<'TransactWriteItems'>;
  }
  const output = await runActions();
  const row = { account, region, token, digest, expires: now + requestTokenMilliseconds, output: JSON.stringify(output) };
  await transactionTokens.put(tx, row);
  return output;
}

/** What a transaction takes of a table's throughput. */
export type Used = { table: TableRecord; units: Units };

/** All actions or none; `used` is filled with what they took. Throws TransactionCanceledException. */
export async function runActions(
  tx: WriteTransaction,
  request: ServiceRequest,
  input: Pick<Input<'TransactWriteItems'>, 'ReturnConsumedCapacity'>,
  actions: readonly Action[],
  used: Used[],
): Promise<Output<'TransactWriteItems'>> {
  used.length = 0;
  const tables = await checkAll(tx, actions);
  const perTable = new Map<string, Units>();
  const reasons = [];
  for (const [at, { change }] of actions.entries()) {
    try {
      admit(request, tables[at]!, 'write');
      const { units } = await changeItem(tx, tables[at]!, change, request, transactionFactor);
      used.push({ table: tables[at]!, units });
      addAll(perTable, tables[at]!.name, units);
      reasons.push(undefined);
    } catch (error) {
      const reason = reasonOf(error);
      if (!reason) throw error;
      reasons.push(reason);
    }
  }
  // Thrown inside the store's transaction, so that nothing of it stays.
  if (reasons.some((reason) => reason !== undefined)) throw cancelled(reasons);
  const capacities = [...perTable].map(([name, units]) => consumed(input.ReturnConsumedCapacity, name, units, true));
  const told = capacities.filter((capacity) => capacity !== undefined);
  return told.length > 0 ? { ConsumedCapacity: told } : {};
}

function addAll(perTable: Map<string, Units>, name: string, units: Units): void {
  const sum = perTable.get(name) ?? newUnits('write');
  sum.table += units.table;
  for (const [index, count] of units.local) addUnits(sum.local, index, count);
  for (const [index, count] of units.global) addUnits(sum.global, index, count);
  perTable.set(name, sum);
}

/** Keys are checked before anything is done, to the first that is wrong; no item may be named twice. */
async function checkAll(tx: WriteTransaction, actions: readonly Action[]): Promise<TableRecord[]> {
  const tables: TableRecord[] = [];
  const seen = new Set<string>();
  for (const [at, { place, change }] of actions.entries()) {
    const table = await requireTable(tx, place);
    tables.push(table);
    if (change.kind !== 'put') refuseEmptyKey(table, change.key);
    try {
      checkChange(table, change);
      const key = Buffer.from(itemKey(table, change.key)).toString('latin1');
      if (seen.has(key)) throw duplicate();
      seen.add(key);
    } catch (error) {
      const reason = reasonOf(error);
      if (!reason || (error as Error).message === duplicate().message) throw error;
      throw cancelled(actions.map((_, other) => (other === at ? reason : undefined)));
    }
  }
  return tables;
}

const duplicate = (): AwsError => validationException('Transaction request cannot include multiple operations on one item');

function checkChange(table: TableRecord, change: Change): void {
  if (change.kind === 'put') checkItem(table, change.item);
  else checkKey(table, change.key);
  if (change.kind === 'update' && change.update) checkUpdate(table, change.update);
  checkScalarKeys(table, change.condition);
}
