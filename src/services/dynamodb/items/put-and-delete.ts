/** PutItem and DeleteItem. */

import { validationException } from '../errors.ts';
import { compileExpressions } from '../expressions/compile.ts';
import { checkParameters } from '../expressions/parameters.ts';
import type { Operation } from '../sdk.ts';
import { placeOf, requireTable } from '../tables/lookup.ts';
import { admit, spend } from '../throughput/buckets.ts';
import { admitItem } from '../values/admit.ts';
import { consumed } from './capacity.ts';
import { checkItem, checkItemSize, checkKey, checkScalarKeys } from './key-checks.ts';
import { collectionMetrics, conditionOf, legacyCondition } from './request.ts';
import { changeItem } from './write.ts';

export const PutItem: Operation<'PutItem'> = async (request, input) => {
  checkParameters(input, ['ConditionExpression'], ['Expected', 'ConditionalOperator']);
  const item = admitItem(input.Item!);
  checkReturnValues(input.ReturnValues);
  checkItemSize(item);
  const legacy = legacyCondition(input);
  const condition = conditionOf(compileExpressions(input), legacy);
  const place = placeOf(request, input.TableName!);
  const { changed, table } = await request.store.write(async (tx) => {
    const table = await requireTable(tx, place);
    checkItem(table, item);
    checkScalarKeys(table, condition);
    admit(request, table, 'write');
    const change = { kind: 'put', key: item, item, condition, tellItem: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' } as const;
    return { changed: await changeItem(tx, table, change, request), table };
  });
  spend(request, table, changed.units);
  const old = input.ReturnValues === 'ALL_OLD' ? changed.old : undefined;
  return answer(input, { ...(old && { Attributes: old }) }, table, item, changed.units);
};

export const DeleteItem: Operation<'DeleteItem'> = async (request, input) => {
  checkParameters(input, ['ConditionExpression'], ['Expected', 'ConditionalOperator']);
  const key = admitItem(input.Key!);
  checkReturnValues(input.ReturnValues);
  const legacy = legacyCondition(input);
  const condition = conditionOf(compileExpressions(input), legacy);
  const place = placeOf(request, input.TableName!);
  const { changed, table } = await request.store.write(async (tx) => {
    const table = await requireTable(tx, place);
    checkKey(table, key);
    checkScalarKeys(table, condition);
    admit(request, table, 'write');
    const change = { kind: 'delete', key, condition, tellItem: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' } as const;
    return { changed: await changeItem(tx, table, change, request), table };
  });
  spend(request, table, changed.units);
  const old = input.ReturnValues === 'ALL_OLD' ? changed.old : undefined;
  return answer(input, { ...(old && { Attributes: old }) }, table, key, changed.units);
};

function checkReturnValues(asked: string | undefined): void {
  if (asked !== undefined && asked !== 'ALL_OLD' && asked !== 'NONE') throw validationException('ReturnValues can only be ALL_OLD or NONE');
}

type Asked = {
  TableName: string | undefined;
  ReturnConsumedCapacity?: string | undefined;
  ReturnItemCollectionMetrics?: string | undefined;
};

/** An answer with what was asked for beside it. */
export function answer<T extends object>(
  input: Asked,
  output: T,
  table: Parameters<typeof collectionMetrics>[1],
  item: Parameters<typeof collectionMetrics>[2],
  units: Parameters<typeof consumed>[2],
): T & {
  ConsumedCapacity?: NonNullable<ReturnType<typeof consumed>>;
  ItemCollectionMetrics?: NonNullable<ReturnType<typeof collectionMetrics>>;
} {
  const capacity = consumed(input.ReturnConsumedCapacity, table.name, units);
  const metrics = collectionMetrics(input.ReturnItemCollectionMetrics, table, item);
  return { ...output, ...(capacity && { ConsumedCapacity: capacity }), ...(metrics && { ItemCollectionMetrics: metrics }) };
}
