/** UploadPartCopy: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Staged } from '../../../store/blob-store.ts';
import { algorithms } from '../checksums/algorithms.ts';
import { customerKeyOf, sourceKeyOf } from '../encryption/customer-key.ts';
import { newDataKey, rewrap } from '../../../framework/blob-encryption/data-keys.ts';
import { encryptor, type BlobKey } from '../../../framework/blob-encryption/frames.ts';
import { canShare, encryptionMembers, etagFor, refuseMethod, uploadKey, wrappingKey } from '../encryption/wanted.ts';
import { invalidRequest, noSuchKey } from '../errors.ts';
import { copySourceBytesMax } from '../limits.ts';
import { checkCopyConditions } from '../objects/conditions.ts';
import { open, slicesOf } from '../objects/contents.ts';
import { lookUpSource, lookUpTarget, requireSource, sourceVersionMember, type CopySource } from '../objects/copy-source.ts';
import { quoted } from '../objects/object.ts';
import { copyRange } from '../objects/ranges.ts';
import { refuseUnbuilt } from '../objects/unbuilt-parameters.ts';
import { checkOn, objectContext } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import type { ChecksumAlgorithm, ObjectRecord, Part, Upload } from '../tables.ts';
import { checkReadable } from '../storage-classes/storage-class.ts';
import { checkZone } from '../storage-classes/zone.ts';
import { findObject } from '../versions/history.ts';
import { replacePart } from './operations.ts';
import { checkPartNumber, requireUpload } from './upload.ts';

/** Reads the source and writes a part of the target. */
export async function onUploadPartCopy(request: ServiceRequest, input: Input<'UploadPartCopy'>): Promise<Check[]> {
  const { source, found } = await lookUpSource(request, input);
  const action = source.versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  const target = await lookUpTarget(request, input);
  return [
    checkOn(request, found, action, source.key, () => objectContext(found, source.versionId)),
    checkOn(request, target, 's3:PutObject', input.Key),
  ];
}

export const UploadPartCopy: Operation<'UploadPartCopy'> = async (request, input) => {
  checkPartNumber(input.PartNumber);
  refuseUnbuilt(request, input);
  refuseMethod(request);
  const upload = await request.store.read((tx) => requireUpload(tx, input.Bucket, input.Key, input.UploadId));
  const { source, found, object } = await requireSource(request, input);
  checkCopyConditions(object, input, request.now);
  checkReadable(object, request.now, true);
  await checkZone(request, object);
  if (input.CopySourceRange === undefined && object.size > copySourceBytesMax)
    throw invalidRequest(`The specified copy source is larger than the maximum allowable size for a copy source: ${copySourceBytesMax}`);
  const part = (await shareWhole(request, input, upload, { source, seen: object })) ?? (await copyBytes(request, input, upload, source));
  const { member } = algorithms[upload.checksum.algorithm];
  return {
    CopyPartResult: {
      ETag: quoted(part.etag),
      LastModified: new Date(part.modified),
      ...(upload.checksum.asked && { [member]: part.checksum }),
    },
    ...encryptionMembers(upload.encryption, input),
    ...sourceVersionMember(found, object),
  };
};

/** A whole blob, whose digests are known, becomes the part's without its bytes being read. Undefined where that cannot be. */
async function shareWhole(
  request: ServiceRequest,
  input: Input<'UploadPartCopy'>,
  upload: Upload,
  { source: from, seen }: { source: CopySource; seen: ObjectRecord },
): Promise<Part | undefined> {
  if (input.CopySourceRange !== undefined || seen.checksum.algorithm !== upload.checksum.algorithm) return undefined;
  if (!canShare(seen, upload.encryption)) return undefined;
  const wrapping = await uploadKey(request, upload, customerKeyOf(input));
  const dataKey = rewrap(await wrappingKey(request, seen, sourceKeyOf(input)), seen.dataKey!, wrapping);
  const etag = etagFor(request, upload.encryption, seen.etag);
  return request.store.write(async (tx) => {
    await requireUpload(tx, upload.bucket, upload.key, upload.id);
    const source = await findObject(tx, from.bucket, from.key, from.versionId);
    if (!source?.blob || source.blob.id !== seen.blob!.id || source.dataKey !== seen.dataKey) return undefined;
    checkCopyConditions(source, input, request.now);
    await request.blobs.share(tx, source.blob);
    const part: Part = {
      upload: upload.id,
      number: input.PartNumber,
      modified: request.now,
      size: source.size,
      etag,
      checksum: source.checksum.value,
      blob: source.blob,
      dataKey,
    };
    await replacePart(tx, request, part);
    return part;
  });
}

async function copyBytes(request: ServiceRequest, input: Input<'UploadPartCopy'>, upload: Upload, from: CopySource): Promise<Part> {
  const dataKey = newDataKey(await uploadKey(request, upload, customerKeyOf(input)), request.random);
  const staged = await stageRange(request, input, from, { algorithm: upload.checksum.algorithm, key: dataKey.key });
  const checksum = staged.hashes[algorithms[upload.checksum.algorithm].hash]!.toString('base64');
  const part: Part = {
    upload: upload.id,
    number: input.PartNumber,
    modified: request.now,
    size: staged.taken,
    etag: etagFor(request, upload.encryption, staged.hashes.md5!.toString('hex')),
    checksum,
    blob: staged.ref,
    dataKey: dataKey.wrapped,
  };
  try {
    await request.store.write(async (tx) => {
      await requireUpload(tx, upload.bucket, upload.key, upload.id);
      await request.blobs.adopt(tx, staged);
      await replacePart(tx, request, part);
    });
  } catch (error) {
    await request.blobs.discard(staged);
    throw error;
  }
  return part;
}

async function stageRange(
  request: ServiceRequest,
  input: Input<'UploadPartCopy'>,
  from: CopySource,
  { algorithm, key }: { algorithm: ChecksumAlgorithm; key: BlobKey },
): Promise<Staged> {
  const { source, slices } = await request.store.read(async (tx) => {
    const source = await findObject(tx, from.bucket, from.key, from.versionId);
    if (!source) throw noSuchKey(from.key);
    const range = input.CopySourceRange === undefined ? { start: 0, end: source.size } : copyRange(input.CopySourceRange, source.size);
    return { source, slices: await slicesOf(tx, source, range) };
  });
  const bytes = await open(request.blobs, slices, await wrappingKey(request, source, sourceKeyOf(input)));
  return request.blobs.stage(bytes, { hashes: ['md5', algorithms[algorithm].hash], through: encryptor(key) });
}
