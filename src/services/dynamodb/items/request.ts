/** What all calls on one item have in common: their checks, and what they tell besides the item. */

import type { ItemCollectionMetrics } from '@aws-sdk/client-dynamodb';
import { localIndexes, type TableRecord } from '../tables/table.ts';
import { expectedCondition } from '../expressions/legacy-conditions.ts';
import type { CompiledCondition, CompiledExpressions } from '../expressions/contract.ts';
import type { Item } from '../values/attribute-value.ts';
import type { Input } from '../sdk.ts';
import { addFault, checkEnum, checkReturns, checkTableName, type Faults } from '../constraints.ts';

type WriteInput = Pick<
  Input<'UpdateItem'>,
  | 'TableName'
  | 'ReturnConsumedCapacity'
  | 'ReturnItemCollectionMetrics'
  | 'ReturnValues'
  | 'ConditionalOperator'
  | 'Expected'
  | 'ReturnValuesOnConditionCheckFailure'
>;

export const comparisonOperators = [
  ...['IN', 'NULL', 'BETWEEN', 'LT', 'NOT_CONTAINS', 'EQ', 'GT', 'NOT_NULL', 'NE', 'LE', 'BEGINS_WITH', 'GE', 'CONTAINS'],
];

/** The form of Put, Delete and Update. */
export function writeForm(faults: Faults, input: WriteInput): void {
  checkReturns(faults, input);
  checkTableName(faults, 'tableName', input.TableName);
  checkEnum(faults, 'conditionalOperator', input.ConditionalOperator, ['OR', 'AND']);
  for (const [name, expected] of Object.entries(input.Expected ?? {}))
    checkEnum(faults, `expected.${name}.member.comparisonOperator`, expected.ComparisonOperator, comparisonOperators);
  checkEnum(faults, 'returnValues', input.ReturnValues, ['ALL_NEW', 'UPDATED_OLD', 'ALL_OLD', 'NONE', 'UPDATED_NEW']);
  checkEnum(faults, 'returnValuesOnConditionCheckFailure', input.ReturnValuesOnConditionCheckFailure, ['ALL_OLD', 'NONE']);
}

/** Names of attributes that a list gives, once each, not too many. */
export function checkAttributesToGet(faults: Faults, path: string, names: readonly string[] | undefined): void {
  if (!names) return;
  if (names.length < 1) addFault(faults, path, names, 'Member must have length greater than or equal to 1');
  if (names.length > 255) addFault(faults, path, names, 'Member must have length less than or equal to 255');
}

/** The condition of a write, in either form. */
export function conditionOf(compiled: CompiledExpressions, legacy: CompiledCondition | undefined): CompiledCondition | undefined {
  return compiled.condition ?? legacy;
}

export function legacyCondition(input: WriteInput): CompiledCondition | undefined {
  return expectedCondition(input.Expected, input.ConditionalOperator);
}

/** Told only for tables with local indexes. The size is an estimate, as AWS's is. */
export function collectionMetrics(asked: string | undefined, table: TableRecord, item: Item): ItemCollectionMetrics | undefined {
  if (asked !== 'SIZE' || localIndexes(table).length === 0) return undefined;
  const { name } = table.keys[0]!;
  return { ItemCollectionKey: { [name]: item[name]! }, SizeEstimateRangeGB: [0, 1] };
}
