/** Filter policies: each operator, arrays, nesting, `$or`, and what AWS refuses. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeValues, passesAttributes, passesBody, readFilterPolicy } from './filter-policy.ts';

type Given = Record<string, [type: string, value: string]>;

const byAttributes = (policy: object, attributes: Given): boolean =>
  passesAttributes(
    readFilterPolicy(JSON.stringify(policy), 'MessageAttributes'),
    new Map(Object.entries(attributes).map(([name, [type, value]]) => [name, attributeValues(type, value)])),
  );
const byBody = (policy: object, body: unknown): boolean =>
  passesBody(readFilterPolicy(JSON.stringify(policy), 'MessageBody'), typeof body === 'string' ? body : JSON.stringify(body));

const text = (rule: unknown, value: string): boolean => byAttributes({ a: [rule] }, { a: ['String', value] });
const number = (rule: unknown, value: string): boolean => byAttributes({ a: [rule] }, { a: ['Number', value] });

test('texts: exact, prefix, suffix, without case, wildcard', () => {
  assert.ok(text('rugby', 'rugby') && !text('rugby', 'Rugby'));
  assert.ok(text({ prefix: 'bas' }, 'baseball') && !text({ prefix: 'bas' }, 'rugby'));
  assert.ok(text({ suffix: 'ball' }, 'baseball') && !text({ suffix: 'ball' }, 'rugby'));
  assert.ok(text({ 'equals-ignore-case': 'TENNIS' }, 'tennis') && !text({ 'equals-ignore-case': 'TENNIS' }, 'table tennis'));
  assert.ok(text({ wildcard: '*ball' }, 'football') && text({ wildcard: 'a*b*c' }, 'aXXbc') && !text({ wildcard: 'a*b*c' }, 'acb'));
});

test('anything-but: a value, a list, prefix, suffix; a list needs one value that is left', () => {
  assert.ok(text({ 'anything-but': 'rugby' }, 'tennis') && !text({ 'anything-but': 'rugby' }, 'rugby'));
  assert.ok(!text({ 'anything-but': ['rugby', 'tennis'] }, 'tennis'));
  assert.ok(number({ 'anything-but': [100, 500] }, '101') && !number({ 'anything-but': [100, 500] }, '100'));
  assert.ok(!text({ 'anything-but': { prefix: 'order-' } }, 'order-1') && text({ 'anything-but': { prefix: 'order-' } }, 'data-1'));
  assert.ok(!text({ 'anything-but': { suffix: ['.png', '.jpg'] } }, 'a.jpg'));
  assert.ok(byAttributes({ a: [{ 'anything-but': ['rugby', 'tennis'] }] }, { a: ['String.Array', '["rugby","baseball"]'] }));
  assert.ok(!byAttributes({ a: [{ 'anything-but': 'x' }] }, {}));
});

test('numbers: exact and ranges', () => {
  assert.ok(number(301.5, '3015e-1') && number({ numeric: ['=', 301.5] }, '301.5') && !number({ numeric: ['=', 301.5] }, '301'));
  assert.ok(number({ numeric: ['>', 0, '<=', 150] }, '150') && !number({ numeric: ['>', 0, '<=', 150] }, '0'));
  assert.ok(!text(100, '100') && !number('100', '100'));
});

test('exists asks whether a key is there, cidr where an address lies', () => {
  assert.ok(text({ exists: true }, 'x') && !text({ exists: false }, 'x'));
  assert.ok(byAttributes({ a: [{ exists: false }] }, {}) && !byAttributes({ a: [{ exists: true }] }, {}));
  assert.ok(text({ cidr: '10.0.0.0/24' }, '10.0.0.255') && !text({ cidr: '10.0.0.0/24' }, '10.1.1.0'));
});

test('all keys must fit, and one alternative of $or', () => {
  const policy = { source: ['a'], $or: [{ m: ['x'] }, { n: [1] }] };
  assert.ok(byAttributes(policy, { source: ['String', 'a'], n: ['Number', '1'] }));
  assert.ok(!byAttributes(policy, { source: ['String', 'a'] }));
  assert.ok(!byAttributes(policy, { source: ['String', 'b'], m: ['String', 'x'] }));
  assert.ok(byAttributes({ $or: ['plain'] }, { $or: ['String', 'plain'] }), '$or is a name like any other');
});

test('bodies: nested keys, arrays, null and booleans', () => {
  assert.ok(byBody({ a: { b: { c: ['x'] } } }, { a: { b: { c: 'x' } } }));
  assert.ok(byBody({ a: { b: [1] } }, { a: [{ b: 2 }, { b: 1 }] }));
  assert.ok(
    !byBody(
      { a: { b: [1], c: [2] } },
      {
        a: [
          { b: 1, c: 0 },
          { b: 0, c: 2 },
        ],
      },
    ),
    'one element must fit wholly',
  );
  assert.ok(byBody({ a: [true, null] }, { a: null }) && !byBody({ a: [true] }, { a: 'true' }));
  assert.ok(byBody({ a: { b: [{ exists: false }] } }, { a: { c: 1 } }));
  assert.ok(!byBody({ a: ['x'] }, 'no json') && !byBody({ a: ['x'] }, '["x"]'));
  assert.ok(!byBody({ a: ['x'] }, `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`));
  assert.ok(!byBody({ __proto__x: ['x'] }, '{"__proto__":{"__proto__x":"x"}}'));
});

test('what AWS refuses is refused in its words', () => {
  const refused = (policy: string, message: RegExp | string, scope: 'MessageAttributes' | 'MessageBody' = 'MessageAttributes') =>
    assert.throws(() => readFilterPolicy(policy, scope), typeof message === 'string' ? { message } : message);
  refused('{', 'failed to parse JSON.');
  refused('{"a":"x"}', '"a" must be an object or an array');
  refused('{"a":{"b":["x"]}}', 'Filter policy scope MessageAttributes does not support nested filter policy');
  refused('{"a":[]}', 'Empty arrays are not allowed');
  refused('{"a":[["x"]]}', 'Match value must be String, number, true, false, or null');
  refused('{"a":[{"near":1}]}', 'Unrecognized match type near');
  refused('{"a":[{"prefix":1}]}', 'prefix match pattern must be a string');
  refused('{"a":[{"exists":"yes"}]}', 'exists match pattern must be either true or false.');
  refused('{"a":[{"numeric":["<","5"]}]}', 'Value of < must be numeric');
  refused('{"a":[{"numeric":[">",5,"<",1]}]}', 'Bottom must be less than top');
  refused('{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}', 'Filter policy can not have more than 5 keys');
  const values = JSON.stringify(Array.from({ length: 13 }, (_, i) => String(i)));
  refused(`{"a":${values},"b":${values}}`, 'Filter policy is too complex');
  refused(`{"a":{"b":{"c":${values}}},"d":{"e":{"f":["1","2"]}}}`, 'Filter policy is too complex', 'MessageBody');
});
