/** Blobs open under their key, version and context, and under nothing else. */

import assert from 'node:assert/strict';
import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { contextBytes, decryptBlob, encryptBlob, readHead } from './ciphertext.ts';

const contexts = fc.dictionary(fc.string({ maxLength: 4 }), fc.string({ maxLength: 4 }), { maxKeys: 3, noNullPrototype: true });
const material = createSecretKey(randomBytes(32));

test('contexts have the same bytes exactly when they have the same pairs', () => {
  const pairs = (context: Record<string, string>): string => JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)));
  fc.assert(
    fc.property(contexts, contexts, (a, b) => {
      assert.equal(contextBytes(a).equals(contextBytes(b)), pairs(a) === pairs(b));
    }),
  );
});

test('a blob gives back its plaintext, and nothing once a bit is changed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), contexts, fc.nat(0xffff), fc.nat(), (plaintext, context, version, at) => {
      const head = { key: randomUUID(), version };
      const blob = encryptBlob(head, material, randomBytes(12), plaintext, context);
      assert.deepEqual(readHead(blob), head);
      assert.deepEqual(new Uint8Array(decryptBlob(blob, material, context)!), plaintext);
      blob[Math.floor(at / 8) % blob.length]! ^= 1 << (at % 8);
      assert.equal(decryptBlob(blob, material, context), undefined);
    }),
  );
});
