/** Reading, listing and deleting annotations: https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-managing.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { lookUp, type Found } from '../buckets/lookup.ts';
import { payerOf } from '../buckets/payer.ts';
import { checksumMembers } from '../checksums/algorithms.ts';
import { wrappingKey } from '../encryption/wanted.ts';
import { invalidArgument, noSuchAnnotation, noSuchKey } from '../errors.ts';
import { annotationsMax } from '../limits.ts';
import { compareUtf8 } from '../listings/list.ts';
import { nameOfToken, tokenAfter } from '../listings/parameters.ts';
import { note } from '../notifications/note.ts';
import { checkWriteConditions } from '../objects/conditions.ts';
import { open } from '../objects/contents.ts';
import { checkKey, quoted } from '../objects/object.ts';
import { refuseMissingKey } from '../permissions.ts';
import type { Operation } from '../sdk.ts';
import { settleAnnotations } from '../storage-classes/settlement.ts';
import type { ObjectRecord } from '../tables.ts';
import { findObject, updateVersion } from '../versions/history.ts';
import { checkVersionId } from '../versions/version.ts';
import { checkAnnotationName, checkAnnotationPrefix, withoutAnnotation } from './annotation.ts';
import { annotationsOf } from './bytes.ts';
import { annotatedMembers, versionOf } from './members.ts';
import { annotations, type Annotation } from './tables.ts';

export const GetObjectAnnotation: Operation<'GetObjectAnnotation'> = async (request, input) => {
  const { found } = await annotated(request, input);
  checkAnnotationName(input.AnnotationName);
  // The object is read again together with its annotation: it may have come under other keys.
  const seen = await request.store.read(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
    const annotation = object?.annotations && (await annotations.get(tx, object.annotations.id, input.AnnotationName));
    return object && { object, annotation };
  });
  if (!seen) throw noSuchKey(input.Key);
  const { object, annotation } = seen;
  if (!annotation) throw noSuchAnnotation(input.AnnotationName);
  const { blob, dataKey, size } = annotation;
  const AnnotationPayload = await open(
    request.blobs,
    [{ blob, dataKey, start: 0, end: size }],
    await wrappingKey(request, object, undefined),
  );
  request.use({
    ...{ usageType: 'DataTransfer-Out-Bytes', quantity: size, unit: 'Bytes', resource: bucketArn(input.Bucket) },
    account: payerOf(request, found.bucket),
  });
  return {
    AnnotationPayload,
    ContentLength: size,
    ETag: quoted(annotation.etag),
    LastModified: new Date(annotation.modified),
    ...(annotation.replication && { ReplicationStatus: annotation.replication }),
    ...(input.ChecksumMode === 'ENABLED' && checksumMembers(annotation.checksum)),
    ...annotatedMembers(found.bucket, object),
  };
};

export const ListObjectAnnotations: Operation<'ListObjectAnnotations'> = async (request, input) => {
  const { AnnotationPrefix: prefix, ContinuationToken: token, MaxAnnotationResults: max = annotationsMax } = input;
  if (!Number.isInteger(max) || max < 1 || max > annotationsMax)
    throw invalidArgument(
      `Argument max-annotation-results must be an integer between 1 and ${annotationsMax}`,
      'max-annotation-results',
      max,
    );
  checkAnnotationPrefix(prefix);
  const { found, object } = await annotated(request, input);
  const after = token ? nameOfToken(token) : undefined;
  const set = object.annotations?.id;
  const all = set === undefined ? [] : await request.store.read((tx) => annotationsOf(tx, set));
  const left = all.filter(({ name }) => name.startsWith(prefix ?? '') && (after === undefined || compareUtf8(name, after) > 0));
  const rows = left.slice(0, max);
  return {
    ...{ Bucket: input.Bucket, Key: input.Key, ...versionOf(found.bucket, object) },
    ...{ AnnotationCount: rows.length, MaxAnnotationResults: max, Annotations: rows.map(listed) },
    ...(prefix !== undefined && { AnnotationPrefix: prefix }),
    ...(token !== undefined && { ContinuationToken: token }),
    ...(left.length > max && { NextContinuationToken: tokenAfter(rows.at(-1)!.name) }),
  };
};

function listed({ name, modified, etag, size, checksum, replication }: Annotation) {
  return {
    ...{ AnnotationName: name, LastModified: new Date(modified), ETag: quoted(etag), Size: size },
    ChecksumAlgorithm: [checksum.algorithm],
    ...(replication && { ReplicationStatus: replication }),
  };
}

/** For good, also in a bucket with versions. What is not there is as deleted. A deletion is not replicated. */
export const DeleteObjectAnnotation: Operation<'DeleteObjectAnnotation'> = async (request, input) => {
  checkAnnotationName(input.AnnotationName);
  const { found } = await annotated(request, input);
  const old = await request.store.write(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
    if (!object) throw noSuchKey(input.Key);
    checkWriteConditions(input.Key, object, { IfMatch: input.ObjectIfMatch });
    const annotation = object.annotations && (await annotations.get(tx, object.annotations.id, input.AnnotationName));
    if (!annotation) return undefined;
    await request.blobs.remove(tx, annotation.blob);
    await annotations.delete(tx, annotation.set, annotation.name);
    const { annotations: all, ...rest } = object;
    const left = withoutAnnotation(all!, annotation, request.now);
    await updateVersion(tx, left ? { ...rest, annotations: left } : rest);
    await note(tx, request, found.bucket, { name: 'ObjectAnnotation:Delete', key: input.Key, object, version: object.version });
    return object;
  });
  if (old) await settleAnnotations(request, found.bucket, old, request.now);
  return versionOf(found.bucket, found.object!);
};

type ObjectInput = { Bucket: string; Key: string; VersionId?: string | undefined };

async function annotated(request: ServiceRequest, input: ObjectInput): Promise<{ found: Found; object: ObjectRecord }> {
  checkKey(input.Key);
  checkVersionId(input.VersionId);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  return { found, object: found.object ?? (await refuseMissingKey(request, found, input.Key)) };
}
