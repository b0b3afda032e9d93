/** Numbers, keys and comparisons against slow and obvious ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { AttributeValue } from './attribute-value.ts';
import { compareTexts, compareValues, equalValues } from './compare.ts';
import { addNumbers, compareNumbers, normalNumber, parseDecimal, subtractNumbers } from './decimal.ts';
import { afterPrefix, encodeKeyValue } from './key-encoding.ts';
import { itemBytes, pageBytes } from './size.ts';

/** A number as a whole count of 1E-170. */
function model(text: string): bigint {
  const { negative, digits, exponent } = parseDecimal(text)!;
  if (digits === '') return 0n;
  const magnitude = BigInt(digits) * 10n ** BigInt(exponent - digits.length + 1 + 170);
  return negative ? -magnitude : magnitude;
}

const sign = (value: bigint | number): number => (value > 0 ? 1 : value < 0 ? -1 : 0);

const numbers = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }),
    fc.oneof(fc.integer({ min: -130, max: 87 }), fc.integer({ min: -20, max: 5 })),
  )
  .map(([negative, digits, exponent]) =>
    normalNumber(`${negative ? '-' : ''}${digits}e${Math.min(exponent, 125 - digits.toString().length)}`),
  );
const small = fc.oneof(numbers, fc.integer({ min: -1000, max: 1000 }).map(String));

test('a number in normal form means what it meant and stays as it is', () => {
  fc.assert(
    fc.property(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -9, max: 9 }), fc.nat(3), (digits, exponent, zeros) => {
      const normal = normalNumber(`${digits}${zeros === 0 ? '' : `.${'0'.repeat(zeros)}`}e${exponent}`);
      assert.match(normal, /^(0|-?(0\.\d*[1-9]|[1-9]\d*(\.\d*[1-9])?))$/);
      assert.equal(model(normal), BigInt(digits) * 10n ** BigInt(170 + exponent));
      assert.equal(normalNumber(normal), normal);
    }),
  );
});

test('sums, differences and order are exact', () => {
  fc.assert(
    fc.property(small, small, (one, other) => {
      assert.equal(sign(compareNumbers(one, other)), sign(model(one) - model(other)));
      const exact = (run: () => string, expected: bigint): void => {
        let result: string;
        try {
          result = run();
        } catch {
          const digits = (expected < 0n ? -expected : expected).toString();
          assert.ok(digits.replace(/0+$/, '').length > 38 || digits.length > 126 + 170 || digits.length < 41);
          return;
        }
        assert.equal(model(result), expected);
      };
      exact(() => addNumbers(one, other), model(one) + model(other));
      exact(() => subtractNumbers(one, other), model(one) - model(other));
    }),
    { numRuns: 2000 },
  );
});

test('encoded keys stand in the order of their values', () => {
  const texts = fc.string({ unit: 'binary' }).map((S): AttributeValue => ({ S }));
  const bytes = fc.uint8Array().map((B): AttributeValue => ({ B }));
  const check = (one: AttributeValue, other: AttributeValue): void => {
    const order = Buffer.compare(encodeKeyValue(one), encodeKeyValue(other));
    assert.equal(sign(compareValues(one, other)!), order);
    assert.equal(equalValues(one, other), order === 0);
  };
  const number = small.map((N): AttributeValue => ({ N }));
  for (const values of [texts, bytes, number]) fc.assert(fc.property(values, values, check), { numRuns: 1000 });
});

test('texts are ordered by their UTF-8 bytes', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '𐀀') });
  fc.assert(
    fc.property(text, text, (one, other) => sign(compareTexts(one, other)) === Buffer.compare(Buffer.from(one), Buffer.from(other))),
  );
});

test('what follows a prefix is the first that does not begin with it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3 }), fc.uint8Array({ maxLength: 5 }), (prefix, bytes) => {
      const after = afterPrefix(prefix);
      const begins = Buffer.from(bytes).subarray(0, prefix.length).equals(prefix);
      const within = Buffer.compare(bytes, prefix) >= 0 && (after === undefined || Buffer.compare(bytes, after) < 0);
      assert.equal(within, begins);
    }),
    { numRuns: 2000 },
  );
});

test('items have the sizes that AWS counts', () => {
  const sizes: readonly [value: AttributeValue, bytes: number][] = [
    [{ S: 'é' }, 2],
    [{ N: '0' }, 1],
    [{ N: '1' }, 2],
    [{ N: '12' }, 2],
    [{ N: '123' }, 3],
    [{ N: '-123' }, 4],
    [{ N: '1200' }, 2],
    [{ N: '120' }, 3],
    [{ B: Buffer.from('abc') }, 3],
    [{ BOOL: false }, 1],
    [{ NULL: true }, 1],
    [{ SS: ['a', 'bc'] }, 3],
    [{ NS: ['1', '123'] }, 5],
    [{ L: [{ S: 'ab' }, { NULL: true }] }, 8],
    [{ M: { abc: { S: 'd' } } }, 8],
  ];
  for (const [value, bytes] of sizes) assert.equal(itemBytes({ ab: value }), 2 + bytes, JSON.stringify(value));
  assert.equal(pageBytes({ a: { S: 'b' }, c: { N: '1' } }, 'c'), 2 + 3 + 18 + 2);
});
