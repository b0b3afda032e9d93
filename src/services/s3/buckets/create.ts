/** CreateBucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */

import type { Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { accessDenied, bucketAlreadyExists, bucketAlreadyOwnedByYou, invalidBucketAclWithOwnership, tooManyBuckets } from '../errors.ts';
import { bucketsPerAccountMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkedTags } from '../tagging/tags.ts';
import { buckets, bucketTags, type Bucket } from '../tables.ts';
import { bucketArn, everythingBlocked, regionOfNewBucket } from './bucket.ts';
import { checkBucketName } from './bucket-name.ts';

/** The bucket is the caller's to be: no other account has a say. */
export function onCreateBucket(request: ServiceRequest, input: Input<'CreateBucket'>): Check[] {
  checkBucketName(input.Bucket);
  if (request.principal.type === 'Anonymous') throw accessDenied();
  const context = { 's3:x-amz-acl': input.ACL, 's3:LocationConstraint': input.CreateBucketConfiguration?.LocationConstraint };
  return [{ action: 's3:CreateBucket', resource: bucketArn(input.Bucket), context }];
}

export const CreateBucket: Operation<'CreateBucket'> = async (request, input) => {
  const name = input.Bucket;
  refuseUnbuilt(input);
  const region = regionOfNewBucket(request.region, input.CreateBucketConfiguration?.LocationConstraint);
  const tags = checkedTags(input.CreateBucketConfiguration?.Tags ?? [], 'Bucket');
  const bucket: Bucket = { name, account: request.account, region, created: request.now, publicAccessBlock: everythingBlocked };
  await request.store.write(async (tx) => {
    const existing = await buckets.get(tx, name);
    if (existing) return refuseUnlessRepeated(request, existing);
    if (await isFull(tx, request.account)) throw tooManyBuckets();
    await buckets.put(tx, bucket);
    if (tags.length > 0) await bucketTags.put(tx, { bucket: name, tags });
  });
  return { Location: region === 'us-east-1' ? `/${name}` : `http://${name}.s3.amazonaws.com/`, BucketArn: bucketArn(name) };
};

/** In us-east-1 one may create one's own bucket again: an old promise that AWS keeps. */
function refuseUnlessRepeated(request: ServiceRequest, existing: Bucket): void {
  if (existing.account !== request.account) throw bucketAlreadyExists(existing.name);
  if (existing.region !== 'us-east-1' || request.region !== 'us-east-1') throw bucketAlreadyOwnedByYou(existing.name);
}

async function isFull(tx: ReadTransaction, account: string): Promise<boolean> {
  return (await buckets.scanIndex(tx, 'account', [account], { limit: bucketsPerAccountMax })).length >= bucketsPerAccountMax;
}

function refuseUnbuilt(input: Input<'CreateBucket'>): void {
  const refuse = (parameter: string) => {
    throw notImplemented(`s3:CreateBucket with ${parameter}`);
  };
  if (input.ObjectLockEnabledForBucket) refuse('ObjectLockEnabledForBucket');
  if (input.BucketNamespace && input.BucketNamespace !== 'global') refuse('BucketNamespace');
  if (input.CreateBucketConfiguration?.Location || input.CreateBucketConfiguration?.Bucket) refuse('directory buckets');
  if (input.ACL && input.ACL !== 'private') throw invalidBucketAclWithOwnership();
  if (input.GrantFullControl || input.GrantRead || input.GrantReadACP || input.GrantWrite || input.GrantWriteACP)
    throw invalidBucketAclWithOwnership();
  if (input.ObjectOwnership && input.ObjectOwnership !== 'BucketOwnerEnforced') refuse(`ObjectOwnership ${input.ObjectOwnership}`);
}
