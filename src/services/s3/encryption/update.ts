/** UpdateObjectEncryption: other keys for an object that stays as it is: https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html */

import { parseArn } from '../../../framework/arn.ts';
import type { Check } from '../../../framework/authorization.ts';
import { rewrap } from '../../../framework/blob-encryption/data-keys.ts';
import type { BlobKey } from '../../../framework/blob-encryption/frames.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { annotationsOf } from '../annotations/bytes.ts';
import { annotations } from '../annotations/tables.ts';
import { checkExpectedOwner, lookUp } from '../buckets/lookup.ts';
import { noSuchKey, operationAborted } from '../errors.ts';
import { note } from '../notifications/note.ts';
import { isProtected } from '../object-lock/lock.ts';
import { checkOn, objectContext, refuseMissingKey } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import { parts, type KmsEncryption, type ObjectRecord, type Part } from '../tables.ts';
import { findObject, updateVersion } from '../versions/history.ts';
import { checkVersionId } from '../versions/version.ts';
import { keyArnInvalid, keyOfAnotherAccount, protectedFromNewKeys, sourceEncryptionUnsupported, sourceUnencrypted } from './errors.ts';
import { isDual, keysOf, newKmsKey, type KmsRequest } from './kms-keys.ts';
import { wrappingKey } from './wanted.ts';

/** No bytes are read or written: their keys are wrapped anew, by KMS as the caller. */
export const UpdateObjectEncryption: Operation<'UpdateObjectEncryption'> = async (request, input) => {
  checkVersionId(input.VersionId);
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  const wanted = wantedKey(input, found.bucket.account);
  const seen = found.object ?? (await refuseMissingKey(request, found, input.Key));
  checkChangeable(request, seen);
  const from = await wrappingKey(request, seen, undefined);
  const { wrapping: to, encryption } = await newKmsKey(request, { bucket: input.Bucket, key: input.Key }, wanted);
  await request.store.write(async (tx) => {
    const object = await findObject(tx, input.Bucket, input.Key, input.VersionId);
    if (!object) throw noSuchKey(input.Key);
    if (!isSame(object, seen)) throw operationAborted();
    checkChangeable(request, object);
    await updateVersion(tx, await wrappedAnew(tx, object, { from, to, encryption }));
    await note(tx, request, found.bucket, { name: 'ObjectEncryption:Update', key: input.Key, object, version: object.version });
  });
  return {};
};

/** Throws InvalidRequest for what is no key of KMS, AccessDenied for one of another account than the bucket's. */
function wantedKey({ ObjectEncryption: given }: Input<'UpdateObjectEncryption'>, account: string): KmsRequest {
  const { KMSKeyArn: keyId, BucketKeyEnabled: bucketKey = false } = given.SSEKMS!;
  const key = parseArn(keyId ?? '');
  if (key?.service !== 'kms' || !/^\d{12}$/.test(key.account) || !/^key\/.+/.test(key.resource)) throw keyArnInvalid();
  if (key.account !== account) throw keyOfAnotherAccount();
  return { keyId: keyId!, bucketKey };
}

function checkChangeable({ now }: ServiceRequest, object: ObjectRecord): void {
  if (object.encryption?.mode === 'customer' || isDual(object.encryption)) throw sourceEncryptionUnsupported();
  if (object.blob && object.dataKey === undefined) throw sourceUnencrypted();
  if (isProtected(object, now)) throw protectedFromNewKeys();
}

/** Whether no other object, and no other keys, came in between. */
function isSame(object: ObjectRecord, seen: ObjectRecord): boolean {
  const sameKeys = object.dataKey === seen.dataKey && keysOf(object) === keysOf(seen);
  return sameKeys && object.blob?.id === seen.blob?.id && object.parts?.id === seen.parts?.id;
}

type Keys = { from: BlobKey; to: BlobKey; encryption: KmsEncryption };

async function wrappedAnew(tx: WriteTransaction, object: ObjectRecord, { from, to, encryption }: Keys): Promise<ObjectRecord> {
  const anew = (dataKey: string | undefined): string => {
    if (dataKey === undefined) throw sourceUnencrypted();
    return rewrap(from, dataKey, to);
  };
  for (const row of object.annotations ? await annotationsOf(tx, object.annotations.id) : [])
    await annotations.put(tx, { ...row, dataKey: anew(row.dataKey) });
  if (!object.parts) return { ...object, encryption, dataKey: anew(object.dataKey) };
  for (const { row } of await parts.scan(tx, [object.parts.id])) {
    const part: Part = { ...row, dataKey: anew(row.dataKey) };
    await parts.put(tx, part);
  }
  return { ...object, encryption };
}

/** Besides the action AWS asks for writing the object: https://docs.aws.amazon.com/AmazonS3/latest/userguide/update-sse-encryption.html */
export async function onUpdateObjectEncryption(request: ServiceRequest, input: Input<'UpdateObjectEncryption'>): Promise<Check[]> {
  const found = await lookUp(request, input.Bucket, input.Key, input.VersionId);
  checkExpectedOwner(found.bucket, input.ExpectedBucketOwner);
  const context = () => objectContext(found, input.VersionId);
  return ['s3:UpdateObjectEncryption', 's3:PutObject'].map((action) => checkOn(request, found, action, input.Key, context));
}
