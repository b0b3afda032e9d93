/** What is let in, and in which words the rest is refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admitItem, admitValue } from './admit.ts';
import type { AttributeValue } from './attribute-value.ts';

const refusals: readonly [value: object, message: string][] = [
  [{}, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
  [{ M: { a: {} } }, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
  [{ L: [{}] }, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
  [{ S: 'a', BOOL: true }, 'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes'],
  [{ S: 'a', N: 'b' }, 'The parameter cannot be converted to a numeric value: b'],
  [{ N: '' }, 'The parameter cannot be converted to a numeric value'],
  [{ N: '1 ' }, 'The parameter cannot be converted to a numeric value: 1 '],
  [{ N: '1e126' }, 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
  [{ N: '1e-131' }, 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
  [{ N: `1${'0'.repeat(37)}.5` }, 'Attempting to store more than 38 significant digits in a Number'],
  [{ NS: ['1', ''] }, 'The parameter cannot be converted to a numeric value'],
  [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
  [{ NULL: false }, 'One or more parameter values were invalid: Null attribute value types must have the value of true'],
  [{ SS: [] }, 'One or more parameter values were invalid: An string set  may not be empty'],
  [{ NS: [] }, 'One or more parameter values were invalid: An number set  may not be empty'],
  [{ BS: [] }, 'One or more parameter values were invalid: Binary sets should not be empty'],
  [{ SS: ['a', 'a'] }, 'One or more parameter values were invalid: Input collection [a, a] contains duplicates.'],
  [
    { BS: [Buffer.from('b'), Buffer.from('b')] },
    'One or more parameter values were invalid: Input collection [Yg==, Yg==]of type BS contains duplicates.',
  ],
];

for (const [value, message] of refusals) {
  test(`${JSON.stringify(value).slice(0, 60)} is refused in AWS's words`, () => {
    assert.throws(() => admitValue(value as AttributeValue), { name: 'AwsError', code: 'ValidationException', message });
  });
}

test('numbers come out in normal form, however deep they lie', () => {
  const admitted = admitItem({ a: { N: '1.0' }, b: { L: [{ M: { c: { N: '-0012.500e1' } } }] }, d: { NS: ['1e2', '0.1'] } });
  assert.equal(admitted['a']!.N, '1');
  assert.equal(admitted['b']!.L![0]!.M!['c']!.N, '-125');
  assert.deepEqual(admitted['d']!.NS, ['100', '0.1']);
});

test('names that a prototype knows are attributes like all others', () => {
  const item = JSON.parse('{"__proto__":{"S":"a"},"constructor":{"M":{"__proto__":{"N":"01"}}}}') as Record<string, AttributeValue>;
  const admitted = admitItem(item);
  assert.deepEqual(Object.keys(admitted), ['__proto__', 'constructor']);
  assert.deepEqual(Object.entries(admitted['constructor']!.M!), [['__proto__', { N: '1' }]]);
});

test('lists and maps may lie in each other 32 deep and no deeper', () => {
  const nested = (depth: number): AttributeValue => (depth === 0 ? { S: 'a' } : { L: [nested(depth - 1)] });
  admitValue(nested(32));
  assert.throws(() => admitValue(nested(33)), { message: /^Nesting Levels have exceeded supported limits/ });
});
