/** The reconciler of volumes: makes their disks, enlarges them, and takes them away. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { builtInImages, hostImageOf } from '../images/image.ts';
import { fillDisk } from '../../../framework/ebs-snapshots/blocks.ts';
import { gibibyte, volumes, type Volume } from './volume.ts';

const rowsPerPage = 100;

export const builder: Reconciler = {
  name: 'ec2/volumes',
  watches: [volumes],
  async run(context) {
    const rows = await context.store.read((tx) => volumes.scanIndex(tx, 'work', [], { limit: rowsPerPage }));
    await Promise.all(rows.map(({ row }) => work(context, row)));
    await removeStrangers(context);
    if (rows.length === rowsPerPage) return { nextAt: context.now };
    return undefined;
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
  if (image !== undefined) await host.disks.create(row.id, { bytes, image });
  else if (row.snapshot === undefined) await host.disks.create(row.id, { bytes });
  else if (!(await host.disks.state(row.id))) await fillDisk(context, row.id, row.snapshot, bytes);
  await store.write(async (tx) => {
    const present = await volumes.get(tx, row.account, row.region, row.id);
    if (present?.state === 'creating')
      await volumes.put(tx, { ...present, state: present.attachments.length > 0 ? 'in-use' : 'available' });
  });
}

async function remove({ host, store }: ReconcilerContext, { account, region, id }: Volume): Promise<void> {
  await host.disks.delete(id);
  await store.write((tx) => volumes.delete(tx, account, region, id));
}

async function modify({ host, store, clock }: ReconcilerContext, row: Volume): Promise<void> {
  await host.disks.grow(row.id, row.gibibytes * gibibyte);
  const ended = clock.now();
  await store.write(async (tx) => {
    const present = await volumes.get(tx, row.account, row.region, row.id);
    if (present?.modification?.state !== 'modifying') return;
    await volumes.put(tx, { ...present, modification: { ...present.modification, state: 'completed', ended } });
  });
}

/** Disks of volumes that no record knows: of a cloud that was reset. */
async function removeStrangers({ host, store }: ReconcilerContext): Promise<void> {
  const disks = (await host.disks.list()).filter(({ id }) => id.startsWith('vol-'));
  if (disks.length === 0) return;
  const known = await store.read(async (tx) => new Set((await volumes.scan(tx)).map(({ row }) => row.id)));
  for (const { id } of disks) if (!known.has(id)) await host.disks.delete(id);
}
