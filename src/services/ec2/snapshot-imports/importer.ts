/** The reconciler of imports: reads an object of S3 as a role may, block by block, and makes a snapshot of it. */

import type { Aws } from '../../../framework/clients.ts';
import { isZero, nameOf, storeBlocks, storeDisk, type Block } from '../../../framework/ebs-snapshots/blocks.ts';
import { blockKeyOf, type BlockKey } from '../../../framework/ebs-snapshots/sealed-blocks.ts';
import { blockBytes, deletedSnapshots, snapshots, unknownVolume, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { asImporter, bring, diskBytesMax, failureOf, objectBytes, readObject, workDisk } from '../vm-import/carrying.ts';
import { formatOf } from '../vm-import/source.ts';
import { taskReconciler } from '../vm-import/task.ts';
import { openKeyFor, retireGrants } from '../volumes/keys.ts';
import { importTasks, type ImportTask } from './import-task.ts';

const blocksPerRead = 32;
const gibibyte = 1024 ** 3;

export const importer = taskReconciler({
  ...{ name: 'ec2/snapshot-imports', table: importTasks, prefix: 'import-snap' },
  carryOn: bringIn,
  giveUp: (context, row) => giveUp(context, row, row.message ?? ''),
});

/** From the beginning, also after a crash: blocks that are there are not stored again. */
async function bringIn(context: ReconcilerContext, row: ImportTask): Promise<void> {
  try {
    const aws = await asImporter(context, row);
    const key = row.encryption && blockKeyOf(await openKeyFor(context, row, row.encryption));
    const brought = (row.format ?? 'RAW') === 'RAW' ? await readAll(context, aws, row, key) : await convert(context, aws, row, key);
    if (brought !== undefined) await complete(context, row, brought);
  } catch (error) {
    await giveUp(context, row, failureOf(error));
  }
}

/** Bytes of the disk, and the number of its blocks that hold something. */
type Brought = { bytes: number; blocks: number };

/** Resolves to nothing when the task was cancelled meanwhile. */
async function convert(context: ReconcilerContext, aws: Aws, row: ImportTask, key: BlockKey | undefined): Promise<Brought | undefined> {
  const [file, disk] = [workDisk(row.id, 'file'), workDisk(row.id, 'disk')];
  const { disks, diskFormats } = context.host;
  const going = await bring(context, aws, row, file, async (done, of) => {
    const present = await context.store.write((tx) => progressed(tx, row, undefined, done / of / 2));
    return present?.state === 'active';
  });
  if (!going) return undefined;
  await diskFormats.unpack(file, formatOf({ ...row, format: row.format! }), disk, diskBytesMax);
  await disks.delete(file);
  const { bytes } = (await disks.state(disk))!;
  const present = await context.store.write((tx) => progressed(tx, row, bytes, 0.6));
  if (present?.state !== 'active') return undefined;
  return { bytes, blocks: await storeDisk(context, row.snapshot, disk, key) };
}

/** Of a raw disk, which needs no place on this host. Resolves to nothing when the task was cancelled meanwhile. */
async function readAll(context: ReconcilerContext, aws: Aws, row: ImportTask, key: BlockKey | undefined): Promise<Brought | undefined> {
  const bytes = await objectBytes(aws, row);
  let count = 0;
  for (let start = 0; start < bytes; start += blocksPerRead * blockBytes) {
    await context.giveWay();
    const present = await context.store.write((tx) => progressed(tx, row, bytes, start / bytes));
    if (present?.state !== 'active') return undefined;
    const read = await readObject(aws, row, start, Math.min(bytes, start + blocksPerRead * blockBytes));
    const pending: Block[] = [];
    for (let at = 0; at < read.length; at += blockBytes) {
      const piece = wholeBlock(read.subarray(at, at + blockBytes));
      if (!isZero(piece)) pending.push({ index: (start + at) / blockBytes, bytes: piece, hash: nameOf(piece, key) });
    }
    count += pending.length;
    await storeBlocks(context, row.snapshot, pending, { key });
  }
  return { bytes, blocks: count };
}

/** The last one of a disk is filled up with zeros. */
function wholeBlock(piece: Buffer): Buffer {
  if (piece.length === blockBytes) return piece;
  const whole = Buffer.alloc(blockBytes);
  piece.copy(whole);
  return whole;
}

async function progressed(
  tx: WriteTransaction,
  { account, region, id }: ImportTask,
  bytes: number | undefined,
  share: number,
): Promise<ImportTask | undefined> {
  const present = await importTasks.get(tx, account, region, id);
  if (present?.state !== 'active') return present;
  const next: ImportTask = {
    ...present,
    ...(bytes !== undefined && { bytes }),
    ...{ progress: Math.floor(share * 100), message: 'converting' },
  };
  await importTasks.put(tx, next);
  return next;
}

async function complete(context: ReconcilerContext, row: ImportTask, { bytes, blocks }: Brought): Promise<void> {
  const { store, clock } = context;
  const now = clock.now();
  const { account, region, id, description } = row;
  await store.write(async (tx) => {
    const present = await importTasks.get(tx, account, region, id);
    if (present?.state !== 'active') return;
    const snapshot: Snapshot = {
      ...{
        account,
        region,
        id: row.snapshot,
        volume: unknownVolume,
        gibibytes: Math.ceil(bytes / gibibyte),
        started: row.created,
        completed: now,
      },
      ...{
        state: 'completed',
        blocks,
        ...(row.encryption && { encryption: row.encryption }),
        description: `Created by AWS-VMImport service for ${id}${description ? `: ${description}` : ''}`.slice(0, 255),
      },
    };
    await snapshots.put(tx, snapshot);
    const { message: _what, ...rest } = present;
    await importTasks.put(tx, { ...rest, state: 'completed', progress: 100, bytes, ended: now });
  });
  await retireGrants(context, row, row.grants);
}

/** The blocks that it has stored go with it. */
async function giveUp(context: ReconcilerContext, row: ImportTask, message: string): Promise<void> {
  const { store, clock } = context;
  const { account, region, id } = row;
  await retireGrants(context, row, row.grants);
  await store.write(async (tx) => {
    const present = await importTasks.get(tx, account, region, id);
    if (!present || present.ended !== undefined) return;
    await deletedSnapshots.put(tx, { id: present.snapshot });
    await importTasks.put(tx, { ...present, state: 'deleted', message, ended: clock.now() });
  });
}
