/** What Query and Scan have in common: the index, what of items is given back, and the answer. */

import type { ConsumedCapacity, Select } from '@aws-sdk/client-dynamodb';
import type { CompiledCondition, CompiledProjection } from '../expressions/contract.ts';
import { checkEnum, checkName, checkRange, checkReturns, checkTableName, type Faults } from '../constraints.ts';
import { invalidParameters, validationException } from '../errors.ts';
import { consumed } from '../items/capacity.ts';
import { checkKeyParts } from '../items/key-checks.ts';
import type { Input } from '../sdk.ts';
import { projectedAttributes, type KeySchema, type TableIndex, type TableRecord } from '../tables/table.ts';
import type { Row } from '../storage/rows.ts';
import { admitItem } from '../values/admit.ts';
import { attributeOf, type Item } from '../values/attribute-value.ts';
import type { AwsError } from '../../../framework/aws-error.ts';
import { knownByText } from '../../../framework/json-text.ts';
import type { Page } from './page.ts';

type PagedInput = Pick<
  Input<'Scan'>,
  | 'TableName'
  | 'IndexName'
  | 'Select'
  | 'Limit'
  | 'AttributesToGet'
  | 'ReturnConsumedCapacity'
  | 'ConsistentRead'
  | 'ConditionalOperator'
  | 'ProjectionExpression'
  | 'ExclusiveStartKey'
>;

export function checkPagedForm(faults: Faults, input: PagedInput): void {
  checkEnum(faults, 'select', input.Select, ['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES']);
  checkName(faults, 'indexName', input.IndexName);
  checkReturns(faults, input);
  checkTableName(faults, 'tableName', input.TableName);
  checkEnum(faults, 'conditionalOperator', input.ConditionalOperator, ['OR', 'AND']);
  checkRange(faults, 'limit', input.Limit, 1);
}

export function checkFilterForm(
  faults: Faults,
  path: string,
  filter: Record<string, { ComparisonOperator?: string | undefined }> | undefined,
): void {
  const operators = ['IN', 'NULL', 'BETWEEN', 'LT', 'NOT_CONTAINS', 'EQ', 'GT', 'NOT_NULL', 'NE', 'LE', 'BEGINS_WITH', 'GE', 'CONTAINS'];
  for (const [name, condition] of Object.entries(filter ?? {})) {
    const member = `${path}.${name}.member.comparisonOperator`;
    checkEnum(faults, member, condition.ComparisonOperator, operators);
  }
}

/** AWS puts this before most of what may be wrong with a starting key's values. */
const startKeyPrefix = 'The provided starting key is invalid: ';
const toldPlainly = /contains duplicates|number set|numeric value|significant digits|number with magnitude/;

export function admitStartKey(key: Item | undefined): Item | undefined {
  if (!key) return undefined;
  try {
    return admitItem(key);
  } catch (error) {
    const { message } = error as AwsError;
    throw validationException(toldPlainly.test(message) ? message : startKeyPrefix + message);
  }
}

/** Throws unless `Select` and the projection fit each other. */
export function checkSelect(input: PagedInput): void {
  const select = input.Select as Select | undefined;
  const projection =
    input.ProjectionExpression !== undefined ? 'ProjectionExpression' : input.AttributesToGet ? 'AttributesToGet' : undefined;
  if (select === 'SPECIFIC_ATTRIBUTES' && !projection)
    throw validationException('Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES');
  if (select !== undefined && select !== 'SPECIFIC_ATTRIBUTES' && projection)
    throw validationException(`Cannot specify the ${projection} when choosing to get ${select === 'COUNT' ? 'only the Count' : select}`);
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && input.IndexName === undefined)
    throw validationException('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
}

/** The index that is read, or undefined for the table itself. */
export function indexOf(table: TableRecord, input: PagedInput): TableIndex | undefined {
  if (input.IndexName === undefined) return undefined;
  const index = table.indexes.find(({ name }) => name === input.IndexName);
  if (!index) throw validationException(`The table does not have the specified index: ${input.IndexName}`);
  if (index.kind === 'global' && input.ConsistentRead)
    throw validationException('Consistent reads are not supported on global secondary indexes');
  if (index.status === 'CREATING') throw validationException(`Cannot read from backfilling global secondary index: ${index.name}`);
  if (index.status === 'DELETING') throw validationException(`The table does not have the specified index: ${input.IndexName}`);
  return index;
}

/** True when entries of a local index are not enough. Throws where a global one would have to be left. */
export function needsWhole(
  table: TableRecord,
  index: TableIndex | undefined,
  input: PagedInput,
  projection: CompiledProjection | undefined,
): boolean {
  const projected = index && projectedAttributes(table, index);
  if (!index || !projected) return false;
  if (input.Select === 'ALL_ATTRIBUTES') {
    if (index.kind === 'local') return true;
    throw invalidParameters(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
  const missing = projection ? [...projection.heads].filter((name) => !projected.has(name)) : [];
  if (missing.length === 0) return false;
  if (index.kind === 'local') return true;
  throw invalidParameters(`Global secondary index ${index.name} does not project [${missing.join(', ')}]`);
}

/** All key attributes that a starting key must have. */
export function startKeyNames(table: TableRecord, keys: KeySchema): Set<string> {
  return new Set([...table.keys, ...keys].map(({ name }) => name));
}

/** Throws unless the starting key is a key of the table. */
export function checkTableStartKey(table: TableRecord, start: Item): void {
  try {
    checkKeyParts(table.keys, start);
  } catch (error) {
    throw validationException(startKeyPrefix + (error as AwsError).message);
  }
}

export function checkIndexStartKey(start: Item, name: string): void {
  if (attributeOf(start, name) === undefined) throw validationException('The provided starting key is invalid');
}

type Answer = { Count: number; ScannedCount: number; Items?: Item[]; LastEvaluatedKey?: Item; ConsumedCapacity?: ConsumedCapacity };

/** Whole items go out as they lie in the store. */
function itemsOf(rows: readonly Row[]): Item[] {
  let text = '';
  for (const row of rows) text += text === '' ? row.json : `,${row.json}`;
  return knownByText('list', `[${text}]`, () => rows.map(({ item }) => item));
}

/** Filters and cuts a page to what was asked for. */
export function answerPage(
  input: PagedInput,
  table: TableRecord,
  page: Page,
  filter: CompiledCondition | undefined,
  projection: CompiledProjection | undefined,
): Answer {
  const matching = filter ? page.rows.filter(({ item }) => filter.matches(item)) : page.rows;
  const capacity = consumed(input.ReturnConsumedCapacity, table.name, page.units);
  return {
    Count: matching.length,
    ScannedCount: page.rows.length,
    ...(input.Select !== 'COUNT' && { Items: projection ? matching.map(({ item }) => projection.project(item)) : itemsOf(matching) }),
    ...(page.last && { LastEvaluatedKey: page.last }),
    ...(capacity && { ConsumedCapacity: capacity }),
  };
}
