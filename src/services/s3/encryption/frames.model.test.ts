/** Whatever the pieces in which bytes come and the range that is asked for: what is decrypted is what was encrypted. */

import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { decryptFrames, decryptStream, encryptor, FrameCorrupt, frameBytes, plainSize, storedRange } from './frames.ts';

const key = createSecretKey(randomBytes(32));
const bytes = randomBytes(4 * frameBytes);
const sizes = fc.oneof(
  fc.integer({ min: 0, max: bytes.length }),
  fc.constantFrom(0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 2 * frameBytes, 4 * frameBytes),
);

function encrypted(plain: Buffer, cuts: readonly number[]): Buffer {
  const through = encryptor(key);
  const edges = [0, ...cuts.map((cut) => cut % (plain.length + 1)).sort((a, b) => a - b), plain.length];
  const pieces = edges.slice(1).map((edge, i) => through.update(plain.subarray(edges[i], edge)));
  return Buffer.concat([...pieces, through.final()]);
}

test('ranges come out as they went in', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.array(fc.nat(bytes.length), { maxLength: 5 }),
      sizes,
      sizes,
      fc.integer({ min: 1, max: 100_000 }),
      async (size, cuts, a, b, chunk) => {
        const plain = bytes.subarray(0, size);
        const stored = encrypted(plain, cuts);
        assert.equal(plainSize(stored.length), size);
        const [start, end] = [Math.min(a, b, size), Math.min(Math.max(a, b), size)];
        const where = storedRange({ start, end }, stored.length);
        const lying = stored.subarray(where.start, where.end);
        const skip = start - where.frame * frameBytes;
        const whole = decryptFrames(key, lying, where.frame).subarray(skip, skip + end - start);
        assert.ok(whole.equals(plain.subarray(start, end)));
        const flowing = async function* () {
          for (let at = 0; at < lying.length; at += chunk) yield lying.subarray(at, at + chunk);
        };
        const pieces: Buffer[] = [];
        for await (const piece of decryptStream(key, flowing(), { frame: where.frame, skip, length: end - start })) pieces.push(piece);
        assert.ok(Buffer.concat(pieces).equals(plain.subarray(start, end)));
      },
    ),
    { numRuns: 60 },
  );
});

test('a changed bit, a frame in another’s place and another key are found out', () => {
  const stored = encrypted(bytes, []);
  const altered = Buffer.from(stored);
  altered[frameBytes + 100]! ^= 1;
  assert.throws(() => decryptFrames(key, altered, 0), FrameCorrupt);
  assert.throws(() => decryptFrames(key, stored, 1), FrameCorrupt);
  assert.throws(() => decryptFrames(createSecretKey(randomBytes(32)), stored, 0), FrameCorrupt);
});
