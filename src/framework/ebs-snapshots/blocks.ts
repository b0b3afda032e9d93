/** The blocks of snapshots: read from a disk, stored once for each content, and written to a new disk. */

import { createHash } from 'node:crypto';
import type { ReconcilerContext } from '../reconciler.ts';
import type { BlobRef } from '../../store/blob-store.ts';
import type { WriteTransaction } from '../../store/store.ts';
import { openBlock, sealBlock, sealedName, type BlockKey } from './sealed-blocks.ts';
import { blockBytes, blockContents, snapshotBlocks, type BlockContent } from './snapshot.ts';

const blocksPerTransaction = 64;
const blocksPerRead = 16;

type Means = Pick<ReconcilerContext, 'host' | 'store' | 'blobs' | 'signal'>;

/** Stores what a disk holds as the blocks of a snapshot; blocks that are there already are not stored again. Resolves to their number. */
export async function storeDisk(means: Means, snapshot: string, disk: string, key?: BlockKey): Promise<number> {
  let pending: Block[] = [];
  let count = 0;
  // Until the snapshot is completed nothing counts on its blocks: one that was broken off is stored again.
  const storing = { key, durability: 'relaxed' } as const;
  for (const { first, blocks } of runsOf(indexesOf(await means.host.disks.extents(disk)))) {
    means.signal.throwIfAborted();
    const read = await means.host.disks.read(disk, first * blockBytes, blocks * blockBytes);
    for (let at = 0; at < blocks; at++) {
      const bytes = read.subarray(at * blockBytes, (at + 1) * blockBytes);
      if (isZero(bytes)) continue;
      count++;
      pending.push({ index: first + at, bytes, hash: nameOf(bytes, key) });
    }
    if (pending.length < blocksPerTransaction) continue;
    await storeBlocks(means, snapshot, pending, storing);
    pending = [];
  }
  await storeBlocks(means, snapshot, pending, storing);
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

/** Numbers that follow each other, so many at a time: a read for each block would cost more than its bytes. */
function* runsOf(indexes: Iterable<number>): Generator<{ first: number; blocks: number }> {
  let run: { first: number; blocks: number } | undefined;
  for (const index of indexes) {
    if (run && index === run.first + run.blocks && run.blocks < blocksPerRead) run.blocks++;
    else {
      if (run) yield run;
      run = { first: index, blocks: 1 };
    }
  }
  if (run) yield run;
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

/** Under which a block's bytes are stored: its digest, or of an encrypted one what its key makes of it. */
export const nameOf = (bytes: Uint8Array, key: BlockKey | undefined): string => (key ? sealedName(key, bytes) : hashOf(bytes));

/** `bytes` are plain. */
export type Block = { index: number; bytes: Buffer; hash: string; checksum?: string };

const zeros = Buffer.alloc(blockBytes);
export const isZero = (bytes: Buffer): boolean => bytes.equals(bytes.length === blockBytes ? zeros : zeros.subarray(0, bytes.length));

type Storing = {
  /** Of an encrypted snapshot: the names of the blocks are those that it gives. */
  key?: BlockKey | undefined;
  /** `sync` when absent. */
  durability?: 'sync' | 'relaxed';
  /** Runs in the transaction, first. */
  check?: (tx: WriteTransaction) => Promise<unknown>;
};

/** Blocks of a snapshot with their contents. One that a snapshot has already is replaced. */
export async function storeBlocks(
  { store, blobs }: Pick<Means, 'store' | 'blobs'>,
  snapshot: string,
  blocks: readonly Block[],
  { key, check, durability = 'sync' }: Storing = {},
): Promise<void> {
  if (blocks.length === 0) return;
  const known = await store.read(async (tx) =>
    blockContents.getMany(
      tx,
      blocks.map(({ hash }) => [hash]),
    ),
  );
  const fresh = new Map(blocks.flatMap(({ hash, bytes }, at) => (known[at] ? [] : [[hash, bytes] as const])));
  const staged = new Map<string, BlobRef>();
  // Side by side, so that they share what makes them durable.
  await Promise.all(
    [...fresh].map(async ([hash, bytes]) => {
      staged.set(hash, (await blobs.stage(key ? sealBlock(key, hash, bytes) : bytes)).ref);
    }),
  );
  const unused = await store.write(async (tx) => {
    await check?.(tx);
    const left = new Map(staged);
    for (const { index, hash, checksum } of blocks) {
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
      await snapshotBlocks.put(tx, { snapshot, index, hash, ...(checksum !== undefined && { checksum }) });
    }
    return [...left.values()];
  }, durability);
  for (const ref of unused) await blobs.discard({ ref, hashes: {}, taken: ref.size });
}

async function release(tx: WriteTransaction, blobs: Means['blobs'], hash: string): Promise<void> {
  const content = await blockContents.get(tx, hash);
  if (!content) return;
  if (content.uses > 1) return blockContents.put(tx, { ...content, uses: content.uses - 1 });
  await blockContents.delete(tx, hash);
  await blobs.remove(tx, content.blob);
}

export type Filling = {
  snapshot: string;
  bytes: number;
  /** With which the disk is encrypted. */
  key?: Uint8Array | undefined;
  /** With which the snapshot's blocks are. */
  from?: BlockKey | undefined;
};

/** Makes a disk of a snapshot's blocks: under another name first, so that it is there whole or not at all. */
export async function fillDisk(means: Means, disk: string, { snapshot, bytes, key, from }: Filling): Promise<void> {
  const { disks } = means.host;
  const workplace = `fill-${disk}`;
  await disks.delete(workplace);
  await disks.create(workplace, { bytes, ...(key && { key }) });
  for await (const { index, hash } of snapshotBlocks.each(means.store, [snapshot])) {
    means.signal.throwIfAborted();
    await disks.write(workplace, index * blockBytes, await plainBytes(means, { hash, snapshot, index }, from));
  }
  await disks.sync(workplace);
  await disks.rename(workplace, disk);
}

/** The plain bytes of a block. */
export async function plainBytes(
  { store, blobs }: Pick<Means, 'store' | 'blobs'>,
  { hash, snapshot, index }: { hash: string; snapshot: string; index: number },
  key: BlockKey | undefined,
): Promise<Buffer> {
  const content: BlockContent | undefined = await store.read((tx) => blockContents.get(tx, hash));
  if (!content) throw new Error(`block ${index} of ${snapshot} is missing`);
  const stored = await blobs.bytes(content.blob);
  return key ? openBlock(key, hash, stored) : stored;
}

/** The blocks of one snapshot for another that is encrypted otherwise. */
export async function recodeBlocks(means: Means, from: string, to: string, keys: { from?: BlockKey; to?: BlockKey }): Promise<void> {
  let pending: Block[] = [];
  const store = async (): Promise<void> => {
    await storeBlocks(means, to, pending, { key: keys.to });
    pending = [];
  };
  for await (const block of snapshotBlocks.each(means.store, [from], blocksPerTransaction)) {
    means.signal.throwIfAborted();
    const bytes = await plainBytes(means, block, keys.from);
    pending.push({ index: block.index, bytes, hash: nameOf(bytes, keys.to) });
    if (pending.length === blocksPerTransaction) await store();
  }
  await store();
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
