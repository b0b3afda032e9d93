/** The reconciler of snapshots: stores the blocks of those that were begun, and takes away those of deleted ones. */

import { countBlocks, dropBlocks, recodeBlocks, shareBlocks, storeDisk } from '../../../framework/ebs-snapshots/blocks.ts';
import { deletedSnapshots, snapshots, unknownVolume, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { blockKeyOf } from '../../../framework/ebs-snapshots/sealed-blocks.ts';
import type { Encryption } from '../../../framework/ebs-snapshots/keys.ts';
import { AwsError } from '../../../framework/aws-error.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { volumes } from '../volumes/volume.ts';
import { openKeyFor, retireGrants } from '../volumes/keys.ts';
import { imageExports } from '../image-exports/image-export.ts';
import { images } from '../images/image.ts';
import { instances } from '../instances/instance.ts';

export const taker: Reconciler = {
  name: 'ec2/snapshots',
  watches: [snapshots, images, deletedSnapshots, volumes, imageExports],
  async run(context) {
    const pending = await context.store.read((tx) => snapshots.scanIndex(tx, 'pending'));
    for (const { row } of pending) if (!(await isWaiting(context, row))) await take(context, row);
    await finishImages(context);
    await dropDeleted(context);
    await deleteLostCuts(context);
  },
};

/** For an instance that is being shut down: it is cut when its machine has ended. */
async function isWaiting({ store }: ReconcilerContext, { account, region, waits }: Snapshot): Promise<boolean> {
  if (waits === undefined) return false;
  const instance = await store.read((tx) => instances.get(tx, account, region, waits));
  return instance !== undefined && instance.state !== 'terminated';
}

async function dropDeleted(context: ReconcilerContext): Promise<void> {
  const { store } = context;
  for (const { row } of await store.read((tx) => deletedSnapshots.scan(tx, []))) {
    // Another snapshot that is to take blocks over from it, or a volume that is made of it: each wakes this reconciler when it is done.
    const needed = await store.read(
      async (tx) =>
        (await snapshots.find(tx, 'needs', row.id)) ??
        (await imageExports.find(tx, 'snapshot', row.id)) ??
        (await volumes.scanIndex(tx, 'work', ['creating'])).find((found) => found.row.snapshot === row.id),
    );
    if (needed) continue;
    await dropBlocks(context, row.id);
    await store.write((tx) => deletedSnapshots.delete(tx, row.id));
  }
}

/** Rows are read after disks: a cut always follows its row, so that none of a snapshot begun meanwhile looks lost. */
async function deleteLostCuts({ store, host }: ReconcilerContext): Promise<void> {
  const cuts = (await host.disks.ids()).filter((id) => id.startsWith(cutOf('')));
  if (cuts.length === 0) return;
  const pending = await store.read((tx) => snapshots.scanIndex(tx, 'pending'));
  const wanted = new Set(pending.map(({ row }) => cutOf(row.id)));
  for (const id of cuts) if (!wanted.has(id)) await host.disks.delete(id);
}

/** The disk that holds a volume as it was when the snapshot was begun. */
export const cutOf = (snapshot: string): string => `cut-${snapshot}`;

async function take(context: ReconcilerContext, row: Snapshot): Promise<void> {
  const { host, clock } = context;
  context.signal.throwIfAborted();
  let blocks: number;
  if (row.volume === unknownVolume) {
    if (row.source !== undefined && !(await takeOver(context, row, row.source))) return finish(context, row, 'error', 0);
    blocks = await countBlocks(context, row.id);
  } else {
    // Cut already, unless a crash came between.
    if (!(await host.disks.state(row.volume)) && !(await host.disks.state(cutOf(row.id)))) return finish(context, row, 'error', 0);
    await host.disks.copy(row.volume, cutOf(row.id));
    const key = await keyOf(context, row, row.encryption);
    if (key === 'refused') return finish(context, row, 'error', 0);
    if (key) await host.disks.unlock(cutOf(row.id), key);
    blocks = await storeDisk(context, row.id, cutOf(row.id), key && blockKeyOf(key));
    await host.disks.delete(cutOf(row.id));
  }
  return finish(context, row, 'completed', blocks, clock.now());
}

/** The blocks of another snapshot, as they are or encrypted anew. False when a key may not be used. */
async function takeOver(context: ReconcilerContext, row: Snapshot, source: string): Promise<boolean> {
  if (!row.recoded) {
    await shareBlocks(context, source, row.id);
    return true;
  }
  const to = await keyOf(context, row, row.encryption);
  const from = await keyOf(context, row, row.recoded.from);
  if (to === 'refused' || from === 'refused') return false;
  await recodeBlocks(context, source, row.id, { ...(from && { from: blockKeyOf(from) }), ...(to && { to: blockKeyOf(to) }) });
  return true;
}

/** Its data key. A snapshot of a volume opens it by the volume's grant, which ends with that. */
async function keyOf(
  context: ReconcilerContext,
  row: Snapshot,
  encryption: Encryption | undefined,
): Promise<Uint8Array | 'refused' | undefined> {
  if (!encryption) return undefined;
  const id = row.volume === unknownVolume ? row.id : row.volume;
  try {
    return await openKeyFor(context, { account: row.account, region: row.region, id }, encryption);
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    context.log(`${row.id} cannot be made: ${error.message}`);
    return 'refused';
  }
}

async function finish(
  context: ReconcilerContext,
  row: Snapshot,
  state: 'completed' | 'error',
  blocks: number,
  completed?: number,
): Promise<void> {
  await retireGrants(context, row, row.grants);
  await context.store.write(async (tx) => {
    const present = await snapshots.get(tx, row.account, row.region, row.id);
    if (present?.state !== 'pending') return;
    const { grants: _given, recoded: _done, ...rest } = present;
    await snapshots.put(tx, { ...rest, state, blocks, ...(completed !== undefined && { completed }) });
  });
}

/** An image is there when the snapshots of all its volumes are. */
async function finishImages({ store }: ReconcilerContext): Promise<void> {
  await store.write(async (tx) => {
    for (const { row } of await images.scanIndex(tx, 'pending')) {
      const parts = [];
      for (const { volume } of row.mappings)
        if (volume.snapshot !== undefined) parts.push(await snapshots.find(tx, 'id', row.region, volume.snapshot));
      if (parts.some((part) => part === undefined || part.state === 'error')) await images.put(tx, { ...row, state: 'failed' });
      else if (parts.every((part) => part!.state === 'completed')) await images.put(tx, { ...row, state: 'available' });
    }
  });
}
