/** PutObjectAnnotation: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAnnotation.html */

import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { newDataKey } from '../../../framework/blob-encryption/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { algorithms } from '../checksums/algorithms.ts';
import { expectedDigests } from '../checksums/digests.ts';
import { keysOf } from '../encryption/kms-keys.ts';
import { etagFor, wrappingKey } from '../encryption/wanted.ts';
import { annotationEmpty, annotationNotText, annotationUnderCustomerKey, noSuchKey, operationAborted } from '../errors.ts';
import { annotationBytesMax } from '../limits.ts';
import { note } from '../notifications/note.ts';
import { takeIn, wholeBody, type Body, type TakenIn } from '../objects/body.ts';
import { checkWriteConditions } from '../objects/conditions.ts';
import { checkKey, quoted } from '../objects/object.ts';
import { meterBytesIn } from '../objects/put.ts';
import { refuseMissingKey } from '../permissions.ts';
import { replicateAnnotation } from '../replication/tasks.ts';
import type { Input, Operation } from '../sdk.ts';
import { settleAnnotations } from '../storage-classes/settlement.ts';
import type { ObjectRecord } from '../tables.ts';
import { findObject, updateVersion } from '../versions/history.ts';
import { checkVersionId } from '../versions/version.ts';
import { checkAnnotationName, withAnnotation } from './annotation.ts';
import { annotatedMembers } from './members.ts';
import { annotations, type Annotation } from './tables.ts';

export const PutObjectAnnotation: Operation<'PutObjectAnnotation'> = async (request, input) => {
  checkKey(input.Key);
  checkVersionId(input.VersionId);
  checkAnnotationName(input.AnnotationName);
  const expectation = expectedDigests(request, input);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  const seen = found.object ?? (await refuseMissingKey(request, found, input.Key));
  if (seen.encryption?.mode === 'customer') throw annotationUnderCustomerKey();
  checkWriteConditions(input.Key, seen, { IfMatch: input.ObjectIfMatch });
  const dataKey = newDataKey(await wrappingKey(request, seen, undefined), request.random);
  const { body, bytes } = remembering(input.AnnotationPayload);
  const taken = await takeIn(request, body, expectation, annotationBytesMax, dataKey.key);
  let old: ObjectRecord;
  const made = annotationOf(request, input, seen, taken, dataKey.wrapped);
  const id = request.random.uuid();
  try {
    checkPayload(bytes());
    old = await request.store.write((tx) => write(tx, request, input, seen, made, id));
  } catch (error) {
    await request.blobs.discard(taken.staged);
    throw error;
  }
  meterBytesIn(request, found.bucket, made.size);
  await settleAnnotations(request, found.bucket, old, request.now);
  return {
    ...{ Key: input.Key, AnnotationName: made.name, ETag: quoted(made.etag) },
    ...{ [algorithms[made.checksum.algorithm].member]: made.checksum.value, ChecksumType: 'FULL_OBJECT' as const },
    ...annotatedMembers(found.bucket, old),
  };
};

/** The payload, and once that was read all of its bytes: they are few. */
function remembering(payload: Body): { body: Body; bytes: () => Uint8Array } {
  if (payload === undefined || typeof payload === 'string') return { body: payload, bytes: () => Buffer.from(payload ?? '') };
  const whole = wholeBody(payload);
  if (whole) return { body: whole, bytes: () => whole };
  const pieces: Uint8Array[] = [];
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of payload as Readable) {
      pieces.push(piece as Uint8Array);
      yield piece as Uint8Array;
    }
  };
  return { body: body() as unknown as Readable, bytes: () => Buffer.concat(pieces) };
}

function checkPayload(bytes: Uint8Array): void {
  if (bytes.length === 0) throw annotationEmpty();
  if (!isUtf8(bytes)) throw annotationNotText();
}

type Made = Omit<Annotation, 'set' | 'replication'>;

function annotationOf(
  request: ServiceRequest,
  input: Input<'PutObjectAnnotation'>,
  { encryption }: ObjectRecord,
  { staged, checksum, md5 }: TakenIn,
  dataKey: string,
): Made {
  const etag = etagFor(request, encryption, md5);
  return { name: input.AnnotationName, modified: request.now, size: staged.taken, etag, checksum, blob: staged.ref, dataKey };
}

/** Returns the object as it was before. Throws OperationAborted where it came under other keys meanwhile. */
async function write(
  tx: WriteTransaction,
  request: ServiceRequest,
  input: Input<'PutObjectAnnotation'>,
  seen: ObjectRecord,
  made: Made,
  id: string,
): Promise<ObjectRecord> {
  const bucket = await requireBucket(tx, input.Bucket);
  const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
  if (!object) throw noSuchKey(input.Key);
  checkWriteConditions(input.Key, object, { IfMatch: input.ObjectIfMatch });
  if (keysOf(object) !== keysOf(seen)) throw operationAborted();
  const set = object.annotations ?? { id, count: 0, bytes: 0, since: request.now };
  const old = await annotations.get(tx, set.id, made.name);
  if (old) await request.blobs.remove(tx, old.blob);
  await request.blobs.adopt(tx, made.blob);
  const replicated = await replicateAnnotation(tx, bucket, object, request.now);
  await annotations.put(tx, { ...made, set: set.id, ...(replicated && { replication: 'PENDING' }) });
  await updateVersion(tx, { ...object, annotations: withAnnotation(set, old, made, request.now) });
  await note(tx, request, bucket, { name: 'ObjectAnnotation:Put', key: input.Key, object, version: object.version });
  return object;
}
