/** Whatever the pieces in which bytes come and the range that is asked for: what is decrypted is what was encrypted. */

import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { systemRandom } from '../../runtime/random.ts';
import { frameBytesOf, newDataKey, rewrap, unwrap } from './data-keys.ts';
import { turn } from './any-range.ts';
import {
  decryptFrames,
  decryptStream,
  earlyFrameBytes,
  encryptor,
  FrameCorrupt,
  frameBytes,
  plainSize,
  storedRange,
  type BlobKey,
  type LayeredKey,
} from './frames.ts';

const key = createSecretKey(randomBytes(32));
const bytes = randomBytes(4 * frameBytes);
const sizes = fc.oneof(
  fc.integer({ min: 0, max: bytes.length }),
  fc.constantFrom(0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 2 * frameBytes, 4 * frameBytes),
);

const layers = { inner: createSecretKey(randomBytes(32)), outer: createSecretKey(randomBytes(32)) };

function encrypted(plain: Buffer, cuts: readonly number[], perFrame = frameBytes, under: BlobKey = key): Buffer {
  const through = encryptor(under, perFrame);
  const edges = [0, ...cuts.map((cut) => cut % (plain.length + 1)).sort((a, b) => a - b), plain.length];
  const pieces = edges.slice(1).map((edge, i) => through.update(plain.subarray(edges[i], edge)));
  return Buffer.concat([...pieces, through.final()]);
}

test('ranges come out as they went in, in the frames of today and in those of an early release', async () => {
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.array(fc.nat(bytes.length), { maxLength: 5 }),
      sizes,
      sizes,
      fc.integer({ min: 1000, max: 400_000 }),
      fc.constantFrom(frameBytes, earlyFrameBytes),
      fc.constantFrom<BlobKey>(key, layers),
      async (size, cuts, a, b, chunk, perFrame, under) => {
        const plain = bytes.subarray(0, size);
        const stored = encrypted(plain, cuts, perFrame, under);
        assert.equal(plainSize(stored.length, perFrame), size);
        const [start, end] = [Math.min(a, b, size), Math.min(Math.max(a, b), size)];
        const where = storedRange({ start, end }, stored.length, perFrame);
        const lying = stored.subarray(where.start, where.end);
        const { frame, skip } = where;
        const whole = decryptFrames(under, lying, { frame, plain: perFrame }).subarray(skip, skip + end - start);
        assert.ok(whole.equals(plain.subarray(start, end)));
        const flowing = async function* () {
          for (let at = 0; at < lying.length; at += chunk) yield lying.subarray(at, at + chunk);
        };
        const pieces: Buffer[] = [];
        for await (const piece of decryptStream(under, flowing(), { plain: perFrame, frame, skip, length: end - start }))
          pieces.push(piece);
        assert.ok(Buffer.concat(pieces).equals(plain.subarray(start, end)));
      },
    ),
    { numRuns: 60 },
  );
});

test('two layers are two: without the outer one there are frames under the inner key, and each is needed', () => {
  const stored = encrypted(bytes, [], frameBytes, layers);
  const whole = { frame: 0, plain: frameBytes };
  assert.ok(decryptFrames(layers.inner, turn(layers.outer, stored), whole).equals(bytes));
  assert.throws(() => decryptFrames(layers.inner, stored, whole), FrameCorrupt);
  assert.throws(() => decryptFrames({ ...layers, outer: key }, stored, whole), FrameCorrupt);
  assert.throws(() => decryptFrames({ ...layers, inner: key }, stored, whole), FrameCorrupt);
});

test('keys of two layers are wrapped apart, and wrapped anew as two', () => {
  const made = newDataKey(layers, systemRandom());
  const opened = unwrap(layers, made.wrapped) as typeof layers;
  assert.ok(
    opened.inner.equals((made.key as LayeredKey).inner) &&
      opened.outer.equals((made.key as LayeredKey).outer) &&
      !opened.inner.equals(opened.outer),
  );
  const next = { inner: key, outer: layers.outer };
  const again = unwrap(next, rewrap(layers, made.wrapped, next)) as typeof layers;
  assert.ok(again.inner.equals(opened.inner) && again.outer.equals(opened.outer));
  assert.throws(() => rewrap(layers, made.wrapped, key), /keeps its layers/);
});

test('a changed bit, a frame in another’s place and another key are found out', () => {
  const stored = encrypted(bytes, []);
  const altered = Buffer.from(stored);
  altered[frameBytes + 100]! ^= 1;
  assert.throws(() => decryptFrames(key, altered, { frame: 0, plain: frameBytes }), FrameCorrupt);
  assert.throws(() => decryptFrames(key, stored, { frame: 1, plain: frameBytes }), FrameCorrupt);
  assert.throws(() => decryptFrames(createSecretKey(randomBytes(32)), stored, { frame: 0, plain: frameBytes }), FrameCorrupt);
});

test('a key tells how long the frames are, also when it is wrapped anew; one without a mark is an early one', () => {
  const [from, to] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))];
  const { wrapped, key: made } = newDataKey(from, systemRandom());
  const rewrapped = rewrap(from, wrapped, to);
  const early = rewrapped.slice(rewrapped.indexOf('.') + 1);
  const third = createSecretKey(randomBytes(32));
  for (const [text, wrapping, length] of [
    [wrapped, from, frameBytes],
    [rewrapped, to, frameBytes],
    [early, to, earlyFrameBytes],
  ] as const) {
    const again = rewrap(wrapping, text, third);
    for (const form of [text, again]) assert.equal(frameBytesOf(form), length);
    assert.ok(unwrap(wrapping, text).equals(made));
    assert.ok(unwrap(third, again).equals(made));
  }
});
