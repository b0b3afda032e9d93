/** Tree hashes fit those that clients compute, however the bytes are cut. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { combined, leafBytes, treeHasher } from './tree-hash.ts';

const sha256 = (...pieces: Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(pieces)).digest();
const bytes = Buffer.alloc(5 * leafBytes + 3, 'glacier');

function hashOf(whole: Uint8Array, pieceBytes: number): Buffer {
  const hasher = treeHasher();
  for (let at = 0; at < whole.length; at += pieceBytes) hasher.update(whole.subarray(at, at + pieceBytes));
  return hasher.digest();
}

test('up to one MiB, the tree hash is the hash', () => {
  for (const length of [0, 1, leafBytes]) assert.deepEqual(hashOf(bytes.subarray(0, length), 1000), sha256(bytes.subarray(0, length)));
});

test('an odd one goes up as it is', () => {
  const [a, b, c] = [0, 1, 2].map((i) => sha256(bytes.subarray(i * leafBytes, (i + 1) * leafBytes)));
  assert.deepEqual(hashOf(bytes.subarray(0, 3 * leafBytes), 700_000), sha256(sha256(a!, b!), c!));
});

test('the hashes of parts of equal length make the hash of the whole', () => {
  for (const partBytes of [1, 2, 4, 8].map((leaves) => leaves * leafBytes)) {
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += partBytes) parts.push(hashOf(bytes.subarray(at, at + partBytes), leafBytes + 1));
    assert.deepEqual(combined(parts), hashOf(bytes, bytes.length));
  }
});
