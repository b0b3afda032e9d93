/** CopyObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Staged } from '../../../store/blob-store.ts';
import { newAccess } from '../acl/requested.ts';
import { annotationChecks, copyAnnotations, discardCopies, readyCopies, type Copies } from '../annotations/copies.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { payerOf } from '../buckets/payer.ts';
import { algorithms, checksumMembers } from '../checksums/algorithms.ts';
import { namedAlgorithm } from '../checksums/digests.ts';
import { sourceKeyOf } from '../encryption/customer-key.ts';
import { newDataKey, rewrap } from '../../../framework/blob-encryption/data-keys.ts';
import { encryptor, type BlobKey } from '../../../framework/blob-encryption/frames.ts';
import { canShare, encryptionMembers, etagFor, protect, wrappingKey, type Protection } from '../encryption/wanted.ts';
import { invalidArgument, invalidRequest, noSuchKey, operationAborted } from '../errors.ts';
import { expirationMember } from '../lifecycle/rules.ts';
import { copySourceBytesMax } from '../limits.ts';
import { requestedLock } from '../object-lock/requested.ts';
import { writeCreated } from '../notifications/note.ts';
import { checkOn, objectContext, onNewObject } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import {
  objects,
  type Access,
  type Bucket,
  type ChecksumAlgorithm,
  type Description,
  type ObjectRecord,
  type SystemHeaders,
} from '../tables.ts';
import { meterGone } from '../storage-classes/metering.ts';
import { checkReadable } from '../storage-classes/storage-class.ts';
import { checkZone } from '../storage-classes/zone.ts';
import { tagsOfHeader } from '../tagging/tags.ts';
import { findObject, type Written } from '../versions/history.ts';
import { versionMember } from '../versions/version.ts';
import { checkCopyConditions, checkWriteConditions } from './conditions.ts';
import { open, slicesOf } from './contents.ts';
import { lookUpSource, requireSource, sourceVersionMember, type CopySource } from './copy-source.ts';
import { descriptionOf } from './description.ts';
import { checkKey, quoted } from './object.ts';
import { refuseUnbuilt } from './unbuilt-parameters.ts';

/** A copy reads one object and writes another: both are asked for. */
export async function onCopyObject(request: ServiceRequest, input: Input<'CopyObject'>): Promise<Check[]> {
  const { source, found } = await lookUpSource(request, input);
  const action = source.versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  const reading = checkOn(request, found, action, source.key, () => objectContext(found, source.versionId));
  const writing = await onNewObject(request, input);
  return [reading, ...writing, ...annotationChecks(request, input, found, await lookUp(request, input.Bucket))];
}

export const CopyObject: Operation<'CopyObject'> = async (request, input) => {
  checkKey(input.Key);
  refuseUnbuilt(request, input);
  checkDirective('x-amz-metadata-directive', input.MetadataDirective, 'metadata');
  checkDirective('x-amz-tagging-directive', input.TaggingDirective, 'tagging');
  const { source } = await lookUpSource(request, input);
  // An older version may be copied onto its key: that brings it back.
  const inPlace = source.bucket === input.Bucket && source.key === input.Key && source.versionId === undefined;
  const { found, object } = await requireSource(request, input);
  if (inPlace) refuseEmptyCopy(input, found.bucket, object);
  checkCopyConditions(object, input, request.now);
  checkReadable(object, request.now, true);
  await checkZone(request, object);
  if (object.size > copySourceBytesMax)
    throw invalidRequest(`The specified copy source is larger than the maximum allowable size for a copy source: ${copySourceBytesMax}`);
  const algorithm = input.ChecksumAlgorithm === undefined ? object.checksum.algorithm : namedAlgorithm(input.ChecksumAlgorithm);
  // One blob with the right checksum is shared. Parts are put together: a copy is one piece, with the MD5 of its bytes as ETag.
  const protection = await protect(request, { bucket: input.Bucket, key: input.Key }, input);
  const shared = algorithm === object.checksum.algorithm && canShare(object, protection.encryption);
  const copies = await readyCopies(request, input, object, protection);
  let done: Written;
  try {
    done =
      (shared ? await copyShared(request, input, { source, seen: object, copies }, protection) : undefined) ??
      (await copyBytes(request, input, { source, copies }, algorithm, protection));
  } catch (error) {
    await discardCopies(request, copies);
    throw error;
  }
  const { written: copy, gone } = done;
  const owner = (await lookUp(request, input.Bucket)).bucket;
  meterAnnotations(request, owner, copy);
  await meterGone(request, owner, gone);
  return {
    CopyObjectResult: { ETag: quoted(copy.etag), LastModified: new Date(copy.modified), ...checksumMembers(copy.checksum) },
    ...encryptionMembers(copy.encryption, input),
    ...versionMember(owner, copy),
    ...(await expirationMember(request.store, owner, copy)),
    ...sourceVersionMember(found, object),
  };
};

/** The bytes stay where they are; their key is wrapped anew. Undefined when another object has taken the source's place meanwhile. */
async function copyShared(
  request: ServiceRequest,
  input: Input<'CopyObject'>,
  { source: from, seen, copies }: { source: CopySource; seen: ObjectRecord; copies: Copies | undefined },
  { wrapping, encryption }: Protection,
): Promise<Written | undefined> {
  const described = {
    ...descriptionOf(request, input),
    ...newAccess(request, await lookUp(request, input.Bucket), input),
    ...(await requestedLock(request, input)),
  };
  const dataKey = rewrap(await wrappingKey(request, seen, sourceKeyOf(input)), seen.dataKey!, wrapping);
  const etag = etagFor(request, encryption, seen.etag);
  return request.store.write(async (tx) => {
    const owner = await requireBucket(tx, input.Bucket);
    const source = await findObject(tx, from.bucket, from.key, from.versionId);
    if (!source) throw noSuchKey(seen.key);
    if (!source.blob || source.blob.id !== seen.blob!.id || source.dataKey !== seen.dataKey) return undefined;
    checkCopyConditions(source, input, request.now);
    const old = await objects.get(tx, input.Bucket, input.Key);
    checkWriteConditions(input.Key, old, input);
    await request.blobs.share(tx, source.blob);
    const like = { ...copyOf(request, input, source, described), ...(await copyAnnotations(tx, request, source, copies)) };
    const copy = { ...like, etag, blob: source.blob, dataKey, ...(encryption && { encryption }) };
    return writeCreated(tx, request, owner, old, copy, 'Copy');
  });
}

async function copyBytes(
  request: ServiceRequest,
  input: Input<'CopyObject'>,
  { source: from, copies }: { source: CopySource; copies: Copies | undefined },
  algorithm: ChecksumAlgorithm,
  { wrapping, encryption }: Protection,
): Promise<Written> {
  const described = {
    ...descriptionOf(request, input),
    ...newAccess(request, await lookUp(request, input.Bucket), input),
    ...(await requestedLock(request, input)),
  };
  const dataKey = newDataKey(wrapping, request.random);
  const { source, staged } = await stageCopy(request, input, from, { algorithm, key: dataKey.key });
  const etag = etagFor(request, encryption, staged.hashes.md5!.toString('hex'));
  try {
    return await request.store.write(async (tx) => {
      const owner = await requireBucket(tx, input.Bucket);
      const old = await objects.get(tx, input.Bucket, input.Key);
      checkWriteConditions(input.Key, old, input);
      await request.blobs.adopt(tx, staged);
      const checksum = { algorithm, value: staged.hashes[algorithms[algorithm].hash]!.toString('base64') };
      const now = copies && (await findObject(tx, from.bucket, from.key, from.versionId));
      if (now?.annotations && (now.blob?.id !== source.blob?.id || now.parts?.id !== source.parts?.id)) throw operationAborted();
      const copy: ObjectRecord = {
        ...copyOf(request, input, source, described),
        ...(await copyAnnotations(tx, request, now, copies)),
        ...{ etag, checksum, blob: staged.ref, dataKey: dataKey.wrapped },
        ...(encryption && { encryption }),
      };
      return writeCreated(tx, request, owner, old, copy, 'Copy');
    });
  } catch (error) {
    await request.blobs.discard(staged);
    throw error;
  }
}

/** Each annotation that was copied costs what putting it would. */
function meterAnnotations(request: ServiceRequest, owner: Bucket, { annotations }: ObjectRecord): void {
  if (!annotations) return;
  request.use({
    ...{ usageType: 'Requests', operation: 'PutObjectAnnotation', quantity: annotations.count, unit: 'Requests' },
    ...{ resource: bucketArn(owner.name), account: payerOf(request, owner) },
  });
}

async function stageCopy(
  request: ServiceRequest,
  input: Input<'CopyObject'>,
  from: CopySource,
  { algorithm, key }: { algorithm: ChecksumAlgorithm; key: BlobKey },
): Promise<{ source: ObjectRecord; staged: Staged }> {
  const snapshot = await request.store.read(async (tx) => {
    const source = await findObject(tx, from.bucket, from.key, from.versionId);
    return source && { source, slices: await slicesOf(tx, source, { start: 0, end: source.size }) };
  });
  if (!snapshot) throw noSuchKey(from.key);
  const bytes = await open(request.blobs, snapshot.slices, await wrappingKey(request, snapshot.source, sourceKeyOf(input)));
  const staged = await request.blobs.stage(bytes, { hashes: ['md5', algorithms[algorithm].hash], through: encryptor(key) });
  return { source: snapshot.source, staged };
}

/** The new record, without its bytes' own members. */
function copyOf(request: ServiceRequest, input: Input<'CopyObject'>, source: ObjectRecord, described: Description & Access): ObjectRecord {
  const { size, etag, checksum } = source;
  const description = input.MetadataDirective === 'REPLACE' ? described : source;
  const headers = copiedHeaders(description.headers, described.headers);
  const tags = input.TaggingDirective === 'REPLACE' ? tagsOfHeader(input.Tagging ?? '') : source.tags;
  return {
    bucket: input.Bucket,
    key: input.Key,
    modified: request.now,
    size,
    etag,
    checksum,
    ...(headers && { headers }),
    ...(description.metadata && { metadata: description.metadata }),
    ...(described.storageClass && { storageClass: described.storageClass }),
    ...(tags && tags.length > 0 && { tags }),
    ...(described.owner && { owner: described.owner }),
    ...(described.acl && { acl: described.acl }),
    ...(described.retention && { retention: described.retention }),
    ...(described.legalHold !== undefined && { legalHold: described.legalHold }),
  };
}

/** Where a website sends its visitors is not copied: the request says it anew. */
function copiedHeaders(kept: SystemHeaders | undefined, asked: SystemHeaders | undefined): SystemHeaders | undefined {
  const { websiteRedirectLocation: _old, ...headers } = kept ?? {};
  const location = asked?.websiteRedirectLocation;
  if (location !== undefined) return { ...headers, websiteRedirectLocation: location };
  return Object.keys(headers).length > 0 ? headers : undefined;
}

function checkDirective(header: string, value: string | undefined, what: string): void {
  if (value !== undefined && value !== 'COPY' && value !== 'REPLACE') throw invalidArgument(`Unknown ${what} directive.`, header, value);
}

/** What is under a KMS key, or in a bucket with an encryption of its own, may be encrypted anew by that. */
function refuseEmptyCopy(input: Input<'CopyObject'>, bucket: Bucket, source: ObjectRecord): void {
  const changes =
    source.encryption !== undefined ||
    bucket.encryption !== undefined ||
    input.MetadataDirective === 'REPLACE' ||
    input.TaggingDirective === 'REPLACE' ||
    input.ServerSideEncryption !== undefined ||
    input.SSECustomerAlgorithm !== undefined ||
    input.StorageClass !== undefined ||
    input.WebsiteRedirectLocation !== undefined ||
    input.ChecksumAlgorithm !== undefined;
  if (!changes)
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
}
