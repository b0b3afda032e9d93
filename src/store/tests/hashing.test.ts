/** Digests are right, whatever the length of the stream and wherever it is hashed. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { HashName } from '../blob-store.ts';
import { crc32Joiner } from '../hashing/crc32-combine.ts';
import { crc32c, tabled } from '../hashing/crc32c.ts';
import { loadXxHashes } from '../../framework/xxhash.ts';
import { createCrc64Nvme } from '../hashing/crc64nvme.ts';
import { createStreamHash, hashBytes } from '../hashing.ts';

const xxHashes: HashName[] = ['xxhash64', 'xxhash3', 'xxhash128'];
const all: HashName[] = ['md5', 'sha1', 'sha256', 'crc32', 'crc32c', 'crc64nvme', ...xxHashes];
const hex = (digests: Partial<Record<HashName, Buffer>>) =>
  Object.fromEntries(Object.entries(digests).map(([name, digest]) => [name, digest.toString('hex')]));

// The check values of the catalogue of parametrised CRC algorithms, and of RFC 1321 and FIPS 180.
const ofDigits = {
  md5: '25f9e794323b453885f5181f1b624d0b',
  sha1: 'f7c3bc1d808e04732adf679965ccc34ca7ae3441',
  sha256: '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225',
  crc32: 'cbf43926',
  crc32c: 'e3069283',
  crc64nvme: 'ae8b14860a799888',
  xxhash64: '8cb841db40e6ae83',
  xxhash3: '72dcb18b67a17dff',
  xxhash128: '33119477ede5dcd5e9716427681d5860',
};

/** Of no bytes, as the specification of xxHash and its own program print them. */
const ofNothing = { xxhash64: 'ef46db3751d8e999', xxhash3: '2d06800538d394c2', xxhash128: '99aa06d3014798d86001c324468d497f' };

await loadXxHashes(all);

async function streamed(names: readonly HashName[], bytes: Uint8Array, chunk: number): Promise<Record<string, string>> {
  const hash = createStreamHash(names);
  for (let at = 0; at < bytes.length; at += chunk) await hash.update(bytes.subarray(at, at + chunk));
  return hex(await hash.digest());
}

test('published check values', async () => {
  assert.deepEqual(hex(hashBytes(all, Buffer.from('123456789'))), ofDigits);
  assert.deepEqual(await streamed(all, Buffer.from('123456789'), 2), ofDigits);
});

test('XXHashes of nothing, and of a long stream as libxxhash tells them', async () => {
  assert.deepEqual(hex(hashBytes(xxHashes, Buffer.alloc(0))), ofNothing);
  const long = Buffer.from(Uint8Array.from({ length: 5_000_001 }, (_, i) => i % 251));
  assert.deepEqual(await streamed(xxHashes, long, 700_001), {
    xxhash64: 'b03939a615526dab',
    xxhash3: '51cd70fca8b196b3',
    xxhash128: '5ff64164efddb59f51cd70fca8b196b3',
  });
});

test('CRC-64/NVME is that of its definition, wherever the bytes lie in memory and whatever their length', () => {
  const memory = randomBytes(200);
  for (let from = 0; from < 9; from++) {
    for (const length of [0, 1, 3, 4, 7, 8, 9, 31, 100, 131]) {
      const bytes = memory.subarray(from, from + length);
      let crc = (1n << 64n) - 1n;
      for (const byte of bytes) {
        crc ^= BigInt(byte);
        for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? 0x9a6c9329ac4bc9b5n : 0n);
      }
      const expected = (crc ^ ((1n << 64n) - 1n)).toString(16).padStart(16, '0');
      assert.equal(hex(hashBytes(['crc64nvme'], bytes))['crc64nvme'], expected, `${length} bytes from ${from}`);
    }
  }
});

test('CRC-64/NVME of long runs, which are folded before, is that of their short pieces', () => {
  const memory = randomBytes((1 << 20) + 300_000);
  for (const [from, length] of [
    [0, 119_039],
    [0, 119_040],
    [1, 119_056],
    [3, 250_001],
    [0, 524_288],
    [5, 524_289],
    [0, 643_328],
    [2, 1_300_000],
  ] as const) {
    const bytes = memory.subarray(from, from + length);
    const [whole, short] = [createCrc64Nvme(), createCrc64Nvme()];
    whole.update(bytes.subarray(0, 3));
    whole.update(bytes.subarray(3));
    for (let at = 0; at < length; at += 50_001) short.update(bytes.subarray(at, at + 50_001));
    assert.deepEqual(whole.digest(), short.digest(), `${length} bytes from ${from}`);
  }
});

test('streams of every length give what the bytes at once give, in any pieces', async () => {
  for (const length of [0, 1, 7, 8, 9, 262_144, 262_145, 524_288, 1_048_577, 5_000_001]) {
    const bytes = randomBytes(length);
    const expected = hex(hashBytes(all, bytes));
    assert.equal(expected.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(expected.crc32, crc32(bytes).toString(16).padStart(8, '0'));
    for (const chunk of [65_537, 1 << 20, 3_000_000])
      assert.deepEqual(await streamed(all, bytes, chunk), expected, `${length} bytes in pieces of ${chunk}`);
  }
});

test('bytes are done with in their order, once the hash has read them: their memory may be another’s then', async () => {
  for (const length of [1_000, 300_000, 1_500_000]) {
    const bytes = randomBytes(length);
    const done: Buffer[] = [];
    const hash = createStreamHash(['md5', 'crc64nvme'], (piece) => {
      done.push(Buffer.from(piece));
      piece.fill(0);
    });
    for (let at = 0; at < length; at += 65_537) await hash.update(Buffer.from(bytes.subarray(at, at + 65_537)));
    assert.deepEqual(hex(await hash.digest()), hex(hashBytes(['md5', 'crc64nvme'], bytes)));
    assert.ok(Buffer.concat(done).equals(bytes));
  }
});

test('many long streams at once do not mix, and an aborted one disturbs nobody', async () => {
  const bodies = Array.from({ length: 12 }, () => randomBytes(2_500_000));
  const aborted = createStreamHash(['md5', 'crc64nvme']);
  await aborted.update(randomBytes(3_000_000));
  const digests = bodies.map((body) => streamed(['md5', 'crc64nvme'], body, 100_000));
  aborted.abort();
  assert.deepEqual(
    await Promise.all(digests),
    bodies.map((body) => hex(hashBytes(['md5', 'crc64nvme'], body))),
  );
});

test('the CRC-32 of two pieces gives that of the whole', () => {
  for (const [first, second] of [
    [0, 1],
    [1, 0],
    [5, 7],
    [1_000, 262_144],
    [262_144, 262_144],
    [300_000, 1_234_567],
  ] as const) {
    const [a, b] = [randomBytes(first), randomBytes(second)];
    assert.equal(crc32Joiner(second)(crc32(a), crc32(b)), crc32(Buffer.concat([a, b])), `${first} and ${second} bytes`);
  }
});

test('CRC-32C without the native module', () => {
  const bytes = randomBytes(10_000);
  const own = tabled();
  assert.equal(own(bytes.subarray(5_000), own(bytes.subarray(0, 5_000), 0)), crc32c(bytes, 0));
});
