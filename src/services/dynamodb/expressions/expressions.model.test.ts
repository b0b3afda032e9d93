/** Expressions over random items against a naive model that reads items as plain values. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { AttributeValue, Item } from '../values/attribute-value.ts';
import { encodeKeyValue } from '../values/key-encoding.ts';
import { compileExpressions } from './compile.ts';
import { isWithin, keyRange } from './key-range.ts';
import { filterCondition } from './legacy-conditions.ts';

const scalar = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'b', 'é').map((S): AttributeValue => ({ S })),
  fc.integer({ min: -2, max: 2 }).map((n): AttributeValue => ({ N: String(n) })),
  fc.boolean().map((BOOL): AttributeValue => ({ BOOL })),
  fc.constant<AttributeValue>({ NULL: true }),
  fc.constantFrom('a', 'ab', 'ba').map((members): AttributeValue => ({ SS: [...members] })),
  fc.constantFrom('1', '12').map((members): AttributeValue => ({ NS: [...members] })),
);
const value = fc.letrec<{ value: AttributeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }).map((L): AttributeValue => ({ L })),
    fc.dictionary(fc.constantFrom('a', 'b'), tie('value'), { maxKeys: 2 }).map((M): AttributeValue => ({ M })),
  ),
})).value;
const item = fc.dictionary(fc.constantFrom('p', 'q', 'r'), value) as fc.Arbitrary<Item>;
const path = fc.constantFrom('p', 'q', 'r', 'p.a', 'q[0]', 'r.b[1]', 'p[2].a', 'q.a.b');

/** The model: undefined, or JSON of the value with sets sorted. */
function look(within: Item, text: string): AttributeValue | undefined {
  let found: any = { M: within };
  for (const step of text.replaceAll('[', '.').replaceAll(']', '').split('.')) {
    found = /^\d/.test(step) ? found?.L?.[Number(step)] : found?.M?.[step];
  }
  return found as AttributeValue | undefined;
}
const show = (shown: AttributeValue | undefined): string =>
  JSON.stringify(shown, (_key, part: unknown) => {
    if (part !== null && typeof part === 'object' && !Array.isArray(part)) {
      const sorted = Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1));
      return Object.fromEntries(
        sorted.map(([key, member]) => [key, key === 'SS' || key === 'NS' ? [...(member as string[])].toSorted() : (member as unknown)]),
      );
    }
    return part;
  }) ?? 'nothing';
const order = (one: AttributeValue | undefined, other: AttributeValue | undefined): number | undefined => {
  if (one?.N !== undefined && other?.N !== undefined) return Number(one.N) - Number(other.N);
  if (one?.S !== undefined && other?.S !== undefined) return Buffer.compare(Buffer.from(one.S), Buffer.from(other.S));
  return undefined;
};

type Leaf = { text: string; holds: (within: Item) => boolean };
type Node = Leaf;
const operators = fc.constantFrom('=', '<>', '<', '<=', '>', '>=');
const operand = fc.oneof(
  path.map((text) => ({ text, of: (within: Item) => look(within, text) })),
  fc
    .constantFrom<[string, AttributeValue]>([':s', { S: 'a' }], [':n', { N: '1' }])
    .map(([text, constant]) => ({ text, of: () => constant })),
);
const leaf: fc.Arbitrary<Leaf> = fc.oneof(
  fc
    .tuple(operand, operators, operand)
    .filter(([one, , other]) => one.text !== other.text || one.text.startsWith(':'))
    .map(([one, operator, other]) => ({
      text: `${one.text} ${operator} ${other.text}`,
      holds: (within: Item) => {
        const left = one.of(within);
        const right = other.of(within);
        const equal = left !== undefined && right !== undefined && show(left) === show(right);
        if (operator === '=') return equal;
        if (operator === '<>') return !equal;
        const found = order(left, right);
        if (found === undefined) return false;
        return operator === '<' ? found < 0 : operator === '<=' ? found <= 0 : operator === '>' ? found > 0 : found >= 0;
      },
    })),
  path.map((text) => ({ text: `attribute_exists(${text})`, holds: (within: Item) => look(within, text) !== undefined })),
  path.map((text) => ({ text: `attribute_not_exists (${text})`, holds: (within: Item) => look(within, text) === undefined })),
  path.map((text) => ({ text: `begins_with(${text}, :s)`, holds: (within: Item) => look(within, text)?.S?.startsWith('a') ?? false })),
  path.map((text) => ({ text: `attribute_type(${text}, :typeN)`, holds: (within: Item) => look(within, text)?.N !== undefined })),
  path.map((text) => ({
    text: `contains(${text}, :s)`,
    holds: (within: Item) => {
      const found = look(within, text);
      return found?.S?.includes('a') ?? found?.SS?.includes('a') ?? found?.L?.some((member) => member.S === 'a') ?? false;
    },
  })),
  path.map((text) => ({
    text: `size(${text}) = :n`,
    holds: (within: Item) => {
      const found = look(within, text);
      const members = found?.S ?? found?.L ?? found?.SS ?? found?.NS ?? (found?.M === undefined ? undefined : Object.keys(found.M));
      return members?.length === 1;
    },
  })),
  path.map((text) => ({
    text: `${text} IN (:s, :n)`,
    holds: (within: Item) => ['{"S":"a"}', '{"N":"1"}'].includes(show(look(within, text))),
  })),
  path.map((text) => ({
    text: `${text} between :n and :two`,
    holds: (within: Item) => ['{"N":"1"}', '{"N":"2"}'].includes(show(look(within, text))),
  })),
);
const condition = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.tuple(tie('node'), tie('node')).map(([one, other]) => ({
      text: `(${one.text}) AND (${other.text})`,
      holds: (within: Item) => one.holds(within) && other.holds(within),
    })),
    fc.tuple(tie('node'), tie('node')).map(([one, other]) => ({
      text: `(${one.text}) or (${other.text})`,
      holds: (within: Item) => one.holds(within) || other.holds(within),
    })),
    tie('node').map((one) => ({ text: `NOT (${one.text})`, holds: (within: Item) => !one.holds(within) })),
  ),
})).node;

const constants: Record<string, AttributeValue> = { ':s': { S: 'a' }, ':n': { N: '1' }, ':two': { N: '2' }, ':typeN': { S: 'N' } };
function used(text: string): Record<string, AttributeValue> | undefined {
  const entries = Object.entries(constants).filter(([key]) => text.includes(key));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

test('a condition holds where the model says that it does', () => {
  fc.assert(
    fc.property(condition, fc.array(item, { minLength: 1, maxLength: 5 }), ({ text, holds }, items) => {
      fc.pre(text.length <= 4096);
      const { filter } = compileExpressions({ FilterExpression: text, ExpressionAttributeValues: used(text) });
      for (const each of items) assert.equal(filter!.matches(each), holds(each), `${text} on ${JSON.stringify(each)}`);
    }),
    { numRuns: 3000 },
  );
});

test('a projection keeps what lies at its paths and nothing else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom('p', 'q[0]', 'q[2]', 'r.b[1]', 'r.a'), { minLength: 1 }), item, (paths, whole) => {
      const { projection } = compileExpressions({ ProjectionExpression: paths.join(', ') });
      const kept = projection!.project(whole);
      const leaves = paths.map((text) => look(whole, text)).filter((found) => found !== undefined);
      const count = (shown: AttributeValue | Item | undefined): number => JSON.stringify(shown ?? '').length;
      for (const found of leaves) assert.ok(JSON.stringify(kept).includes(JSON.stringify(found)));
      const wrapping = paths.length * 40;
      assert.ok(count(kept) <= leaves.reduce((sum, found) => sum + count(found), 0) + wrapping);
      assert.equal(Object.keys(kept).length, new Set(paths.filter((text) => look(whole, text) !== undefined).map((text) => text[0])).size);
    }),
    { numRuns: 2000 },
  );
});

test('an update leaves the old item alone and changes only what it names', () => {
  const actions = fc.constantFrom(
    'SET p = q',
    'SET p = if_not_exists(r, :s)',
    'REMOVE p',
    'SET q[0] = :s, q[9] = :n REMOVE q[1]',
    'SET p = r - :n',
    'SET r.b = :s',
    'ADD p :n',
    'SET p = list_append(q, q)',
  );
  fc.assert(
    fc.property(actions, item, (text, old) => {
      const { update } = compileExpressions({ UpdateExpression: text, ExpressionAttributeValues: used(text) });
      const before = show({ M: old });
      let next: Item;
      try {
        next = update!.apply(old);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ValidationException');
        return;
      } finally {
        assert.equal(show({ M: old }), before);
      }
      for (const name of ['p', 'q', 'r']) {
        if (!update!.heads.has(name)) assert.equal(show(look(next, name)), show(look(old, name)));
      }
      if (text === 'SET p = q') assert.equal(show(next['p']), show(old['q']));
      if (text === 'REMOVE p') assert.equal(next['p'], undefined);
      if (text === 'ADD p :n') assert.equal(next['p']!.N, String(Number(old['p']?.N ?? 0) + 1));
      if (text.startsWith('SET q[0]')) {
        const list = old['q']!.L!;
        assert.equal(
          show(next['q']),
          show({ L: list.length === 0 ? [{ S: 'a' }, { N: '1' }] : [{ S: 'a' }, ...list.slice(2), { N: '1' }] }),
        );
      }
    }),
    { numRuns: 2000 },
  );
});

test('the bounds of a key condition hold exactly the keys for which the same filter is true', () => {
  const key = fc.oneof(
    fc.integer({ min: -200, max: 200 }).map((n): AttributeValue => ({ N: String(n / 8) })),
    fc.string({ unit: 'binary', maxLength: 3 }).map((S): AttributeValue => ({ S })),
  );
  const sorts = fc.constantFrom('=', '<', '<=', '>', '>=', 'between', 'begins_with');
  fc.assert(
    fc.property(
      sorts,
      fc.tuple(key, key, key).filter(([one, two, three]) => 'N' in one === 'N' in two && 'N' in two === 'N' in three),
      (sort, [sorted, one, two]) => {
        fc.pre(sort !== 'begins_with' || one.S !== undefined);
        fc.pre(sort !== '=' || one.S !== '');
        const text = sort === 'between' ? 'k between :one and :two' : sort === 'begins_with' ? 'begins_with(k, :one)' : `k ${sort} :one`;
        const values: Record<string, AttributeValue> = sort === 'between' ? { ':one': one, ':two': two } : { ':one': one };
        fc.pre(sort !== 'between' || Buffer.compare(encodeKeyValue(one), encodeKeyValue(two)) <= 0);
        const { keyConditions, filter } = compileExpressions({
          KeyConditionExpression: `p = :one and ${text}`,
          FilterExpression: text,
          ExpressionAttributeValues: values,
        });
        fc.pre(one.S !== '');
        const type = one.S === undefined ? 'N' : 'S';
        const { sort: range } = keyRange(keyConditions!, [
          { name: 'p', type },
          { name: 'k', type },
        ]);
        assert.equal(isWithin(encodeKeyValue(sorted), range!.bounds), filter!.matches({ k: sorted }));
      },
    ),
    { numRuns: 3000 },
  );
});

test('a legacy filter of one condition says what its expression says', () => {
  const pairs = fc.constantFrom<['EQ' | 'NE' | 'LT' | 'LE' | 'GT' | 'GE' | 'BEGINS_WITH' | 'CONTAINS', string]>(
    ['EQ', 'p = :s'], ['NE', 'p <> :s'], ['LT', 'p < :s'], ['LE', 'p <= :s'], ['GT', 'p > :s'], ['GE', 'p >= :s'], ['BEGINS_WITH', 'begins_with(p, :s)'], ['CONTAINS', 'contains(p, :s)'],
  ); // prettier-ignore
  fc.assert(
    fc.property(pairs, item, ([operator, text], each) => {
      const { filter } = compileExpressions({ FilterExpression: text, ExpressionAttributeValues: used(text) });
      const legacy = filterCondition({ p: { ComparisonOperator: operator, AttributeValueList: [{ S: 'a' }] } }, undefined);
      assert.equal(legacy!.matches(each), filter!.matches(each));
    }),
  );
});
