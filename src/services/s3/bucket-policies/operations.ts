/** Bucket policies: put, get, delete, status. */

import { isPublicPolicy } from '../../../framework/s3-access/policy.ts';
import { requirePrincipals } from '../../../framework/s3-access/policy-principals.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { blockOf, lookUp, requireBucket } from '../buckets/lookup.ts';
import { accessDenied, noSuchConfiguration } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { bucketPolicies, buckets } from '../tables.ts';
import { checkedBucketPolicy } from './policy.ts';

export const PutBucketPolicy: Operation<'PutBucketPolicy'> = async (request, input) => {
  const document = checkedBucketPolicy(input.Bucket, input.Policy);
  const isPublic = isPublicPolicy(document);
  const { bucket: target } = await lookUp(request, input.Bucket);
  await requirePrincipals(request, target.account, document);
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const bucket = await requireBucket(tx, input.Bucket);
    if (isPublic && (await blockOf(tx, bucket))?.blockPublicPolicy)
      throw accessDenied(
        `User: ${request.principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "${bucketArn(input.Bucket)}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
      );
    await bucketPolicies.put(tx, { bucket: input.Bucket, revision, text: input.Policy });
    await buckets.put(tx, { ...bucket, policy: revision });
  });
  return {};
};

export const GetBucketPolicy: Operation<'GetBucketPolicy'> = async (request, input) => {
  const policy = await request.store.read((tx) => bucketPolicies.get(tx, input.Bucket));
  if (!policy) throw noPolicy(input.Bucket);
  return { Policy: policy.text };
};

export const GetBucketPolicyStatus: Operation<'GetBucketPolicyStatus'> = async (request, input) => {
  const { policy } = await lookUp(request, input.Bucket);
  if (!policy) throw noPolicy(input.Bucket);
  return { PolicyStatus: { IsPublic: isPublicPolicy(policy) } };
};

export const DeleteBucketPolicy: Operation<'DeleteBucketPolicy'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { policy: _gone, ...bucket } = await requireBucket(tx, input.Bucket);
    await bucketPolicies.delete(tx, input.Bucket);
    await buckets.put(tx, bucket);
  });
  return {};
};

function noPolicy(bucket: string) {
  return noSuchConfiguration('NoSuchBucketPolicy', 'The bucket policy does not exist', bucket);
}
