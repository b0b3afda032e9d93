/** SelectObjectContent: https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html */

import type { BlobKey } from '../../../framework/blob-encryption/frames.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { BlobStore } from '../../../store/blob-store.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { lookUp } from '../buckets/lookup.ts';
import { payerOf } from '../buckets/payer.ts';
import { customerKeyOf } from '../encryption/customer-key.ts';
import { wrappingKey } from '../encryption/wanted.ts';
import { accessDenied, noSuchKey } from '../errors.ts';
import { noteAccess } from '../intelligent-tiering/readers.ts';
import { open, slicesOf, type Slice } from '../objects/contents.ts';
import { checkKey } from '../objects/object.ts';
import { refuseMissingKey } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkReadable, classOf, storageClasses } from '../storage-classes/storage-class.ts';
import { checkZone } from '../storage-classes/zone.ts';
import type { Bucket, ObjectRecord } from '../tables.ts';
import { findObject } from '../versions/history.ts';
import { selectError } from './errors.ts';
import { selectEvents, type Events } from './events.ts';
import type { ObjectBytes, Progress } from './object-bytes.ts';
import { resultWriter } from './output.ts';
import { parseSelect } from './parser.ts';
import { newQuery } from './query.ts';
import { overRows } from './rows.ts';
import { readInput, readOutput, readScanRange } from './serialization.ts';

const expressionBytesMax = 256 * 1024;

export const SelectObjectContent: Operation<'SelectObjectContent'> = async (request, input) => {
  checkKey(input.Key);
  const { select, serialization, output } = checked(request, input);
  const found = await lookUp(request, input.Bucket, input.Key);
  if (!found.object) return refuseMissingKey(request, found, input.Key);
  const { object, slices } = await request.store.read(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, undefined);
    if (!object) throw noSuchKey(input.Key);
    return { object, slices: await slicesOf(tx, object, { start: 0, end: object.size }) };
  });
  checkReadable(object, request.now);
  await checkZone(request, object);
  const wrapping = await wrappingKey(request, object, customerKeyOf(input));
  const range = readScanRange(input, serialization, object.size);
  const progress: Progress = { scanned: 0, processed: 0, returned: 0 };
  const source = { object: bytesOf(request.blobs, object, slices, wrapping), input: serialization, select, range, progress };
  const write = resultWriter(output);
  const events: Events = overRows(source, ({ format, batches }) =>
    selectEvents({
      rows: batches(),
      query: newQuery(select, format, request.now),
      write,
      progress,
      tellProgress: input.RequestProgress?.Enabled === true,
      done: () => meter(request, found.bucket, object, progress),
    }),
  );
  await noteAccess(request, found, object);
  return { Payload: events as AsyncIterable<never> };
};

/** What can be said before the object is looked for. */
function checked(request: ServiceRequest, input: Input<'SelectObjectContent'>) {
  // It is for those alone of whom somebody knows who they are.
  if (request.principal.type === 'Anonymous') throw accessDenied();
  if (input.ExpressionType !== 'SQL') throw selectError('InvalidExpressionType');
  if (input.Expression === '') throw selectError('MissingRequiredParameter');
  if (Buffer.byteLength(input.Expression) > expressionBytesMax) throw selectError('ExpressionTooLong');
  return { serialization: readInput(input), output: readOutput(input), select: parseSelect(input.Expression) };
}

/** The members of the request that AWS asks for in other words than for those of other operations. */
export function checkSelectInput(request: ServiceRequest, _input: object, missing: readonly string[]): void {
  if (request.operation === 'SelectObjectContent' && missing.some((name) => name !== 'bucket' && name !== 'key'))
    throw selectError('MissingRequiredParameter');
}

function bytesOf(blobs: BlobStore, object: ObjectRecord, slices: readonly Slice[], wrapping: BlobKey): ObjectBytes {
  const remember = object.encryption?.mode !== 'customer';
  return {
    size: object.size,
    read: async function* (start, end) {
      const bytes = await open(blobs, within(slices, start, end), wrapping, remember);
      if (bytes instanceof Uint8Array) yield bytes;
      else yield* bytes as AsyncIterable<Uint8Array>;
    },
  };
}

/** The slices of a part of what the slices hold. */
function within(slices: readonly Slice[], start: number, end: number): Slice[] {
  let at = 0;
  return slices.flatMap((slice) => {
    const [from, to] = [Math.max(start, at), Math.min(end, at + slice.end - slice.start)];
    const cut = { ...slice, start: slice.start + from - at, end: slice.start + to - at };
    at += slice.end - slice.start;
    return from < to ? [cut] : [];
  });
}

/** https://aws.amazon.com/s3/pricing: what was scanned and what was returned, by class. */
function meter(request: ServiceRequest, bucket: Bucket, object: ObjectRecord, { scanned, returned }: Progress): void {
  const { billed } = storageClasses[classOf(object)];
  const suffix = billed === '' ? '' : `-${billed}`;
  const place = { unit: 'Bytes' as const, resource: bucketArn(object.bucket), account: payerOf(request, bucket) };
  request.use({ usageType: `Select-Scanned${suffix}-Bytes`, quantity: scanned, ...place });
  request.use({ usageType: `Select-Returned${suffix}-Bytes`, quantity: returned, ...place });
  request.use({ usageType: 'DataTransfer-Out-Bytes', quantity: returned, ...place });
}
