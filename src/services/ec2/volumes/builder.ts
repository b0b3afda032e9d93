/** The reconciler of volumes: makes their disks, enlarges them, and takes them away. */

import { AwsError } from '../../../framework/aws-error.ts';
import { blockKeyOf, type BlockKey } from '../../../framework/ebs-snapshots/sealed-blocks.ts';
import { snapshots } from '../../../framework/ebs-snapshots/snapshot.ts';
import { MachineFailed } from '../../../framework/machines.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { builtInImages, hostImageOf } from '../images/image.ts';
import { fillDisk } from '../../../framework/ebs-snapshots/blocks.ts';
import { recycledVolumes } from '../recycle-bin/bin.ts';
import { speedOf } from './speed.ts';
import { openKeyFor, retireGrants } from './keys.ts';
import { gibibyte, volumes, type Volume } from './volume.ts';

const rowsPerPage = 100;

export const builder: Reconciler = {
  name: 'ec2/volumes',
  watches: [volumes, snapshots],
  async run(context) {
    const rows = await context.store.read((tx) => volumes.scanIndex(tx, 'work', [], { limit: rowsPerPage }));
    await Promise.all(rows.map(({ row }) => work(context, row)));
    await removeStrangers(context);
    if (rows.length === rowsPerPage) return { nextAt: context.now };
    return endOptimizing(context);
  },
};

async function work(context: ReconcilerContext, row: Volume): Promise<void> {
  context.signal.throwIfAborted();
  if (row.state === 'creating') return create(context, row);
  if (row.state === 'deleting') return remove(context, row);
  return modify(context, row);
}

/** A disk that is filled from a snapshot bears another name until it is whole. */
async function create(context: ReconcilerContext, row: Volume): Promise<void> {
  const { host, store } = context;
  const bytes = row.gibibytes * gibibyte;
  const image = row.snapshot === undefined ? undefined : hostImageOf(await builtInImages(host, row.region), row.snapshot);
  if (!(await host.disks.state(row.id))) {
    const keys = await keysOf(context, row);
    if (keys === 'refused') return giveUp(context, row);
    const { key, from } = keys;
    if (row.snapshot !== undefined && image === undefined) await fillDisk(context, row.id, { snapshot: row.snapshot, bytes, key, from });
    else await host.disks.create(row.id, { bytes, ...(image !== undefined && { image }), ...(key && { key }) });
  }
  await store.write(async (tx) => {
    const present = await volumes.get(tx, row.account, row.region, row.id);
    if (present?.state === 'creating')
      await volumes.put(tx, { ...present, state: present.attachments.length > 0 ? 'in-use' : 'available' });
  });
}

type DiskKeys = { key?: Uint8Array; from?: BlockKey };

/** The keys of its disk and of the blocks that fill it. */
async function keysOf(context: ReconcilerContext, row: Volume): Promise<DiskKeys | 'refused'> {
  if (!row.encryption) return {};
  try {
    const key = await openKeyFor(context, row, row.encryption);
    if (row.source) return { key, from: blockKeyOf(await openKeyFor(context, row, row.source)) };
    // Its key is that of its snapshot, or it is the first to be encrypted.
    return row.encryption.of === row.id ? { key } : { key, from: blockKeyOf(key) };
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    context.log(`${row.id} cannot be made: ${error.message}`);
    return 'refused';
  }
}

/** A volume whose key cannot be had does not come into being. */
async function giveUp({ store }: ReconcilerContext, row: Volume): Promise<void> {
  await store.write(async (tx) => {
    const present = await volumes.get(tx, row.account, row.region, row.id);
    if (present?.state === 'creating') await volumes.put(tx, { ...present, state: 'error' });
  });
}

async function remove(context: ReconcilerContext, row: Volume): Promise<void> {
  const { host, store } = context;
  const { account, region, id } = row;
  await host.disks.delete(id);
  const taken = await store.read((tx) => snapshots.scanIndex(tx, 'volume', [account, region, id]));
  // What is still to be stored of it is opened by its grant.
  if (row.grants && taken.some((found) => found.row.state === 'pending')) return;
  await retireGrants(context, row, row.grants);
  await store.write((tx) => volumes.delete(tx, account, region, id));
}

/** A machine that cannot be told sees the size at its next start. */
async function show({ host, log }: ReconcilerContext, { id }: Volume, instance: string): Promise<void> {
  try {
    await host.machines.grown(instance, id);
  } catch (error) {
    if (!(error instanceof MachineFailed)) throw error;
    log(`${id} at ${instance}: ${error.message}`);
  }
}

/** A minute, and as long as AWS says for a volume of a TiB that is full: six hours. */
const optimizingMilliseconds = (gibibytes: number): number => 60_000 + (gibibytes / 1024) * 21_600_000;

async function modify(context: ReconcilerContext, row: Volume): Promise<void> {
  const { host, store, clock } = context;
  await host.disks.grow(row.id, row.gibibytes * gibibyte);
  await host.disks.limit(row.id, speedOf(row));
  for (const { instance } of row.attachments) await show(context, row, instance);
  const until = clock.now() + optimizingMilliseconds(row.gibibytes);
  await store.write(async (tx) => {
    const present = await volumes.get(tx, row.account, row.region, row.id);
    if (present?.modification?.state !== 'modifying') return;
    await volumes.put(tx, { ...present, modification: { ...present.modification, state: 'optimizing', until } });
  });
}

/** Modifications whose time has come are completed. */
async function endOptimizing({ store, clock }: ReconcilerContext): Promise<{ nextAt: number } | undefined> {
  return store.write(async (tx) => {
    for (const { row } of await volumes.scanIndex(tx, 'optimizing', [], { limit: rowsPerPage })) {
      const { until, ...change } = row.modification!;
      if (until! > clock.now()) return { nextAt: until! };
      await volumes.put(tx, { ...row, modification: { ...change, state: 'completed', ended: until! } });
    }
    return undefined;
  });
}

/** Disks of volumes that no record knows: of a cloud that was reset. */
async function removeStrangers({ host, store }: ReconcilerContext): Promise<void> {
  const disks = (await host.disks.ids()).filter((id) => id.startsWith('vol-'));
  if (disks.length === 0) return;
  const rows = await store.read(async (tx) => [...(await volumes.scan(tx)), ...(await recycledVolumes.scan(tx))]);
  const known = new Set(rows.map(({ row }) => row.id));
  for (const id of disks) if (!known.has(id)) await host.disks.delete(id);
}
