/** Conditions of before there were expressions, and what they are refused with; then which key conditions a query can run. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition, ExpectedAttributeValue } from '@aws-sdk/client-dynamodb';
import { keyRange } from './key-range.ts';
import { expectedCondition, filterCondition, legacyKeyConditions } from './legacy-conditions.ts';
import { checkParameters } from './parameters.ts';

const invalid = 'One or more parameter values were invalid: ';
const refused = (run: () => unknown, message: string): void => assert.throws(run, { code: 'ValidationException', message });

test('Expected is refused in the words that AWS has for it', () => {
  const rows: readonly [ExpectedAttributeValue, string][] = [
    [{}, 'Value must be provided when Exists is null for Attribute: a'],
    [{ Exists: true }, 'Value must be provided when Exists is true for Attribute: a'],
    [{ Exists: false, Value: { S: 'a' } }, 'Value cannot be used when Exists is false for Attribute: a'],
    [{ ComparisonOperator: 'LT' }, 'Value or AttributeValueList must be used with ComparisonOperator: LT for Attribute: a'],
    [{ Exists: true, ComparisonOperator: 'LT' }, 'Exists and ComparisonOperator cannot be used together for Attribute: a'],
    [
      { AttributeValueList: [{ S: 'a' }], Value: { S: 'a' }, ComparisonOperator: 'LT' },
      'Value and AttributeValueList cannot be used together for Attribute: a',
    ],
    [{ Exists: true, AttributeValueList: [{ S: 'a' }] }, 'AttributeValueList can only be used with a ComparisonOperator for Attribute: a'],
    [{ AttributeValueList: [], ComparisonOperator: 'IN' }, 'Invalid number of argument(s) for the IN ComparisonOperator'],
    [{ Value: { S: 'a' }, ComparisonOperator: 'NULL' }, 'Invalid number of argument(s) for the NULL ComparisonOperator'],
    [{ Value: { S: 'a' }, ComparisonOperator: 'BETWEEN' }, 'Invalid number of argument(s) for the BETWEEN ComparisonOperator'],
  ];
  for (const [expected, message] of rows) refused(() => expectedCondition({ a: expected }, undefined), invalid + message);
});

test('filters are refused for the number, the sameness and the types of their values', () => {
  const filter = (condition: Condition): unknown => filterCondition({ a: condition }, undefined);
  refused(() => filter({ ComparisonOperator: 'EQ' }), `${invalid}Invalid number of argument(s) for the EQ ComparisonOperator`);
  refused(
    () => filter({ ComparisonOperator: 'IN', AttributeValueList: [{ S: 'a' }, { N: '1' }] }),
    `${invalid}AttributeValues inside AttributeValueList must be of same type`,
  );
  refused(
    () => filter({ ComparisonOperator: 'LE', AttributeValueList: [{ BOOL: true }] }),
    `${invalid}ComparisonOperator LE is not valid for BOOL AttributeValue type`,
  );
  refused(
    () => filter({ ComparisonOperator: 'BETWEEN', AttributeValueList: [{ N: '10' }, { N: '9' }] }),
    'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound',
  );
  refused(() => filterCondition(undefined, 'OR'), 'ConditionalOperator cannot be used without Filter or Expected');
  refused(
    () => filterCondition({ a: { ComparisonOperator: 'NULL' } }, 'OR'),
    'ConditionalOperator can only be used when Filter or Expected has two or more elements',
  );
});

test('OR wants one of the conditions, AND all of them', () => {
  const expected: Record<string, ExpectedAttributeValue> = { a: { Value: { N: '1.0' } }, b: { Exists: false } };
  const any = expectedCondition(expected, 'OR')!;
  const all = expectedCondition(expected, 'AND')!;
  assert.deepEqual([any.matches({ a: { N: '1' }, b: { S: '' } }), all.matches({ a: { N: '1' }, b: { S: '' } })], [true, false]);
  assert.deepEqual([any.matches({}), all.matches({}), any.matches({ b: { S: '' } })], [true, false, false]);
});

test('a query needs one partition and a stretch of its sort keys', () => {
  const hash = [{ name: 'a', type: 'S' }] as const;
  const both = [...hash, { name: 'b', type: 'N' }] as const;
  const eq = (value: object): Condition => ({ ComparisonOperator: 'EQ', AttributeValueList: [value] as never });
  const range = (conditions: Record<string, Condition>, schema: typeof hash | typeof both) =>
    keyRange(legacyKeyConditions(conditions), schema);
  refused(() => range({ a: eq({ S: 'a' }), b: eq({ N: '1' }) }, hash), 'Query key condition not supported');
  refused(() => range({ c: eq({ S: 'a' }) }, both), 'Query condition missed key schema element: a');
  refused(() => range({ a: eq({ S: 'a' }), c: eq({ S: 'a' }) }, both), 'Query condition missed key schema element: b');
  refused(
    () => range({ a: eq({ S: 'a' }), b: { ComparisonOperator: 'NOT_NULL' } }, both),
    'Attempted conditional constraint is not an indexable operation',
  );
  refused(() => range({ a: eq({ N: '1' }) }, both), `${invalid}Condition parameter type does not match schema type`);
  refused(() => range({ a: { ComparisonOperator: 'LE', AttributeValueList: [{ S: 'a' }] } }, hash), 'Query key condition not supported');
  refused(() => range({}, both), 'Conditions can be of length 1 or 2 only');
  refused(
    () => range({ a: eq({ S: '' }) }, hash),
    'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: a',
  );
  assert.deepEqual(range({ a: eq({ S: 'a' }) }, both), { partition: [{ S: 'a' }], equal: [] });
  assert.equal(range({ a: eq({ S: 'a' }), b: eq({ N: '1' }) }, both).sort!.operator, 'EQ');
});

test('expressions do not stand beside their forerunners', () => {
  const expressions = ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'];
  const legacy = ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'];
  const check = (input: object): void => checkParameters(input, expressions, legacy);
  refused(
    () => check({ FilterExpression: '', KeyConditionExpression: '', KeyConditions: {}, AttributesToGet: ['a'] }),
    'Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet, KeyConditions} Expression parameters: {FilterExpression, KeyConditionExpression}',
  );
  check({ FilterExpression: '', KeyConditions: {} });
  refused(() => check({ ExpressionAttributeNames: {} }), 'ExpressionAttributeNames can only be specified when using expressions');
  refused(
    () => check({ ProjectionExpression: '', ExpressionAttributeValues: {} }),
    'ExpressionAttributeValues can only be specified when using expressions: FilterExpression and KeyConditionExpression are null',
  );
});
