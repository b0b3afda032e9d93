/** What is sealed opens under its key alone, whole alone, also in another process. */

import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemRandom } from '../runtime/random.ts';
import { openBytes, SealBroken, sealBytes, sealBytesMore } from './sealed-bytes.ts';

const random = systemRandom();
const bytes = randomBytes(32);

test('bytes and texts come back, also under another object of the same key, as that of the next process is', () => {
  const key = createSecretKey(bytes);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.string({ unit: 'grapheme', maxLength: 300 }), (plain, text) => {
      const sealed = sealBytes(key, plain, random);
      assert.equal(sealed.length, plain.length + sealBytesMore);
      assert.deepEqual(openBytes(createSecretKey(bytes), sealed), Buffer.from(plain));
      assert.deepEqual(openBytes(key, sealBytes(key, text, random)), Buffer.from(text));
    }),
  );
});

test('the same text is never sealed twice the same way, and none of it shows', () => {
  const key = createSecretKey(bytes);
  const text = 'a text that is nobody else’s';
  const all = Array.from({ length: 500 }, () => sealBytes(key, text, random));
  assert.equal(new Set(all.map((one) => one.toString('hex'))).size, all.length);
  for (const one of all) assert.ok(!one.includes('nobody'));
});

test('another key, a changed bit and an end that is missing are found out', () => {
  const key = createSecretKey(bytes);
  const sealed = sealBytes(key, 'hello', random);
  assert.throws(() => openBytes(createSecretKey(randomBytes(32)), sealed), SealBroken);
  for (let at = 0; at < sealed.length; at++) {
    const altered = Buffer.from(sealed);
    altered[at]! ^= 1;
    assert.throws(() => openBytes(key, altered), SealBroken);
  }
  assert.throws(() => openBytes(key, sealed.subarray(0, -1)), SealBroken);
  assert.throws(() => openBytes(key, sealed.subarray(0, 5)), SealBroken);
});
