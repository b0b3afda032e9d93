/** Runs INSERT, UPDATE and DELETE: each changes one item, through the same writer as all calls. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { admit } from '../throughput/buckets.ts';
import type { CompiledCondition } from '../expressions/contract.ts';
import { checkItem, checkItemSize, checkKey, checkScalarKeys, checkUpdate } from '../items/key-checks.ts';
import { changeItem, type Change, type Changed } from '../items/write.ts';
import { requireTable, type TablePlace } from '../tables/lookup.ts';
import type { TableRecord } from '../tables/table.ts';
import type { Item } from '../values/attribute-value.ts';
import type { DeletePlan, InsertPlan, Returning, UpdatePlan } from './contract.ts';
import { singleItem } from './where.ts';

export type ChangePlan = InsertPlan | UpdatePlan | DeletePlan;

const duplicateItem = (): AwsError => new AwsError('DuplicateItemException', 'Duplicate primary key exists in table');

/** Throws DuplicateItemException and ConditionalCheckFailedException; the latter tells the item when it is asked to. */
export async function change(
  tx: WriteTransaction,
  request: ServiceRequest,
  place: TablePlace,
  plan: ChangePlan,
  tellItem: boolean,
): Promise<{ table: TableRecord; changed: Changed; returned: Item | undefined }> {
  const table = await requireTable(tx, place);
  admit(request, table, 'write');
  const changed = await changeItem(tx, table, { ...changeOf(table, plan), tellItem }, request);
  return { table, changed, returned: returnedOf(plan, changed) };
}

/** The change that a statement asks for, its key taken from its WHERE clause. Throws ValidationException. */
export function changeOf(table: TableRecord, plan: ChangePlan): Change {
  if (plan.kind === 'insert') {
    checkItem(table, plan.item);
    checkItemSize(plan.item);
    return { kind: 'put', key: plan.item, item: plan.item, condition: isAbsent };
  }
  const { key, condition } = singleItem(plan.where, table.keys);
  checkKey(table, key);
  checkScalarKeys(table, condition);
  if (plan.kind === 'update') {
    checkUpdate(table, plan.update);
    return { kind: 'update', key, condition, update: plan.update };
  }
  // What is not there need not be deleted.
  return { kind: 'delete', key, condition: { ...condition, matches: (item) => item === undefined || condition.matches(item) } };
}

const isAbsent: CompiledCondition = {
  heads: new Set(),
  nestedHeads: new Set(),
  matches: (item) => {
    if (item !== undefined) throw duplicateItem();
    return true;
  },
};

function returnedOf(plan: ChangePlan, { old, next }: Changed): Item | undefined {
  if (plan.kind === 'insert' || plan.returning === undefined) return undefined;
  const source = (plan.returning satisfies Returning).endsWith('OLD') ? old : next;
  if (source === undefined || plan.kind === 'delete' || plan.returning.startsWith('ALL')) return source;
  return plan.update.touched(source);
}
