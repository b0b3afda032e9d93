/** What is kept of small blobs in memory has a bound, however small they are. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHotBlobs } from '../blobs/hot-blobs.ts';

const kept = (hot: ReturnType<typeof createHotBlobs>, count: number): number =>
  Array.from({ length: count }, (_, n) => hot.get(`blob-${n}`)).filter(Boolean).length;

test('a blob of a few bytes counts for what it takes in memory', () => {
  const hot = createHotBlobs();
  for (let n = 0; n < 100_000; n++) hot.keep(`blob-${n}`, Buffer.from(`${n}`));
  assert.ok(kept(hot, 100_000) <= 32_768);
  assert.equal(hot.get('blob-99999')?.toString(), '99999');
});

test('what is kept holds on to no bytes but its own, and what is dropped makes room', () => {
  const hot = createHotBlobs();
  hot.keep('blob-0', Buffer.from('small')); // a slice of Node's pool
  assert.equal(hot.get('blob-0')!.buffer.byteLength, 5);
  hot.keep('large', Buffer.alloc(16 * 1024 + 1));
  assert.equal(hot.get('large'), undefined);
  const bytes = Buffer.alloc(16 * 1024);
  for (let n = 1; n < 900; n++) hot.keep(`blob-${n}`, bytes);
  for (let n = 1; n < 900; n++) hot.drop(`blob-${n}`);
  for (let n = 900; n < 1_800; n++) hot.keep(`blob-${n}`, bytes);
  assert.equal(kept(hot, 1_800), 901);
});
