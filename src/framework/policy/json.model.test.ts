/** The strict reader against JSON.parse. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonSyntax, readJson, type Json } from './json.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

function plain(json: Json): unknown {
  if (json instanceof Map) return Object.fromEntries([...(json as ReadonlyMap<string, Json>)].map(([key, value]) => [key, plain(value)]));
  return Array.isArray(json) ? (json as readonly Json[]).map(plain) : json;
}

function read(text: string): { value: unknown } | undefined {
  try {
    return { value: plain(readJson(text)) };
  } catch (error) {
    if (error instanceof JsonSyntax) return undefined;
    throw error;
  }
}

test('what JSON.stringify writes is read as it was', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom(undefined, 1, '\t'), (text, space) => {
      const spaced = JSON.stringify(JSON.parse(text), null, space);
      assert.deepEqual(read(spaced), { value: JSON.parse(spaced) });
    }),
    { seed, numRuns: 500 },
  );
});

test('broken texts are refused as JSON.parse refuses them', () => {
  const pieces = fc.array(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-0.5e3',
      '01',
      'true',
      'null',
      ' ',
      '\n',
      '"\\u00e9"',
      '"\\x"',
      "'",
      '\u00a0',
    ),
    { maxLength: 9 },
  );
  const parses = (text: string) => {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch {
      return undefined; // JSON.parse throws nothing but SyntaxError
    }
  };
  const twice = (text: string) => /"(a|b)"\s*:.*"\1"\s*:/s.test(text);
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join('');
      if (!twice(text)) assert.deepEqual(read(text), parses(text));
    }),
    { seed, numRuns: 5000 },
  );
});

test('a key that comes twice, and depth without end, are refused', () => {
  assert.equal(read('{"a":1,"a":1}'), undefined);
  assert.equal(read('{"a":1,"\\u0061":1}'), undefined);
  assert.equal(read(`${'['.repeat(17)}1${']'.repeat(17)}`), undefined);
  assert.deepEqual(read('{"__proto__":{"x":1}}'), { value: JSON.parse('{"__proto__":{"x":1}}') });
});
