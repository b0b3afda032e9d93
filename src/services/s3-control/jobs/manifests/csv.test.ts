/** CSV of manifests: quotes, line breaks, and pieces that end anywhere. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvLine, csvRows, decodedKey, encodedKey } from './csv.ts';

async function rowsOf(text: string, pieceLength: number): Promise<string[][]> {
  const bytes = Buffer.from(text);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceLength) yield bytes.subarray(at, at + pieceLength);
  }
  const rows: string[][] = [];
  for await (const row of csvRows(pieces())) rows.push(row);
  return rows;
}

test('what is written is read back, wherever the pieces end', async () => {
  const field = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a,b', 'a"b', 'a\nb', '"', '한글'));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(field, { minLength: 2, maxLength: 4 })), fc.integer({ min: 1, max: 7 }), async (rows, length) => {
      const unbroken = rows.map((row) => row.map((text) => text.replaceAll('\r', '')));
      assert.deepEqual(await rowsOf(unbroken.map(csvLine).join(''), length), unbroken);
    }),
  );
});

test('CRLF, empty lines and a last line without an end', async () => {
  assert.deepEqual(await rowsOf('a,b\r\n\r\n"c","d ""e"""\n\nf,', 3), [
    ['a', 'b'],
    ['c', 'd "e"'],
    ['f', ''],
  ]);
  await assert.rejects(rowsOf('a,"b\nc', 2), SyntaxError);
  await assert.rejects(rowsOf(`a,${'b'.repeat(70_000)}\n`, 70_000 / 2), RangeError);
});

test('keys are encoded like forms', () => {
  assert.equal(encodedKey('a b/ü+,"'), 'a+b/%C3%BC%2B%2C%22');
  for (const key of ['a b/ü+,"', '%', '😀']) assert.equal(decodedKey(encodedKey(key)), key);
  assert.throws(() => decodedKey('%zz'), URIError);
});
