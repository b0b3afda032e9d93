/** What updates make of items, and how they are refused when the item does not fit. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue, Item } from '../values/attribute-value.ts';
import { compileExpressions } from './compile.ts';
import { attributesToGet, attributeUpdates } from './legacy-attributes.ts';

const plain = (item: Item): unknown => JSON.parse(JSON.stringify(item));
const compile = (text: string, values?: Record<string, AttributeValue>) =>
  compileExpressions({ UpdateExpression: text, ExpressionAttributeValues: values }).update!;
const letters = (text: string): AttributeValue => ({ L: [...text].map((S) => ({ S })) });
const wrongType = 'An operand in the update expression has an incorrect data type';
const noPath = 'The document path provided in the update expression is invalid for update';

const outcomes: readonly [name: string, text: string, values: Record<string, AttributeValue> | undefined, item: Item, next: Item][] = [
  ['right sides are read before anything is written', 'SET a = b, b = a', undefined, { a: { S: '1' }, b: { S: '2' } }, { a: { S: '2' }, b: { S: '1' } }],
  ['sums are exact', 'SET a = a + :n', { ':n': { N: '0.1' } }, { a: { N: '0.2' } }, { a: { N: '0.3' } }],
  ['ADD makes a number that is not there', 'ADD a :n', { ':n': { N: '5' } }, {}, { a: { N: '5' } }],
  ['ADD unites sets', 'ADD a :s', { ':s': { SS: ['b', 'c'] } }, { a: { SS: ['a', 'b'] } }, { a: { SS: ['a', 'b', 'c'] } }],
  ['DELETE of all members takes the set away', 'DELETE a :s', { ':s': { NS: ['1', '2'] } }, { a: { NS: ['1'] }, b: { S: '' } }, { b: { S: '' } }],
  ['indexes mean the list as it was', 'REMOVE a[0], a[1] SET a[2] = :v', { ':v': { S: 'x' } }, { a: letters('abcd') }, { a: letters('xd') }],
  ['elements beyond the end are appended in order', 'SET a[20] = :v, a[10] = :w', { ':v': { S: 'y' }, ':w': { S: 'x' } }, { a: letters('a') }, { a: letters('axy') }],
  ['removing beyond the end changes nothing', 'REMOVE a[7], b', undefined, { a: letters('a') }, { a: letters('a') }],
  ['maps are changed inside', 'SET a.b.c = :v REMOVE a.d', { ':v': { S: 'x' } }, { a: { M: { b: { M: {} }, d: { S: '' } } } }, { a: { M: { b: { M: { c: { S: 'x' } } } } } }],
  ['if_not_exists keeps what is there', 'SET a = if_not_exists(a, :n), b = if_not_exists(b, :n) + :n', { ':n': { N: '1' } }, { a: { S: '' } }, { a: { S: '' }, b: { N: '2' } }],
  ['lists are joined', 'SET a = list_append(if_not_exists(b, :l), a)', { ':l': { L: [] } }, { a: letters('a') }, { a: letters('a') }],
]; // prettier-ignore

for (const [name, text, values, item, next] of outcomes) {
  test(name, () => {
    const before = plain(item);
    assert.deepEqual(plain(compile(text, values).apply(item)), plain(next));
    assert.deepEqual(plain(item), before);
  });
}

const refusals: readonly [text: string, values: Record<string, AttributeValue> | undefined, item: Item, message: string][] = [
  ['SET a = b', undefined, {}, 'The provided expression refers to an attribute that does not exist in the item'],
  ['SET a = a + :n', { ':n': { N: '1' } }, { a: { S: '' } }, wrongType],
  ['SET a = list_append(a, a)', undefined, { a: { S: '' } }, wrongType],
  ['ADD a :n', { ':n': { N: '1' } }, { a: { S: '' } }, wrongType],
  ['DELETE a :s', { ':s': { SS: ['1'] } }, { a: { NS: ['1'] } }, wrongType],
  ['SET a.b = :n', { ':n': { N: '1' } }, {}, noPath],
  ['SET a[0] = :n', { ':n': { N: '1' } }, { a: { M: {} } }, noPath],
  ['REMOVE a.b', undefined, { a: letters('a') }, noPath],
  ['DELETE a.b :s', { ':s': { SS: ['1'] } }, {}, noPath],
  ['SET a = a + b', undefined, { a: { N: `1${'0'.repeat(50)}` }, b: { N: '1' } }, 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
  ['SET a = a + a', undefined, { a: { N: `6${'0'.repeat(125)}` } }, 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
]; // prettier-ignore

for (const [text, values, item, message] of refusals) {
  test(`${text} of ${JSON.stringify(item).slice(0, 40)} is refused`, () => {
    assert.throws(() => compile(text, values).apply(item), { code: 'ValidationException', message });
  });
}

test('an update cannot nest deeper than an item may', () => {
  const wrap = compile('SET a[0] = b, c = list_append(c, c)');
  const nested = (depth: number): AttributeValue => (depth === 0 ? { S: 'a' } : { L: [nested(depth - 1)] });
  wrap.apply({ a: nested(1), b: nested(31), c: nested(1) });
  assert.throws(() => wrap.apply({ a: nested(1), b: nested(32), c: nested(1) }), { message: /^Nesting Levels have exceeded/ });
});

test('the key of a secondary index stays of its type', () => {
  const update = compile('SET a = b');
  const message = 'The update expression attempted to update the secondary index key to unsupported type';
  assert.throws(() => update.apply({ b: { S: '' } }, new Map([['a', 'N']])), { message });
  assert.deepEqual([...compile('SET a = if_not_exists(a, :v) ADD b :n', { ':v': { S: '' }, ':n': { N: '1' } }).assignedTypes], [['a', 'S'], ['b', 'N']]); // prettier-ignore
});

test('touched shows what the update names', () => {
  const update = compile('SET a.b = :v REMOVE c[1], d', { ':v': { S: 'x' } });
  const item: Item = { a: { M: { b: { S: '' }, c: { S: '' } } }, c: letters('abc'), e: { S: '' } };
  assert.deepEqual(plain(update.touched(item)), { a: { M: { b: { S: '' } } }, c: { L: [{ S: 'b' }] } });
  assert.deepEqual([...update.heads], ['a', 'c', 'd']);
  assert.deepEqual([...update.nestedHeads], ['a', 'c']);
});

test('names that a prototype knows are names like all others', () => {
  const names = { '#p': '__proto__', '#c': 'constructor' };
  const { update, condition } = compileExpressions({
    UpdateExpression: 'SET #p = :v, #c = :m',
    ConditionExpression: 'attribute_not_exists(#p) AND attribute_not_exists(#c.#p)',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ':v': { S: 'x' }, ':m': { M: {} } },
  });
  assert.equal(condition!.matches({}), true);
  assert.equal(condition!.matches(undefined), true);
  const next = update!.apply({});
  assert.deepEqual(Object.keys(next), ['__proto__', 'constructor']);
  assert.equal(({} as { S?: string }).S, undefined);
});

test('legacy updates put, add and delete', () => {
  const update = attributeUpdates({
    a: { Value: { N: '1.0' } },
    b: { Action: 'ADD', Value: { N: '2' } },
    c: { Action: 'ADD', Value: { L: [{ S: 'b' }] } },
    d: { Action: 'DELETE' },
    e: { Action: 'DELETE', Value: { SS: ['a'] } },
  });
  const item: Item = { b: { N: '3' }, c: letters('a'), d: { S: '' }, e: { SS: ['a', 'b'] } };
  assert.deepEqual(plain(update.apply(item)), plain({ a: { N: '1' }, b: { N: '5' }, c: letters('ab'), e: { SS: ['b'] } }));
  assert.throws(() => update.apply({ b: { S: '' } }), { message: 'Type mismatch for attribute to update' });
});

test('legacy attributes are refused in their own words', () => {
  const invalid = 'One or more parameter values were invalid: ';
  const refused = (run: () => unknown, message: string): void =>
    assert.throws(run, { code: 'ValidationException', message: invalid + message });
  refused(() => attributeUpdates({ a: { Action: 'PUT' } }), 'Only DELETE action is allowed when no attribute value is specified');
  refused(
    () => attributeUpdates({ a: { Action: 'DELETE', Value: { S: '' } } }),
    'DELETE action with value is not supported for the type S',
  );
  refused(() => attributeUpdates({ a: { Action: 'ADD', Value: { M: {} } } }), 'ADD action is not supported for the type M');
  refused(() => attributesToGet(['a', 'b', 'a']), 'Duplicate value in attribute name: a');
});
