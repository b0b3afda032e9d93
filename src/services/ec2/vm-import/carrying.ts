/** Disks between objects of S3 and this host: brought as they lie there, and sent. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import { DiskRefused } from '../../../framework/disk-formats.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { asServiceRole } from '../../../framework/service-role.ts';
import { importService } from './source.ts';

export const gibibyte = 1024 ** 3;
/** The largest volume: https://docs.aws.amazon.com/ebs/latest/userguide/volume_constraints.html */
export const diskBytesMax = 16_384 * gibibyte;
const pieceBytes = 16 * 1024 * 1024;

/** What makes a task fail for good; the message is for a user. */
export class Refused extends Error {
  override name = 'Refused';
}

/** The words for a task that has failed for good. Throws again what another try may mend. */
export function failureOf(error: unknown): string {
  if (error instanceof DiskRefused && /^Unknown OS|^Disk validation failed/.test(error.message)) return `ClientError: ${error.message}`;
  if (error instanceof DiskRefused) return `ClientError: Disk validation failed [${error.message}]`;
  if (error instanceof Refused || (error instanceof AwsError && (error.status ?? 400) < 500)) return `ClientError: ${error.message}`;
  if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOSPC')
    return "ServerError: The disk of Haneul's data directory is full.";
  throw error;
}

type Task = { account: string; region: string; id: string; roleArn: string };

/** Rejects with Refused when the role does not let EC2 in. */
export async function asImporter(context: ReconcilerContext, { account, region, roleArn, id }: Task): Promise<Aws> {
  const aws = await asServiceRole(context, { roleArn, service: importService, account, region, session: id });
  if (!aws) throw new Refused(`The service role ${roleArn} does not trust ${importService}`);
  return aws;
}

type Place = { bucket: string; key: string };

/** How many bytes an object has. Rejects with Refused for one that cannot be a disk. */
export async function objectBytes(aws: Aws, { bucket, key }: Place): Promise<number> {
  const { ContentLength: bytes = 0 } = await aws.s3('HeadObject', { Bucket: bucket, Key: key });
  if (bytes === 0) throw new Refused('Disk validation failed: the object is empty');
  if (bytes > diskBytesMax) throw new Refused(`Disk validation failed: the disk is larger than ${diskBytesMax / gibibyte} GiB`);
  return bytes;
}

/** The bytes of an object from `start` to before `end`. Rejects with Refused when it has changed meanwhile. */
export async function readObject(aws: Aws, { bucket, key }: Place, start: number, end: number): Promise<Buffer> {
  const { Body: body } = await aws.s3('GetObject', { Bucket: bucket, Key: key, Range: `bytes=${start}-${end - 1}` });
  const parts: Buffer[] = [];
  if (body instanceof Uint8Array) parts.push(Buffer.from(body));
  else for await (const part of body as unknown as AsyncIterable<Uint8Array>) parts.push(Buffer.from(part));
  const read = Buffer.concat(parts);
  if (read.length !== end - start) throw new Refused('The object has changed while it was read');
  return read;
}

/**
 * Writes an object to a disk of its size. Resolves to false when it is not wanted any more.
 * @param told is asked before each piece whether to go on.
 */
export async function bring(
  context: ReconcilerContext,
  aws: Aws,
  place: Place,
  disk: string,
  told: (done: number, of: number) => Promise<boolean>,
): Promise<boolean> {
  const { disks } = context.host;
  const bytes = await objectBytes(aws, place);
  await disks.delete(disk);
  await disks.create(disk, { bytes });
  for (let start = 0; start < bytes; start += pieceBytes) {
    await context.giveWay();
    if (!(await told(start, bytes))) return false;
    await disks.write(disk, start, await readObject(aws, place, start, Math.min(bytes, start + pieceBytes)));
  }
  return true;
}

type Sending = {
  place: Place;
  bytes: number;
  read: (start: number, length: number) => Promise<Uint8Array>;
  told: (done: number) => Promise<boolean>;
  /** An upload that a crash broke off, and where the new one is written down. */
  brokenOff: string | undefined;
  begun: (upload: string) => Promise<unknown>;
  tagging?: string;
};

/** Puts an object in parts; one that is broken off leaves no upload. Resolves to false when it is not wanted any more. */
export async function send(
  context: ReconcilerContext,
  aws: Aws,
  { place: { bucket, key }, bytes, read, told, brokenOff, begun, tagging }: Sending,
): Promise<boolean> {
  const where = { Bucket: bucket, Key: key };
  if (brokenOff !== undefined) await abort(aws, { ...where, UploadId: brokenOff });
  const { UploadId } = await aws.s3('CreateMultipartUpload', { ...where, ...(tagging !== undefined && { Tagging: tagging }) });
  const upload = { ...where, UploadId: UploadId! };
  // An upload has ten thousand parts at most.
  const partBytes = Math.max(pieceBytes, Math.ceil(bytes / 10_000));
  let whole = false;
  try {
    await begun(UploadId!);
    const parts: { ETag: string; PartNumber: number }[] = [];
    for (let start = 0; start < bytes; start += partBytes) {
      await context.giveWay();
      if (!(await told(start))) return false;
      const PartNumber = parts.length + 1;
      const Body = await read(start, Math.min(partBytes, bytes - start));
      const { ETag } = await aws.s3('UploadPart', { ...upload, PartNumber, Body: Body as never });
      parts.push({ ETag: ETag!, PartNumber });
    }
    await aws.s3('CompleteMultipartUpload', { ...upload, MultipartUpload: { Parts: parts } });
    whole = true;
    return true;
  } finally {
    if (!whole) await abort(aws, upload);
  }
}

/** One that is not there any more is well. */
async function abort(aws: Aws, upload: { Bucket: string; Key: string; UploadId: string }): Promise<void> {
  try {
    await aws.s3('AbortMultipartUpload', upload);
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
  }
}

/** A disk on which a task works. */
export const workDisk = (task: string, name: string): string => `vmie-${task}-${name}`;

/** A pass that has ended needs none of them; one that was broken off begins again. @param prefix of the tasks: `import-ami`. */
export async function dropWorkDisks({ host: { disks } }: ReconcilerContext, prefix: string): Promise<void> {
  for (const id of await disks.ids()) if (id.startsWith(`vmie-${prefix}-`)) await disks.delete(id);
}
