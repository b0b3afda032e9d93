/** How a new object is to be encrypted: by the request, else by the bucket's default: https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { lookUp } from '../buckets/lookup.ts';
import { accessDenied } from '../errors.ts';
import type { DefaultEncryption, Encryption, ObjectRecord, Upload } from '../tables.ts';
import { customerKeyOf, isKeyOf, proofOf, requireKeyOf, type CustomerKey } from './customer-key.ts';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import type { BlobKey } from '../../../framework/blob-encryption/frames.ts';
import {
  contextMalformed,
  customerKeyUnwanted,
  customerKeyWanted,
  customerKeyWithOther,
  kmsHeaderWanted,
  methodNotSupportedHere,
  methodUnsupported,
  uploadKeyUnwanted,
  uploadKeyWanted,
  uploadKeyWrong,
} from './errors.ts';
import { isDual, newKmsKey, openKmsKey, type KmsRequest } from './kms-keys.ts';

/** A wrapping key, and what the record is to say of it. */
export type Protection = { wrapping: BlobKey; encryption?: Encryption };

type Place = { bucket: string; key: string };

type EncryptionInput = {
  ServerSideEncryption?: string | undefined;
  SSEKMSKeyId?: string | undefined;
  SSEKMSEncryptionContext?: string | undefined;
  BucketKeyEnabled?: boolean | undefined;
  SSECustomerAlgorithm?: string | undefined;
  SSECustomerKey?: string | undefined;
  SSECustomerKeyMD5?: string | undefined;
};

/** Throws what S3 says of a wrong wish, and what KMS refuses. */
export async function protect(request: ServiceRequest, place: Place, input: EncryptionInput): Promise<Protection> {
  const method = input.ServerSideEncryption;
  const customer = customerKeyOf(input);
  const { bucket } = await lookUp(request, place.bucket);
  if (customer) {
    if (method !== undefined) throw customerKeyWithOther(method);
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
    if (bucket.encryption?.blocksCustomerKeys) throw accessDenied();
    return { wrapping: customer.key, encryption: proofOf(customer, request.random) };
  }
  const kms = kmsRequest(request, input, bucket.encryption);
  return kms ? newKmsKey(request, place, kms) : { wrapping: await cloudKey(request, 's3') };
}

/** How an object is encrypted is said when it or its upload is begun. Throws InvalidArgument for the header on any other request. */
export function refuseMethod(request: ServiceRequest): void {
  const method = request.http?.headers['x-amz-server-side-encryption'];
  if (method !== undefined) throw methodNotSupportedHere(method);
}

/** Undefined where SSE-S3 is wanted. */
function kmsRequest(request: ServiceRequest, input: EncryptionInput, standard: DefaultEncryption | undefined): KmsRequest | undefined {
  const { ServerSideEncryption: method, SSEKMSKeyId: keyId, SSEKMSEncryptionContext: context } = input;
  if (method === 'aws:fsx') throw notImplemented(`s3:${request.operation} with ServerSideEncryption ${method}`);
  const ofKms = method === 'aws:kms' || method === 'aws:kms:dsse';
  if (method !== undefined && method !== 'AES256' && !ofKms) throw methodUnsupported(method);
  if (!ofKms && keyId !== undefined) throw kmsHeaderWanted(keyId);
  if (!ofKms && context !== undefined) throw kmsHeaderWanted(context);
  const chosen = method ?? standard?.algorithm ?? 'AES256';
  if (chosen === 'AES256') return undefined;
  const dual = chosen === 'aws:kms:dsse';
  const parsed = context === undefined ? undefined : readContext(context);
  return {
    keyId: keyId ?? (standard?.algorithm === chosen ? standard.keyId : undefined) ?? 'alias/aws/s3',
    // A bucket key is never used for two layers. S3 takes the wish for one all the same, and answers that there is none.
    bucketKey: !dual && (input.BucketKeyEnabled ?? standard?.bucketKey ?? false),
    dual,
    ...(parsed && { context: parsed }),
  };
}

function readContext(header: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(header, 'base64').toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw contextMalformed();
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw contextMalformed();
  const context = Object.create(null) as Record<string, string>;
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw contextMalformed();
    context[name] = text;
  }
  return context;
}

/** The wrapping key of an object that is read, and the customer's key where it needs one. Throws for a missing, needless or wrong one. */
export function wrappingKey(request: ServiceRequest, object: ObjectRecord, customer: CustomerKey | undefined): BlobKey | Promise<BlobKey> {
  checkCustomerKey(object.encryption, customer);
  if (object.encryption?.mode === 'customer') return customer!.key;
  if (!object.encryption) return cloudKey(request, 's3');
  return openKmsKey(request, object, object.encryption);
}

/** The wrapping key of an upload's parts. Throws InvalidRequest for a missing, needless or wrong key of the customer. */
export async function uploadKey(request: ServiceRequest, upload: Upload, customer: CustomerKey | undefined): Promise<BlobKey> {
  const { encryption } = upload;
  if (encryption?.mode === 'customer') {
    if (!customer) throw uploadKeyWanted();
    if (!isKeyOf(encryption, customer)) throw uploadKeyWrong();
    return customer.key;
  }
  if (customer) throw uploadKeyUnwanted();
  return encryption ? openKmsKey(request, upload, encryption) : cloudKey(request, 's3');
}

/**
 * For the end of an upload, which needs the customer's key only where it began with a checksum algorithm:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html Throws InvalidRequest.
 */
export function checkUploadKey({ encryption, checksum }: Upload, customer: CustomerKey | undefined): void {
  if (encryption?.mode !== 'customer') return;
  if (!customer && checksum.asked) throw uploadKeyWanted();
  if (customer && !isKeyOf(encryption, customer)) throw uploadKeyWrong();
}

/** For HEAD, which reads no bytes but asks for the key all the same. */
export function checkCustomerKey(encryption: Encryption | undefined, customer: CustomerKey | undefined): void {
  if (encryption?.mode !== 'customer') {
    if (customer) throw customerKeyUnwanted();
    return;
  }
  if (!customer) throw customerKeyWanted();
  requireKeyOf(encryption, customer);
}

/** The encryption's members of an answer. */
export function encryptionMembers(encryption: Encryption | undefined, input: EncryptionInput = {}) {
  if (!encryption) return { ServerSideEncryption: 'AES256' as const };
  if (encryption.mode === 'customer') return { SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5: input.SSECustomerKeyMD5 };
  return {
    ServerSideEncryption: encryption.dual ? ('aws:kms:dsse' as const) : ('aws:kms' as const),
    SSEKMSKeyId: encryption.arn,
    ...(encryption.bucketKey && { BucketKeyEnabled: true }),
  };
}

/** Bytes of which no MD5 is known cannot become an object whose ETag is one; bytes in the clear are to be encrypted at last; and layers stay. */
export function canShare({ blob, dataKey, encryption }: ObjectRecord, target: Encryption | undefined): boolean {
  const keepsForm = dataKey !== undefined && isDual(encryption) === isDual(target);
  return blob !== undefined && keepsForm && (encryption === undefined || target !== undefined);
}

/** Only SSE-S3's ETag is the MD5 of the bytes: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html */
export function etagFor(request: ServiceRequest, encryption: Encryption | undefined, md5: string): string {
  return encryption ? request.random.bytes(16).toString('hex') : md5;
}
