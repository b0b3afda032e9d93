/** Whatever part of a blob is read: it is what was written there. */

import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { turn } from './any-range.ts';

test('any range of what was encrypted is decrypted by itself, and by no other key', () => {
  const plain = randomBytes(5_000);
  const key = createSecretKey(randomBytes(32));
  const stored = turn(key, plain);
  assert.equal(stored.length, plain.length);
  assert.ok(!turn(createSecretKey(randomBytes(32)), stored).equals(plain));
  fc.assert(
    fc.property(fc.nat(plain.length), fc.nat(plain.length), (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      assert.ok(turn(key, stored.subarray(start, end), start).equals(plain.subarray(start, end)));
    }),
  );
});
