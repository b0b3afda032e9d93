/** A bucket's default encryption: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html */

import { lookUp, requireBucket } from '../buckets/lookup.ts';
import { keyIdNotApplicable, malformedXml } from '../errors.ts';
import type { Input, Operation } from '../sdk.ts';
import { buckets, type DefaultEncryption } from '../tables.ts';

export const GetBucketEncryption: Operation<'GetBucketEncryption'> = async (request, input) => {
  const { encryption } = (await lookUp(request, input.Bucket)).bucket;
  const { algorithm = 'AES256', keyId, bucketKey = false, blocksCustomerKeys } = encryption ?? {};
  const rule = {
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: algorithm, ...(keyId !== undefined && { KMSMasterKeyID: keyId }) },
    BucketKeyEnabled: bucketKey,
    ...(blocksCustomerKeys && { BlockedEncryptionTypes: { EncryptionType: ['SSE-C' as const] } }),
  };
  return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
};

export const PutBucketEncryption: Operation<'PutBucketEncryption'> = async (request, input) => {
  const encryption = readConfiguration(input);
  await request.store.write(async (tx) => buckets.put(tx, { ...(await requireBucket(tx, input.Bucket)), encryption }));
  return {};
};

/** Back to SSE-S3: there is no bucket without encryption. */
export const DeleteBucketEncryption: Operation<'DeleteBucketEncryption'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { encryption: _gone, ...bucket } = await requireBucket(tx, input.Bucket);
    await buckets.put(tx, bucket);
  });
  return {};
};

function readConfiguration(input: Input<'PutBucketEncryption'>): DefaultEncryption {
  const [rule, ...more] = input.ServerSideEncryptionConfiguration.Rules ?? [];
  if (!rule || more.length > 0) throw malformedXml();
  const blocked = rule.BlockedEncryptionTypes?.EncryptionType ?? [];
  if (blocked.length > 1 || blocked.some((type) => type !== 'NONE' && type !== 'SSE-C')) throw malformedXml();
  const { SSEAlgorithm: algorithm, KMSMasterKeyID: keyId } = rule.ApplyServerSideEncryptionByDefault ?? { SSEAlgorithm: 'AES256' };
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms' && algorithm !== 'aws:kms:dsse') throw malformedXml();
  if (keyId !== undefined && algorithm === 'AES256') throw keyIdNotApplicable();
  return {
    algorithm,
    ...(keyId !== undefined && { keyId }),
    ...(rule.BucketKeyEnabled && { bucketKey: true }),
    ...(blocked[0] === 'SSE-C' && { blocksCustomerKeys: true }),
  };
}
