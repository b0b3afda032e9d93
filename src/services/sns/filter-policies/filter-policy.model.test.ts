/** Filter policies against a slow and obvious model of exact values, ranges, prefixes, alternatives and absence. */

import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passesAttributes, passesBody, readFilterPolicy } from './filter-policy.ts';
import { wildcard, type Scalar } from './rule.ts';

const names = ['a', 'b', 'c', '__proto__'];
const words = ['', 'x', 'xy', 'yx', 'X'];

const word = fc.constantFrom(...words);
const small = fc.integer({ min: -2, max: 2 });
const scalar: fc.Arbitrary<Scalar> = fc.oneof(word, small, fc.boolean(), fc.constant(null));
const rule = fc.oneof(
  scalar,
  word.map((prefix) => ({ prefix })),
  word.map((suffix) => ({ suffix })),
  fc.array(word, { minLength: 1, maxLength: 2 }).map((list) => ({ 'anything-but': list })),
  fc.boolean().map((exists) => ({ exists })),
  fc
    .tuple(small, small)
    .filter(([low, high]) => low < high)
    .map(([low, high]) => ({ numeric: ['>=', low, '<', high] })),
);
const keys = fc.array(fc.tuple(fc.constantFrom(...names), fc.array(rule, { minLength: 1, maxLength: 2 })), { maxLength: 2 });
const policy = fc.tuple(
  keys,
  fc.option(
    fc.array(
      keys.filter((list) => list.length > 0),
      { minLength: 2, maxLength: 2 },
    ),
    { nil: undefined },
  ),
);
const message = fc.array(fc.tuple(fc.constantFrom(...names), fc.array(scalar, { minLength: 1, maxLength: 3 })), { maxLength: 4 });

type Keys = [string, unknown[]][];

/** The last of equal names counts, as in JSON. */
const textOf = (list: Keys, more = ''): string =>
  `{${[...list.map(([name, rules]) => `${JSON.stringify(name)}:${JSON.stringify(rules)}`), ...(more ? [more] : [])].join(',')}}`;

function accepts(one: unknown, values: readonly Scalar[] | undefined): boolean {
  if (one === null || typeof one !== 'object') return values?.includes(one as Scalar) ?? false;
  const [[name, operand]] = Object.entries(one) as [[string, never]];
  if (name === 'exists') return operand === (values !== undefined);
  return (values ?? []).some((value) => {
    if (name === 'anything-but') return !(operand as Scalar[]).includes(value);
    if (name === 'numeric') return typeof value === 'number' && value >= operand[1] && value < operand[3];
    if (typeof value !== 'string') return false;
    return name === 'prefix' ? value.startsWith(operand) : value.endsWith(operand);
  });
}

const fits = (list: Keys, values: ReadonlyMap<string, readonly Scalar[]>): boolean =>
  [...new Map(list)].every(([name, rules]) => rules.some((one) => accepts(one, values.get(name))));

test('a policy passes what its model passes, by attributes and by body', () => {
  fc.assert(
    fc.property(policy, message, ([all, alternatives], given) => {
      const values = new Map(given);
      const or = alternatives && `"$or":[${alternatives.map((list) => textOf(list)).join(',')}]`;
      const text = textOf(all, or ?? '');
      const expected = fits(all, values) && (!alternatives || alternatives.some((list) => fits(list, values)));
      assert.equal(passesAttributes(readFilterPolicy(text, 'MessageAttributes'), values), expected);
      const body = textOf([...values]);
      assert.equal(passesBody(readFilterPolicy(text, 'MessageBody'), body), expected);
    }),
    { numRuns: 2000 },
  );
});

test('a wildcard means what the regular expression means', () => {
  const piece = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 6 }).map((letters) => letters.join('').replaceAll(/\*+/g, '*'));
  const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(piece, text, (pattern, candidate) => {
      assert.equal(wildcard(pattern)(candidate), new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(candidate));
    }),
    { numRuns: 2000 },
  );
});
