/** Query. */

import type { Faults } from '../constraints.ts';
import { validationException } from '../errors.ts';
import { compileExpressions } from '../expressions/compile.ts';
import type { CompiledCondition, KeyConditions, KeyRange } from '../expressions/contract.ts';
import { isWithin, keyRange } from '../expressions/key-range.ts';
import { attributesToGet } from '../expressions/legacy-attributes.ts';
import { filterCondition, legacyKeyConditions } from '../expressions/legacy-conditions.ts';
import { checkParameters } from '../expressions/parameters.ts';
import { checkKeyPart, checkScalarKeys, newKeySizes } from '../items/key-checks.ts';
import { checkAttributesToGet } from '../items/request.ts';
import type { Input, Operation } from '../sdk.ts';
import { indexEntryKey, itemKey, partitionBytes } from '../storage/keys.ts';
import { requireKnown } from '../tables/known.ts';
import { placeOf } from '../tables/lookup.ts';
import { admit, spend } from '../throughput/buckets.ts';
import type { KeySchema, TableRecord } from '../tables/table.ts';
import type { Item } from '../values/attribute-value.ts';
import { encodeKeyValue } from '../values/key-encoding.ts';
import { partitionKeys, sortKeys, valuesOf } from '../values/key-schema.ts';
import { readPage, startAt, stretchOf } from './page.ts';
import * as selection from './selection.ts';

export const Query: Operation<'Query'> = async (request, input) => {
  const { filter, projection, conditions, start } = compile(input);
  const place = placeOf(request, input.TableName!);
  const { table } = await requireKnown(request, place);
  const page = await request.store.read(async (tx) => {
    const index = selection.indexOf(table, input);
    const keys = index?.keys ?? table.keys;
    const range = rangeOf(table, keys, conditions, start);
    if (start) checkStart(table, keys, range, start);
    checkScalarKeys(table, projection);
    checkFilterKeys(keys, filter, input.QueryFilter ? 'QueryFilter' : 'Filter Expression');
    const whole = selection.needsWhole(table, index, input, projection);
    checkScalarKeys(table, filter);
    const reverse = input.ScanIndexForward === false;
    let stretch = stretchOf(table, index, range);
    if (start) stretch = startAt(stretch, index ? indexEntryKey(table, index, start) : itemKey(table, start), reverse);
    admit(request, table, 'read', index);
    return readPage(tx, { table, index, range: stretch, reverse, limit: input.Limit, consistent: input.ConsistentRead, whole });
  });
  spend(request, table, page.units);
  return selection.answerPage(input, table, page, filter, projection);
};

export function queryForm(faults: Faults, input: Input<'Query'>): void {
  selection.checkPagedForm(faults, input);
  checkAttributesToGet(faults, 'attributesToGet', input.AttributesToGet);
  selection.checkFilterForm(faults, 'queryFilter', input.QueryFilter);
  selection.checkFilterForm(faults, 'keyConditions', input.KeyConditions);
}

function compile(input: Input<'Query'>) {
  checkParameters(
    input,
    ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
    ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'],
  );
  const legacyFilter = filterCondition(input.QueryFilter, input.ConditionalOperator);
  const legacyProjection = input.AttributesToGet && attributesToGet(input.AttributesToGet);
  const start = selection.admitStartKey(input.ExclusiveStartKey);
  if (!input.KeyConditions && input.KeyConditionExpression === undefined)
    throw validationException('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.');
  const compiled = compileExpressions(input);
  const conditions = compiled.keyConditions ?? legacyKeyConditions(input.KeyConditions!, input.IndexName);
  selection.checkSelect(input);
  return { filter: compiled.filter ?? legacyFilter, projection: compiled.projection ?? legacyProjection, conditions, start };
}

/** The key conditions against the schema; AWS looks at the starting key on the way. */
function rangeOf(table: TableRecord, keys: KeySchema, conditions: KeyConditions, start: Item | undefined): KeyRange {
  if (start && Object.keys(start).length !== selection.startKeyNames(table, keys).size)
    throw validationException('The provided starting key is invalid');
  const counted = newKeySizes();
  return keyRange(conditions, keys, (name, isPartition) => {
    if (!start) return;
    selection.checkIndexStartKey(start, name);
    checkKeyPart(
      start,
      keys.find((key) => key.name === name)!,
      isPartition,
      counted,
    );
  });
}

/** Throws for a starting key that this query could not have given. */
function checkStart(table: TableRecord, keys: KeySchema, range: KeyRange, start: Item): void {
  selection.checkTableStartKey(table, start);
  const partition = partitionBytes(valuesOf(partitionKeys(keys), start));
  const samePartition = Buffer.compare(partition, partitionBytes(range.partition)) === 0;
  if (!range.sort) {
    if (!samePartition) throw validationException('The provided starting key is outside query boundaries based on provided conditions');
    return;
  }
  const sorts = valuesOf(sortKeys(keys), start).map(encodeKeyValue);
  const isEqual = range.equal.every((value, at) => Buffer.compare(encodeKeyValue(value), sorts[at]!) === 0);
  if (!isEqual || !isWithin(sorts[range.equal.length]!, range.sort.bounds))
    throw validationException('The provided starting key does not match the range key predicate');
  if (!samePartition) throw validationException('The query can return at most one row and cannot be restarted');
}

function checkFilterKeys(keys: KeySchema, filter: CompiledCondition | undefined, what: string): void {
  const key = filter && keys.find(({ name }) => filter.heads.has(name));
  if (key) throw validationException(`${what} can only contain non-primary key attributes: Primary key attribute: ${key.name}`);
}
