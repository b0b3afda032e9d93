/** What is written as Ion is read back, and no text makes the reader do worse than refuse it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainItem } from '../imports/plain-json.ts';
import { encodeRow } from '../storage/rows.ts';
import { admitItem } from '../values/admit.ts';
import type { Item } from '../values/attribute-value.ts';
import { IonFault, parseIon } from './reader.ts';
import { ionItem } from './writer.ts';

/** Attributes without a name are refused. */
const name = fc.string({ minLength: 1 });
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }).map((S) => ({ S })),
    fc
      .oneof(
        fc.integer(),
        fc.integer({ min: 1, max: 99 }).map((n) => `${n}e-30`),
      )
      .map((N) => ({ N: String(N) })),
    fc.base64String().map((B) => ({ B })),
    fc.constantFrom({ BOOL: true }, { NULL: true }),
    fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
    fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 3 }).map((NS) => ({ NS: NS.map(String) })),
    fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }).map((M) => ({ M })),
  ),
}));

const shown = (item: Item): string => encodeRow(item, undefined).json;

test('items go to Ion and come back', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.oneof(name, fc.constantFrom('null', '$1', "it's")), value), (given) => {
      const item = admitItem(plainItem(given)!);
      const text = ionItem(JSON.parse(shown(item)) as Parameters<typeof ionItem>[0]);
      const [read] = parseIon(`$ion_1_0 ${text}`);
      assert.equal(shown(admitItem(read!.M!)), shown(item));
    }),
  );
});

test('any other text is refused, and nothing else happens', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '{{',
    '}}',
    "'",
    "'''",
    '"',
    '\\',
    ':',
    '::',
    ',',
    'a',
    '$dynamodb_SS',
    '1',
    '.',
    'd',
    '-',
    'null',
    ' ',
    '//',
    '/*',
  );
  fc.assert(
    fc.property(fc.array(pieces), (texts) => {
      try {
        parseIon(texts.join(''));
      } catch (error) {
        if (!(error instanceof IonFault)) throw error;
      }
    }),
  );
});
