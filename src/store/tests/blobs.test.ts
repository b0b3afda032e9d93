/** Blobs in a directory: what the disk has changed is noticed, and what a power cut has torn harms nothing. */

import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, mkdtempSync, openSync, readdirSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { isSelfWriting } from '../../framework/body.ts';
import { BlobCorrupt, BlobMissing, type BlobRef, type Staged } from '../blob-store.ts';
import { openBlobs, type RunningBlobStore } from '../blobs/blobs.ts';
import { openStore } from '../open-store.ts';

const store = await openStore({ temporary: true });
const opened: RunningBlobStore[] = [];
const directories: string[] = [];
after(async () => {
  for (const blobs of opened) await blobs.close();
  await store.close();
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

async function open(options: { directory?: string; now?: () => number } = {}): Promise<{ blobs: RunningBlobStore; directory: string }> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'haneul-blobs-'));
  directories.push(directory);
  const blobs = await openBlobs({ directory, store, ...(options.now && { now: options.now }) });
  opened.push(blobs);
  return { blobs, directory };
}

async function keep(blobs: RunningBlobStore, staged: Staged): Promise<BlobRef> {
  await store.write((tx) => blobs.adopt(tx, staged));
  return staged.ref;
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

const files = (directory: string): string[] =>
  readdirSync(join(directory, 'files'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('-'));
const segments = (directory: string): string[] => readdirSync(join(directory, 'segments'));

test('damage is noticed: a changed byte, a lost end', async () => {
  const { blobs, directory } = await open();
  const small = await keep(blobs, await blobs.stage(randomBytes(50_000)));
  const big = await keep(blobs, await blobs.stage(randomBytes(3_000_000)));
  damage(join(directory, 'segments', segments(directory)[0]!), 3_000);
  await assert.rejects(blobs.bytes(small), BlobCorrupt);
  await assert.rejects(collect(blobs.read(small)), BlobCorrupt);
  const file = join(directory, 'files', files(directory)[0]!);
  assert.equal((await blobs.bytes(big)).length, 3_000_000, 'whole so far');
  damage(file, 1_000_000);
  await assert.rejects(collect(blobs.read(big)), BlobCorrupt);
  await assert.rejects(collect(blobs.read(big, { start: 1_000_100, end: 1_000_101 })), BlobCorrupt, 'the range lies in the damaged block');
  assert.equal((await collect(blobs.read(big, { start: 0, end: 600_000 }))).length, 600_000, 'other blocks are whole');
  truncateSync(file, 2_999_000);
  await assert.rejects(collect(blobs.read(big, { start: 2_900_000, end: 3_000_000 })), BlobCorrupt);
  rmSync(file);
  await assert.rejects(collect(blobs.read(big)), BlobMissing);
});

test('a lost end or a lost file is told to whoever writes the bytes out, and ends nothing else, though nobody listens to the stream', async () => {
  const { blobs, directory } = await open();
  const big = await keep(blobs, await blobs.stage(randomBytes(3_000_000)));
  const file = join(directory, 'files', files(directory)[0]!);
  const losses = [() => truncateSync(file, 2_999_000), () => rmSync(file)];
  for (const [i, lose] of losses.entries()) {
    lose();
    const stream = blobs.read(big);
    assert.ok(isSelfWriting(stream));
    // Its error has come before anybody began to write.
    await new Promise<void>((resolve) => void stream.once('close', resolve));
    await assert.rejects(
      stream.writeTo(async () => {}),
      i === 0 ? BlobCorrupt : BlobMissing,
    );
  }
});

test('pieces that are the store’s own give their memory back once they are stored in another form; parts of a buffer stay', async () => {
  const { blobs } = await open();
  for (const count of [3, 40]) {
    const bytes = randomBytes(count * 50_000);
    const pieces = Array.from({ length: count }, (_unused, i) => Uint8Array.from(bytes.subarray(i * 50_000, (i + 1) * 50_000)));
    const shared = Buffer.from(pieces.at(-1)!.buffer, 0, 40_000);
    const given = [...pieces.slice(0, -1), shared];
    const turned = { update: (piece: Uint8Array) => piece.map((byte) => byte ^ 255), final: () => new Uint8Array(0) };
    const staged = await blobs.stage(Readable.from(given), { hashes: ['md5'], through: turned, owned: true });
    assert.equal(staged.hashes.md5!.toString('hex'), hash('md5', bytes.subarray(0, count * 50_000 - 10_000)));
    assert.deepEqual([pieces[0]!.length, shared.length], [0, 40_000]);
    const stored = await collect(blobs.read(await keep(blobs, staged)));
    assert.ok(Buffer.from(stored.map((byte) => byte ^ 255)).equals(bytes.subarray(0, count * 50_000 - 10_000)));
  }
});

test('a small blob stays in memory for a while; whoever reads it from the disk notices damage', async () => {
  const { blobs, directory } = await open();
  const bytes = randomBytes(5_000);
  const ref = await keep(blobs, await blobs.stage(bytes));
  damage(join(directory, 'segments', segments(directory)[0]!), 3_000);
  assert.deepEqual(await blobs.bytes(ref), bytes);
  const { blobs: next } = await open({ directory });
  await assert.rejects(next.bytes(ref), BlobCorrupt);
});

test('a torn record at the end of a segment harms nothing: a new start begins a new segment', async () => {
  const { blobs, directory } = await open();
  const before = randomBytes(5_000);
  const ref = await keep(blobs, await blobs.stage(before));
  appendFileSync(join(directory, 'segments', segments(directory)[0]!), randomBytes(777)); // what a power cut leaves of a write
  const { blobs: next } = await open({ directory });
  const after = randomBytes(6_000);
  const nextRef = await keep(next, await next.stage(after));
  assert.equal(segments(directory).length, 2);
  assert.ok((await next.bytes(ref)).equals(before));
  assert.ok((await next.bytes(nextRef)).equals(after));
});

test('a blob is read by every process that shares the directory', async () => {
  const { blobs: a, directory } = await open();
  const { blobs: b } = await open({ directory });
  const bytes = randomBytes(3_000);
  const ref = await keep(a, await a.stage(bytes));
  assert.ok((await b.bytes(ref)).equals(bytes));
  const other = await keep(b, await b.stage(bytes));
  assert.ok((await a.bytes(other)).equals(bytes));
});

function damage(path: string, at: number): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, randomBytes(2), 0, 2, at);
  closeSync(descriptor);
}
