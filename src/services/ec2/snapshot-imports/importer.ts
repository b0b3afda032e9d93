/** The reconciler of imports: reads an object of S3 as a role may, block by block, and makes a snapshot of it. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import { hashOf, isZero, storeBlocks, type Block } from '../../../framework/ebs-snapshots/blocks.ts';
import { blockBytes, deletedSnapshots, snapshots, unknownVolume, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { asServiceRole } from '../../../framework/service-role.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { forgetEnded } from '../forgetting.ts';
import { importService } from './operations.ts';
import { importTasks, type ImportTask } from './import-task.ts';

const blocksPerRead = 32;
const gibibyte = 1024 ** 3;
/** The largest volume: https://docs.aws.amazon.com/ebs/latest/userguide/volume_constraints.html */
const bytesMax = 16_384 * gibibyte;
const shownMilliseconds = 7 * 24 * 3_600_000;

export const importer: Reconciler = {
  name: 'ec2/snapshot-imports',
  watches: [importTasks],
  async run(context) {
    for (const { row } of await context.store.read((tx) => importTasks.scanIndex(tx, 'work'))) {
      context.signal.throwIfAborted();
      if (row.state === 'deleting') await giveUp(context, row, row.message ?? '');
      else await bring(context, row);
    }
    const nextAt = await forgetEnded(context, importTasks, {
      index: 'ended',
      until: (row) => row.ended! + shownMilliseconds,
      forget: (tx, row) => importTasks.delete(tx, row.account, row.region, row.id),
    });
    return nextAt === undefined ? undefined : { nextAt };
  },
};

/** From the beginning, also after a crash: blocks that are there are not stored again. */
async function bring(context: ReconcilerContext, row: ImportTask): Promise<void> {
  const { account, region, roleArn, id } = row;
  try {
    const aws = await asServiceRole(context, { roleArn, service: importService, account, region, session: id });
    if (!aws) throw new Refused(`The service role ${roleArn} does not trust ${importService}`);
    const { ContentLength: bytes = 0 } = await aws.s3('HeadObject', { Bucket: row.bucket, Key: row.key });
    if (bytes === 0) throw new Refused('Disk validation failed: the object is empty');
    if (bytes > bytesMax) throw new Refused(`Disk validation failed: the disk is larger than ${bytesMax / gibibyte} GiB`);
    const blocks = await readAll(context, aws, row, bytes);
    if (blocks !== undefined) await complete(context, row, bytes, blocks);
  } catch (error) {
    if (!(error instanceof Refused) && !(error instanceof AwsError && (error.status ?? 400) < 500)) throw error;
    await giveUp(context, row, `ClientError: ${error.message}`);
  }
}

/** What makes a task fail for good; the message is for a user. */
class Refused extends Error {
  override name = 'Refused';
}

/** Resolves to the number of blocks that hold something; to nothing when the task was cancelled meanwhile. */
async function readAll(context: ReconcilerContext, aws: Aws, row: ImportTask, bytes: number): Promise<number | undefined> {
  let count = 0;
  for (let start = 0; start < bytes; start += blocksPerRead * blockBytes) {
    await context.giveWay();
    const present = await context.store.write((tx) => progressed(tx, row, bytes, start));
    if (present?.state !== 'active') return undefined;
    const end = Math.min(bytes, start + blocksPerRead * blockBytes);
    const { Body: body } = await aws.s3('GetObject', { Bucket: row.bucket, Key: row.key, Range: `bytes=${start}-${end - 1}` });
    const read = await bytesOf(body);
    if (read.length !== end - start) throw new Refused('The object has changed while it was read');
    const pending: Block[] = [];
    for (let at = 0; at < read.length; at += blockBytes) {
      const piece = wholeBlock(read.subarray(at, at + blockBytes));
      if (!isZero(piece)) pending.push({ index: (start + at) / blockBytes, bytes: piece, hash: hashOf(piece) });
    }
    count += pending.length;
    await storeBlocks(context, row.snapshot, pending);
  }
  return count;
}

async function bytesOf(body: unknown): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const parts: Buffer[] = [];
  for await (const part of body as AsyncIterable<Uint8Array>) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
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
  bytes: number,
  done: number,
): Promise<ImportTask | undefined> {
  const present = await importTasks.get(tx, account, region, id);
  if (present?.state !== 'active') return present;
  const next: ImportTask = { ...present, bytes, progress: Math.floor((done / bytes) * 100), message: 'converting' };
  await importTasks.put(tx, next);
  return next;
}

async function complete({ store, clock }: ReconcilerContext, row: ImportTask, bytes: number, blocks: number): Promise<void> {
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
        description: `Created by AWS-VMImport service for ${id}${description ? `: ${description}` : ''}`.slice(0, 255),
      },
    };
    await snapshots.put(tx, snapshot);
    const { message: _what, ...rest } = present;
    await importTasks.put(tx, { ...rest, state: 'completed', progress: 100, bytes, ended: now });
  });
}

/** The blocks that it has stored go with it. */
async function giveUp({ store, clock }: ReconcilerContext, { account, region, id }: ImportTask, message: string): Promise<void> {
  await store.write(async (tx) => {
    const present = await importTasks.get(tx, account, region, id);
    if (!present || present.ended !== undefined) return;
    await deletedSnapshots.put(tx, { id: present.snapshot });
    await importTasks.put(tx, { ...present, state: 'deleted', message, ended: clock.now() });
  });
}
