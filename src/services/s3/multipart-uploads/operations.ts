/** Multipart uploads: create, upload a part, abort: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */

import { newAccess } from '../acl/requested.ts';
import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { algorithms, checksumType } from '../checksums/algorithms.ts';
import { expectedDigests } from '../checksums/digests.ts';
import { customerKeyOf } from '../encryption/customer-key.ts';
import { newDataKey } from '../../../framework/blob-encryption/data-keys.ts';
import { encryptionMembers, etagFor, protect, refuseMethod, uploadKey } from '../encryption/wanted.ts';
import { invalidRequest } from '../errors.ts';
import { abortMembers } from '../lifecycle/rules.ts';
import { partBytesMax } from '../limits.ts';
import { requestedLock } from '../object-lock/requested.ts';
import { takeIn } from '../objects/body.ts';
import { descriptionOf } from '../objects/description.ts';
import { checkKey, quoted, releaseParts } from '../objects/object.ts';
import { meterBytesIn } from '../objects/put.ts';
import { refuseUnbuilt } from '../objects/unbuilt-parameters.ts';
import type { Operation } from '../sdk.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { parts, uploads, type ChecksumAlgorithm, type Part, type Upload } from '../tables.ts';
import { checkPartNumber, initiatorOf, newUploadId, requireUpload, uploadChecksum } from './upload.ts';

export const CreateMultipartUpload: Operation<'CreateMultipartUpload'> = async (request, input) => {
  const { Bucket: bucket, Key: key } = input;
  checkKey(key);
  refuseUnbuilt(request, input);
  const checksum = uploadChecksum(input);
  const { encryption } = await protect(request, { bucket, key }, input);
  const upload: Upload = {
    bucket,
    key,
    id: newUploadId(request),
    initiated: request.now,
    initiator: initiatorOf(request),
    checksum,
    ...(encryption && { encryption }),
    ...descriptionOf(request, input),
    ...newAccess(request, await lookUp(request, bucket), input),
    ...(await requestedLock(request, input)),
  };
  await request.store.write(async (tx) => {
    await requireBucket(tx, bucket);
    await uploads.put(tx, upload);
  });
  return {
    Bucket: bucket,
    Key: key,
    UploadId: upload.id,
    ...(await abortMembers(request.store, (await lookUp(request, bucket)).bucket, key, request.now)),
    ...encryptionMembers(encryption, input),
    ...(checksum.asked && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksumType(checksum) }),
  };
};

export const UploadPart: Operation<'UploadPart'> = async (request, input) => {
  const { Bucket: bucket, Key: key, UploadId: id, PartNumber: number } = input;
  checkPartNumber(number);
  refuseUnbuilt(request, input);
  refuseMethod(request);
  const upload = await request.store.read((tx) => requireUpload(tx, bucket, key, id));
  const { algorithm } = upload.checksum;
  const expectation = expectedDigests(request, input, algorithm);
  if (expectation.asked && upload.checksum.asked) checkAlgorithm(algorithm, expectation.algorithm);
  const dataKey = newDataKey(await uploadKey(request, upload, customerKeyOf(input)), request.random);
  const { staged, checksum, md5 } = await takeIn(request, input.Body, expectation, partBytesMax, dataKey.key, algorithm);
  const part: Part = {
    upload: id,
    number,
    modified: request.now,
    size: staged.taken,
    etag: etagFor(request, upload.encryption, md5),
    checksum: checksum.value,
    blob: staged.ref,
    dataKey: dataKey.wrapped,
  };
  try {
    await request.store.write(async (tx) => {
      await requireUpload(tx, bucket, key, id);
      await request.blobs.adopt(tx, staged);
      await replacePart(tx, request, part);
    });
  } catch (error) {
    await request.blobs.discard(staged);
    throw error;
  }
  meterBytesIn(request, (await lookUp(request, bucket)).bucket, part.size);
  const told = { [algorithms[expectation.algorithm].member]: staged.hashes[algorithms[expectation.algorithm].hash]!.toString('base64') };
  return { ETag: quoted(part.etag), ...encryptionMembers(upload.encryption, input), ...told };
};

export const AbortMultipartUpload: Operation<'AbortMultipartUpload'> = async (request, input) => {
  const { Bucket: bucket, Key: key, UploadId: id } = input;
  await request.store.write(async (tx) => {
    await requireUpload(tx, bucket, key, id);
    await releaseParts(tx, request.blobs, id);
    await uploads.delete(tx, bucket, key, id);
  });
  return {};
};

/** Writes a part; one of the same number that was there lets its bytes go. */
export async function replacePart(tx: WriteTransaction, request: ServiceRequest, part: Part): Promise<void> {
  const old = await parts.get(tx, part.upload, part.number);
  await parts.put(tx, part);
  if (old) await request.blobs.remove(tx, old.blob);
}

function checkAlgorithm(expected: ChecksumAlgorithm, actual: ChecksumAlgorithm): void {
  if (expected !== actual)
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual.toLowerCase()}`,
    );
}
