/** The reconciler of exports: fills a disk with a root volume, makes a file of it in the wanted format, and puts that into a bucket. */

import { fillDisk } from '../../../framework/ebs-snapshots/blocks.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { asImporter, failureOf, gibibyte, send, workDisk } from '../vm-import/carrying.ts';
import { taskReconciler } from '../vm-import/task.ts';
import { imageExports, type ImageExport } from './image-export.ts';

export const imageExporter = taskReconciler({
  ...{ name: 'ec2/image-exports', table: imageExports, prefix: 'export-ami' },
  carryOn: work,
  giveUp: (context, row) => end(context, row, { state: 'deleted' }),
});

async function work(context: ReconcilerContext, row: ImageExport): Promise<void> {
  const { disks, diskFormats } = context.host;
  const [disk, file] = [workDisk(row.id, 'disk'), workDisk(row.id, 'file')];
  try {
    const aws = await asImporter(context, row);
    if (!(await note(context, row, { message: 'converting', progress: 10 }))) return;
    await disks.delete(disk);
    await fillDisk(context, disk, { snapshot: row.snapshot, bytes: row.gibibytes * gibibyte });
    const format = row.format.toLowerCase() as Lowercase<ImageExport['format']>;
    await diskFormats.pack(disk, format, file);
    await disks.delete(disk);
    const { bytes } = (await disks.state(file))!;
    const sent = await send(context, aws, {
      ...{ place: { bucket: row.bucket, key: `${row.prefix}${row.id}.${format}` }, bytes, brokenOff: row.upload },
      read: (start, length) => disks.read(file, start, length),
      told: (done) => note(context, row, { message: 'uploading', progress: 50 + Math.floor((done / bytes) * 50) }),
      begun: (upload) => note(context, row, { upload }),
    });
    if (sent) await end(context, row, { state: 'completed' });
  } catch (error) {
    await end(context, row, { state: 'deleted', message: failureOf(error) });
  }
}

/** False when the task was cancelled meanwhile. */
async function note({ store }: ReconcilerContext, { account, region, id }: ImageExport, what: Partial<ImageExport>): Promise<boolean> {
  return store.write(async (tx) => {
    const present = await imageExports.get(tx, account, region, id);
    if (present?.state !== 'active') return false;
    await imageExports.put(tx, { ...present, ...what });
    return true;
  });
}

async function end({ store, clock }: ReconcilerContext, { account, region, id }: ImageExport, how: Partial<ImageExport>): Promise<void> {
  await store.write(async (tx) => {
    const present = await imageExports.get(tx, account, region, id);
    if (!present || present.ended !== undefined) return;
    const { message, upload: _over, ...rest } = present;
    // A cancelled one keeps the reason; a completed one has nothing more to say.
    const kept = how.state === 'completed' || message === undefined ? {} : { message };
    await imageExports.put(tx, { ...rest, ...kept, ...how, ended: clock.now() });
  });
}
