/** PutObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { newAccess } from '../acl/requested.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { payerOf } from '../buckets/payer.ts';
import { algorithms } from '../checksums/algorithms.ts';
import { expectedDigests } from '../checksums/digests.ts';
import { newDataKey } from '../../../framework/blob-encryption/data-keys.ts';
import { encryptionMembers, etagFor, protect } from '../encryption/wanted.ts';
import { expirationMember } from '../lifecycle/rules.ts';
import { putBytesMax } from '../limits.ts';
import { requestedLock, requireDigestForLock } from '../object-lock/requested.ts';
import { writeCreated } from '../notifications/note.ts';
import type { Operation } from '../sdk.ts';
import { meterGone } from '../storage-classes/metering.ts';
import { objects, type Bucket, type ObjectRecord } from '../tables.ts';
import type { Written } from '../versions/history.ts';
import { newVersionMember } from '../versions/version.ts';
import { takeIn, wholeBody } from './body.ts';
import { checkWriteConditions } from './conditions.ts';
import { descriptionOf } from './description.ts';
import { checkKey, quoted } from './object.ts';
import { refuseUnbuilt } from './unbuilt-parameters.ts';

export const PutObject: Operation<'PutObject'> = async (request, input) => {
  const { Bucket: bucket, Key: key } = input;
  checkKey(key);
  refuseUnbuilt(request, input);
  const description = descriptionOf(request, input);
  const lock = await requestedLock(request, input);
  await requireDigestForLock(request, input);
  const access = newAccess(request, await lookUp(request, bucket), input);
  const expectation = expectedDigests(request, input);
  const { wrapping, encryption } = await protect(request, { bucket, key }, input);
  const dataKey = newDataKey(wrapping, request.random);
  const { staged, checksum, md5 } = await takeIn(request, input.Body, expectation, putBytesMax, dataKey.key);
  const size = staged.taken;
  const object: ObjectRecord = {
    ...{ bucket, key, modified: request.now, size, etag: etagFor(request, encryption, md5), checksum },
    ...{ blob: staged.ref, dataKey: dataKey.wrapped },
    ...(encryption && { encryption }),
    ...description,
    ...access,
    ...lock,
  };
  let result: Written;
  try {
    result = await request.store.write(async (tx) => {
      const place = await requireBucket(tx, bucket);
      const old = await objects.peek(tx, bucket, key);
      checkWriteConditions(key, old, input);
      await request.blobs.adopt(tx, staged);
      return writeCreated(tx, request, place, old, object, request.http?.method === 'POST' ? 'Post' : 'Put');
    });
  } catch (error) {
    await request.blobs.discard(staged);
    throw error;
  }
  const bytes = wholeBody(input.Body);
  if (bytes && encryption?.mode !== 'customer') request.blobs.keep(staged.ref, bytes);
  const owner = (await lookUp(request, bucket)).bucket;
  meterBytesIn(request, owner, size);
  if (result.gone) await meterGone(request, owner, result.gone);
  return {
    ETag: quoted(object.etag),
    [algorithms[checksum.algorithm].member]: checksum.value,
    ChecksumType: 'FULL_OBJECT',
    ...encryptionMembers(encryption, input),
    ...newVersionMember(result.written),
    ...(owner.lifecycle && (await expirationMember(request.store, owner, result.written))),
  };
};

/** Bytes that came in are counted for the bucket's owner, or who pays in his place. */
export function meterBytesIn(request: ServiceRequest, bucket: Bucket, size: number): void {
  request.use({
    usageType: 'DataTransfer-In-Bytes',
    quantity: size,
    unit: 'Bytes',
    resource: bucketArn(bucket.name),
    account: payerOf(request, bucket),
  });
}
