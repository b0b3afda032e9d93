/** SSE-KMS and DSSE-KMS: keys that wrap the keys of blobs, from KMS, as the caller. With a bucket key one of them serves for some minutes. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import { isLayered, type BlobKey } from '../../../framework/blob-encryption/frames.ts';
import { askKms } from '../../../framework/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { bucketArn, objectArn } from '../buckets/bucket.ts';
import type { Encryption, KmsEncryption, ObjectRecord } from '../tables.ts';
import { fromKms } from './errors.ts';

/** A call; or a role in whose name replicas are made, and its services. */
export type KmsCaller = Pick<ServiceRequest, 'principal' | 'aws' | 'store' | 'random' | 'now'>;

type Place = { bucket: string; key: string };
type Kept = { wrapping: KeyObject; blob: string; arn: string; until: number };

/** How long a bucket key serves a caller before KMS is asked again, milliseconds of cloud time. */
const bucketKeyMilliseconds = 5 * 60_000;
const keptMax = 1000;

/** By store (a cloud), then by caller and what is opened: permission is asked for each caller. */
const kept = new WeakMap<object, Map<string, Kept>>();

export type KmsRequest = { keyId: string; bucketKey: boolean; dual?: boolean; context?: Record<string, string> };

/** A wrapping key for a new object. Throws what KMS refuses, as S3 words it. */
export async function newKmsKey(
  request: KmsCaller,
  place: Place,
  { keyId, bucketKey, dual = false, context }: KmsRequest,
): Promise<{ wrapping: BlobKey; encryption: KmsEncryption }> {
  const name = `new ${request.principal.arn} ${place.bucket} ${keyId} ${JSON.stringify(context ?? {})}`;
  const known = bucketKey ? recall(request, name) : undefined;
  const { wrapping, blob, arn } = known ?? (await generated(request, place, { keyId, bucketKey, ...(context && { context }) }));
  if (bucketKey && !known) keep(request, name, { wrapping, blob, arn });
  const encryption: KmsEncryption = {
    ...{ mode: 'kms', arn, blob },
    ...(bucketKey && { bucketKey }),
    ...(dual && { dual }),
    ...(context && { context }),
  };
  return { wrapping: await withLayers(request, wrapping, encryption), encryption };
}

/** The same for a replica: of a role that replicates AWS asks kms:Encrypt, not kms:GenerateDataKey. */
export async function newReplicaKmsKey(
  caller: KmsCaller,
  place: Place,
  { keyId, bucketKey, dual = false }: KmsRequest,
): Promise<{ wrapping: BlobKey; encryption: KmsEncryption }> {
  const bytes = caller.random.bytes(32);
  const made = await asking(
    caller.aws.kms('Encrypt', { KeyId: keyId, Plaintext: bytes, EncryptionContext: contextOf(place, bucketKey, undefined) }),
  );
  const blob = Buffer.from(made.CiphertextBlob!).toString('base64');
  const encryption: KmsEncryption = { mode: 'kms', arn: made.KeyId!, blob, ...(bucketKey && { bucketKey }), ...(dual && { dual }) };
  return { wrapping: await withLayers(caller, createSecretKey(bytes), encryption), encryption };
}

async function generated(request: KmsCaller, place: Place, { keyId, bucketKey, context }: KmsRequest): Promise<Omit<Kept, 'until'>> {
  const made = await asking(
    request.aws.kms('GenerateDataKey', {
      KeyId: keyId,
      KeySpec: 'AES_256',
      EncryptionContext: contextOf(place, bucketKey, context),
    }),
  );
  return {
    wrapping: createSecretKey(made.Plaintext as Uint8Array),
    blob: Buffer.from(made.CiphertextBlob!).toString('base64'),
    arn: made.KeyId!,
  };
}

/** The wrapping key of an object that is there. */
export async function openKmsKey(request: KmsCaller, place: Place, encryption: KmsEncryption): Promise<BlobKey> {
  return withLayers(request, await opened(request, place, encryption), encryption);
}

/** The outer layer's keys have nothing to do with KMS: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingDSSEncryption.html */
async function withLayers(request: KmsCaller, inner: KeyObject, { dual }: KmsEncryption): Promise<BlobKey> {
  return dual ? { inner, outer: await cloudKey(request, 's3') } : inner;
}

async function opened(request: KmsCaller, place: Place, encryption: KmsEncryption): Promise<KeyObject> {
  const { blob, arn, bucketKey = false, context } = encryption;
  const name = `open ${request.principal.arn} ${blob}`;
  const known = bucketKey ? recall(request, name) : undefined;
  if (known) return known.wrapping;
  const decrypted = await asking(
    request.aws.kms('Decrypt', {
      CiphertextBlob: Buffer.from(blob, 'base64'),
      KeyId: arn,
      EncryptionContext: contextOf(place, bucketKey, context),
    }),
  );
  const wrapping = createSecretKey(decrypted.Plaintext as Uint8Array);
  if (bucketKey) keep(request, name, { wrapping, blob, arn });
  return wrapping;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context */
function contextOf({ bucket, key }: Place, bucketKey: boolean, context: Record<string, string> | undefined): Record<string, string> {
  return { ...context, 'aws:s3:arn': bucketKey ? bucketArn(bucket) : objectArn(bucket, key) };
}

const asking = <T>(call: Promise<T>): Promise<T> => askKms(call, fromKms);

function recall(request: KmsCaller, name: string): Kept | undefined {
  const found = kept.get(request.store)?.get(name);
  return found && found.until > request.now ? found : undefined;
}

function keep(request: KmsCaller, name: string, found: Omit<Kept, 'until'>): void {
  let all = kept.get(request.store);
  if (!all) kept.set(request.store, (all = new Map()));
  keepNewest(all, keptMax, name, { ...found, until: request.now + bucketKeyMilliseconds });
}

/** Whether a blob keeps its layers under other keys: else its bytes are encrypted anew. */
export function hasLayersOf(key: BlobKey, encryption: Encryption | undefined): boolean {
  return isLayered(key) === isDual(encryption);
}

export function isDual(encryption: Encryption | undefined): boolean {
  return encryption?.mode === 'kms' && encryption.dual === true;
}

/** What tells whether the key that wraps the keys of an object's blobs is the same as before. */
export function keysOf({ encryption }: Pick<ObjectRecord, 'encryption'>): string {
  return encryption?.mode === 'kms' ? encryption.blob : (encryption?.mode ?? '');
}
