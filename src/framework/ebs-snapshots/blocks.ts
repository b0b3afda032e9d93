/** The blocks of snapshots: read from a disk, stored once for each content, and written to a new disk. */

import { createHash } from 'node:crypto';
import type { ReconcilerContext } from '../reconciler.ts';
import type { BlobRef } from '../../store/blob-store.ts';
import type { WriteTransaction } from '../../store/store.ts';
import { blockBytes, blockContents, snapshotBlocks } from './snapshot.ts';

const blocksPerTransaction = 64;

type Means = Pick<ReconcilerContext, 'host' | 'store' | 'blobs' | 'signal'>;

/** Stores what a disk holds as the blocks of a snapshot; blocks that are there already are not stored again. Resolves to their number. */
export async function storeDisk(means: Means, snapshot: string, disk: string): Promise<number> {
  let pending: { index: number; bytes: Buffer; hash: string }[] = [];
  let count = 0;
  for (const index of indexesOf(await means.host.disks.extents(disk))) {
    means.signal.throwIfAborted();
    const bytes = await means.host.disks.read(disk, index * blockBytes, blockBytes);
    if (isZero(bytes)) continue;
    count++;
    pending.push({ index, bytes, hash: hashOf(bytes) });
    if (pending.length === blocksPerTransaction) {
      await storeBlocks(means, snapshot, pending);
      pending = [];
    }
  }
  await storeBlocks(means, snapshot, pending);
  return count;
}

/** The numbers of the blocks that extents touch, each once. */
function* indexesOf(extents: readonly { start: number; end: number }[]): Generator<number> {
  let next = 0;
  for (const { start, end } of extents)
    for (let index = Math.max(next, Math.floor(start / blockBytes)); index * blockBytes < end; index++) {
      next = index + 1;
      yield index;
    }
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

const zeros = Buffer.alloc(blockBytes);
export const isZero = (bytes: Buffer): boolean => bytes.equals(bytes.length === blockBytes ? zeros : zeros.subarray(0, bytes.length));

/** Blocks of a snapshot with their contents. One that a snapshot has already is replaced. @param check runs in the transaction first. */
export async function storeBlocks(
  { store, blobs }: Pick<Means, 'store' | 'blobs'>,
  snapshot: string,
  blocks: readonly { index: number; bytes: Buffer; hash: string }[],
  check?: (tx: WriteTransaction) => Promise<unknown>,
): Promise<void> {
  if (blocks.length === 0) return;
  const known = await store.read(async (tx) =>
    blockContents.getMany(
      tx,
      blocks.map(({ hash }) => [hash]),
    ),
  );
  const staged = new Map<string, BlobRef>();
  for (const [at, { hash, bytes }] of blocks.entries())
    if (!known[at] && !staged.has(hash)) staged.set(hash, (await blobs.stage(bytes)).ref);
  const unused = await store.write(async (tx) => {
    await check?.(tx);
    const left = new Map(staged);
    for (const { index, hash } of blocks) {
      const present = await snapshotBlocks.get(tx, snapshot, index);
      if (present?.hash === hash) continue;
      if (present) await release(tx, blobs, present.hash);
      const content = await blockContents.get(tx, hash);
      const blob = content?.blob ?? left.get(hash);
      // What was known a moment ago may have gone since; the next pass stores it.
      if (!blob) throw new Error(`block ${hash} went away while it was used`);
      if (!content) {
        await blobs.adopt(tx, blob);
        left.delete(hash);
      }
      await blockContents.put(tx, { hash, blob, uses: (content?.uses ?? 0) + 1 });
      await snapshotBlocks.put(tx, { snapshot, index, hash });
    }
    return [...left.values()];
  });
  for (const ref of unused) await blobs.discard({ ref, hashes: {}, taken: ref.size });
}

async function release(tx: WriteTransaction, blobs: Means['blobs'], hash: string): Promise<void> {
  const content = await blockContents.get(tx, hash);
  if (!content) return;
  if (content.uses > 1) return blockContents.put(tx, { ...content, uses: content.uses - 1 });
  await blockContents.delete(tx, hash);
  await blobs.remove(tx, content.blob);
}

/** Makes a disk of a snapshot's blocks: under another name first, so that it is there whole or not at all. */
export async function fillDisk(means: Means, disk: string, snapshot: string, bytes: number): Promise<void> {
  const { disks } = means.host;
  const workplace = `fill-${disk}`;
  await disks.delete(workplace);
  await disks.create(workplace, { bytes });
  for await (const { index, hash } of snapshotBlocks.each(means.store, [snapshot])) {
    means.signal.throwIfAborted();
    const content = await means.store.read((tx) => blockContents.get(tx, hash));
    if (!content) throw new Error(`block ${index} of ${snapshot} is missing`);
    await disks.write(workplace, index * blockBytes, await means.blobs.bytes(content.blob));
  }
  await disks.sync(workplace);
  await disks.rename(workplace, disk);
}

/** Lets go of all blocks of a snapshot, some a transaction. */
export async function dropBlocks({ store, blobs }: Pick<Means, 'store' | 'blobs'>, snapshot: string): Promise<void> {
  for (let dropped = blocksPerTransaction; dropped === blocksPerTransaction;)
    dropped = await store.write(async (tx) => {
      const page = await snapshotBlocks.scan(tx, [snapshot], { limit: blocksPerTransaction });
      for (const { row } of page) {
        await release(tx, blobs, row.hash);
        await snapshotBlocks.delete(tx, snapshot, row.index);
      }
      return page.length;
    });
}

/** The same blocks for another snapshot, where that has none of its own: a copy that stores nothing. */
export async function shareBlocks({ store }: Pick<Means, 'store'>, from: string, to: string): Promise<void> {
  for (let after: Uint8Array | undefined; ;) {
    const page = await store.read((tx) => snapshotBlocks.scan(tx, [from], { limit: blocksPerTransaction, ...(after && { after }) }));
    await store.write(async (tx) => {
      for (const { row } of page) {
        if (await snapshotBlocks.get(tx, to, row.index)) continue;
        const content = (await blockContents.get(tx, row.hash))!;
        await blockContents.put(tx, { ...content, uses: content.uses + 1 });
        await snapshotBlocks.put(tx, { ...row, snapshot: to });
      }
    });
    if (page.length < blocksPerTransaction) return;
    after = page.at(-1)!.cursor;
  }
}

export async function countBlocks({ store }: Pick<Means, 'store'>, snapshot: string): Promise<number> {
  let count = 0;
  for await (const _block of snapshotBlocks.each(store, [snapshot])) count++;
  return count;
}
