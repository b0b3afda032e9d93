/** UploadPartCopy: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Staged } from '../../../store/blob-store.ts';
import { algorithms } from '../checksums/algorithms.ts';
import { invalidRequest, noSuchKey } from '../errors.ts';
import { copySourceBytesMax } from '../limits.ts';
import { checkCopyConditions } from '../objects/conditions.ts';
import { open, slicesOf } from '../objects/contents.ts';
import { lookUpSource, lookUpTarget } from '../objects/copy-source.ts';
import { quoted } from '../objects/object.ts';
import { copyRange } from '../objects/ranges.ts';
import { refuseUnbuilt } from '../objects/unbuilt-parameters.ts';
import { checkOn, objectContext, refuseMissingKey } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import { objects, type ObjectRecord, type Part, type Upload } from '../tables.ts';
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
  const upload = await request.store.read((tx) => requireUpload(tx, input.Bucket, input.Key, input.UploadId));
  const { source, found } = await lookUpSource(request, input);
  if (!found.object) return refuseMissingKey(request, found, source.key);
  checkCopyConditions(found.object, input);
  if (input.CopySourceRange === undefined && found.object.size > copySourceBytesMax)
    throw invalidRequest(`The specified copy source is larger than the maximum allowable size for a copy source: ${copySourceBytesMax}`);
  const part = (await shareWhole(request, input, upload, found.object)) ?? (await copyBytes(request, input, upload, found.object));
  const { member } = algorithms[upload.checksum.algorithm];
  return {
    CopyPartResult: {
      ETag: quoted(part.etag),
      LastModified: new Date(part.modified),
      ...(upload.checksum.asked && { [member]: part.checksum }),
    },
    ServerSideEncryption: 'AES256',
  };
};

/** A whole blob, whose digests are known, becomes the part's without its bytes being read. Undefined where that cannot be. */
async function shareWhole(
  request: ServiceRequest,
  input: Input<'UploadPartCopy'>,
  upload: Upload,
  seen: ObjectRecord,
): Promise<Part | undefined> {
  if (input.CopySourceRange !== undefined || !seen.blob || seen.checksum.algorithm !== upload.checksum.algorithm) return undefined;
  return request.store.write(async (tx) => {
    await requireUpload(tx, upload.bucket, upload.key, upload.id);
    const source = await objects.get(tx, seen.bucket, seen.key);
    if (!source?.blob || source.checksum.algorithm !== upload.checksum.algorithm) return undefined;
    checkCopyConditions(source, input);
    await request.blobs.share(tx, source.blob);
    const part: Part = {
      upload: upload.id,
      number: input.PartNumber,
      modified: request.now,
      size: source.size,
      etag: source.etag,
      checksum: source.checksum.value,
      blob: source.blob,
    };
    await replacePart(tx, request, part);
    return part;
  });
}

async function copyBytes(request: ServiceRequest, input: Input<'UploadPartCopy'>, upload: Upload, seen: ObjectRecord): Promise<Part> {
  const staged = await stageRange(request, input, upload, seen);
  const checksum = staged.hashes[algorithms[upload.checksum.algorithm].hash]!.toString('base64');
  const part: Part = {
    upload: upload.id,
    number: input.PartNumber,
    modified: request.now,
    size: staged.ref.size,
    etag: staged.hashes.md5!.toString('hex'),
    checksum,
    blob: staged.ref,
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

async function stageRange(request: ServiceRequest, input: Input<'UploadPartCopy'>, upload: Upload, seen: ObjectRecord): Promise<Staged> {
  const slices = await request.store.read(async (tx) => {
    const source = await objects.get(tx, seen.bucket, seen.key);
    if (!source) throw noSuchKey(seen.key);
    const range = input.CopySourceRange === undefined ? { start: 0, end: source.size } : copyRange(input.CopySourceRange, source.size);
    return slicesOf(tx, source, range);
  });
  return request.blobs.stage(await open(request.blobs, slices), { hashes: ['md5', algorithms[upload.checksum.algorithm].hash] });
}
