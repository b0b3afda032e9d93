/** The reconciler of imports of images: brings disks from S3, finds the system on the first one, and makes an image of them. */

import type { Aws } from '../../../framework/clients.ts';
import { settledImage } from '../../../framework/disk-formats.ts';
import { dropBlocks, fillDisk, storeDisk } from '../../../framework/ebs-snapshots/blocks.ts';
import { blockKeyOf, type BlockKey } from '../../../framework/ebs-snapshots/sealed-blocks.ts';
import { deletedSnapshots, snapshotBlocks, snapshots, unknownVolume } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { images, type BlockMapping } from '../images/image.ts';
import { asImporter, bring, diskBytesMax, failureOf, gibibyte, Refused, workDisk } from '../vm-import/carrying.ts';
import { formatOf } from '../vm-import/source.ts';
import { taskReconciler } from '../vm-import/task.ts';
import { openKeyFor, retireGrants } from '../volumes/keys.ts';
import { imageImports, type ImageImport, type ImportedDisk } from './image-import.ts';

const rootDevice = '/dev/sda1';

export const imageImporter = taskReconciler({
  ...{ name: 'ec2/image-imports', table: imageImports, prefix: 'import-ami' },
  carryOn: work,
  giveUp: (context, row) => giveUp(context, row, row.message ?? ''),
});

/** The task was cancelled while it was worked on. */
class Cancelled extends Error {
  override name = 'Cancelled';
}

/** From the beginning, also after a crash: a system is laid out anew, and none of the blocks of the first time count. */
async function work(context: ReconcilerContext, row: ImageImport): Promise<void> {
  try {
    for (const id of await context.store.read((tx) => withBlocks(tx, row))) await dropBlocks(context, id);
    const aws = await asImporter(context, row);
    const key = row.encryption && blockKeyOf(await openKeyFor(context, row, row.encryption));
    const free = [...row.snapshotIds];
    const disks: ImportedDisk[] = [];
    for (const [at, disk] of row.disks.entries()) {
      const made = await plainDisks(context, aws, row, at);
      const stored: NonNullable<ImportedDisk['snapshots']> = [];
      for (const [part, name] of made.names.entries())
        stored.push(await store(context, row, { disk: name, snapshot: nextOf(free), isRoot: at === 0 && part === 0, key }));
      disks.push({ ...disk, ...(made.bytes !== undefined && { bytes: made.bytes }), snapshots: stored });
    }
    await progress(context, row, 'preparing ami', 88);
    await complete(context, { ...row, disks });
  } catch (error) {
    // Its state says so: the next pass ends it.
    if (error instanceof Cancelled) return;
    await giveUp(context, row, failureOf(error));
  }
}

/** Those of its snapshots for which something is stored. */
async function withBlocks(tx: ReadTransaction, { snapshotIds }: ImageImport): Promise<string[]> {
  const found: string[] = [];
  for (const id of snapshotIds) if ((await snapshotBlocks.scan(tx, [id], { limit: 1 })).length > 0) found.push(id);
  return found;
}

function nextOf(free: string[]): string {
  const id = free.shift();
  if (id === undefined) throw new Refused('Disk validation failed: there are more disks than an image may have');
  return id;
}

/** Throws Cancelled when the task is not wanted any more. */
async function progress({ store: records }: ReconcilerContext, row: ImageImport, message: string, percent: number): Promise<void> {
  await records.write(async (tx) => {
    const present = await imageImports.get(tx, row.account, row.region, row.id);
    if (present?.state !== 'active') throw new Cancelled();
    await imageImports.put(tx, { ...present, message, progress: Math.max(present.progress, Math.floor(percent)) });
  });
}

/** Makes raw disks on this host of what one container holds. */
async function plainDisks(
  context: ReconcilerContext,
  aws: Aws,
  row: ImageImport,
  at: number,
): Promise<{ names: string[]; bytes?: number }> {
  const { source } = row.disks[at]!;
  const { disks, diskFormats } = context.host;
  const [file, plain] = [workDisk(row.id, `${at}-file`), workDisk(row.id, `${at}-disk`)];
  if ('snapshot' in source) {
    const found = await context.store.read((tx) => snapshots.find(tx, 'id', row.region, source.snapshot));
    if (found?.state !== 'completed') throw new Refused(`The snapshot ${source.snapshot} is not completed`);
    await disks.delete(plain);
    await fillDisk(context, plain, { snapshot: source.snapshot, bytes: found.gibibytes * gibibyte });
    return { names: [plain] };
  }
  const share = 27 / row.disks.length;
  await bring(context, aws, source, file, async (done, of) => {
    await progress(context, row, 'validating', 1 + share * (at + done / of));
    return true;
  });
  const { bytes } = (await disks.state(file))!;
  await progress(context, row, 'converting', 28);
  if (source.format !== 'OVA') {
    await diskFormats.unpack(file, formatOf(source), plain, diskBytesMax);
    await disks.delete(file);
    return { names: [plain], bytes };
  }
  const members = await diskFormats.takeOut(file, workDisk(row.id, `${at}-member`));
  await disks.delete(file);
  const names: string[] = [];
  for (const [part, member] of members.entries()) {
    const name = `${plain}-${part}`;
    await diskFormats.unpack(member, 'vmdk', name, diskBytesMax);
    await disks.delete(member);
    names.push(name);
  }
  return { names, bytes };
}

type Storing = { disk: string; snapshot: string; isRoot: boolean; key: BlockKey | undefined };

/** A disk's blocks; of the first disk its system's, made to boot here. The disk is used up. */
async function store(context: ReconcilerContext, row: ImageImport, { disk, snapshot, isRoot, key }: Storing) {
  const { disks, diskFormats } = context.host;
  let kept = disk;
  if (isRoot) {
    await progress(context, row, 'updating', 40);
    kept = workDisk(row.id, 'root');
    await diskFormats.settle(disk, kept);
    await disks.delete(disk);
  }
  await progress(context, row, isRoot ? 'updated' : 'converting', 60);
  const { bytes } = (await disks.state(kept))!;
  const blocks = await storeDisk(context, snapshot, kept, key);
  await disks.delete(kept);
  return { id: snapshot, gibibytes: Math.ceil(bytes / gibibyte), blocks };
}

async function complete(context: ReconcilerContext, row: ImageImport): Promise<void> {
  const { account, region, id, architecture, encryption } = row;
  const now = context.clock.now();
  const made = row.disks.flatMap((disk) => (disk.snapshots ?? []).map((one) => ({ ...one, device: disk.device })));
  await context.store.write(async (tx) => {
    const present = await imageImports.get(tx, account, region, id);
    if (present?.state !== 'active') throw new Cancelled();
    const mappings: BlockMapping[] = [];
    for (const [at, { id: snapshot, gibibytes, blocks, device }] of made.entries()) {
      await snapshots.put(tx, {
        ...{
          account,
          region,
          id: snapshot,
          volume: unknownVolume,
          gibibytes,
          started: row.created,
          completed: now,
          state: 'completed',
          blocks,
        },
        description: `Created by AWS-VMImport service for ${id}`,
        ...(at === 0 && { hostImage: settledImage }),
        ...(encryption && { encryption }),
      });
      mappings.push({
        device: at === 0 ? rootDevice : (device ?? `/dev/sd${String.fromCodePoint('e'.codePointAt(0)! + at)}`),
        volume: { snapshot, gibibytes, type: 'gp2', deleteOnTermination: at === 0, ...(encryption && { encrypted: true }) },
      });
    }
    await images.put(tx, {
      ...{ account, region, id: row.image, name: id, created: now, state: 'available', architecture, hostImage: settledImage },
      ...{ rootDevice, mappings, description: `AWS-VMImport service: Linux${row.description === '' ? '' : ` - ${row.description}`}` },
    });
    const { message: _what, ...rest } = present;
    await imageImports.put(tx, { ...rest, disks: row.disks, state: 'completed', progress: 100, ended: now });
  });
  await retireGrants(context, row, row.grants);
}

/** The blocks that it has stored go with it. */
async function giveUp(context: ReconcilerContext, row: ImageImport, message: string): Promise<void> {
  await retireGrants(context, row, row.grants);
  await context.store.write(async (tx) => {
    const present = await imageImports.get(tx, row.account, row.region, row.id);
    if (!present || present.ended !== undefined) return;
    for (const id of await withBlocks(tx, row)) await deletedSnapshots.put(tx, { id });
    await imageImports.put(tx, { ...present, state: 'deleted', message, ended: context.clock.now() });
  });
}
