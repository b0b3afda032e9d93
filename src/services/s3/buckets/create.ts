/** CreateBucket: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */

import type { Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { everythingBlocked } from '../../../framework/s3-access/public-access-block.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { isPublicAcl, keptAcl } from '../acl/acl.ts';
import { headerGrants } from '../acl/requested.ts';
import {
  accessDenied,
  bucketAlreadyExists,
  bucketAlreadyOwnedByYou,
  invalidBucketAclWithBlockPublicAccess,
  invalidBucketAclWithOwnership,
  tooManyBuckets,
} from '../errors.ts';
import { bucketsPerAccountMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkedTags } from '../tagging/tags.ts';
import { buckets, bucketTags, type Bucket } from '../tables.ts';
import { bucketArn, ownerOf, regionOfNewBucket } from './bucket.ts';
import { checkBucketName } from './bucket-name.ts';
import { ownershipOf } from './ownership.ts';

/** The bucket is the caller's to be: no other account has a say. */
export function onCreateBucket(request: ServiceRequest, input: Input<'CreateBucket'>): Check[] {
  checkBucketName(input.Bucket);
  if (request.principal.type === 'Anonymous') throw accessDenied();
  const context = { 's3:x-amz-acl': input.ACL, 's3:LocationConstraint': input.CreateBucketConfiguration?.LocationConstraint };
  const actions = input.ObjectLockEnabledForBucket
    ? ['s3:CreateBucket', 's3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning']
    : ['s3:CreateBucket'];
  return actions.map((action) => ({ action, resource: bucketArn(input.Bucket), context }));
}

export const CreateBucket: Operation<'CreateBucket'> = async (request, input) => {
  const name = input.Bucket;
  refuseUnbuilt(input);
  const region = regionOfNewBucket(request.region, input.CreateBucketConfiguration?.LocationConstraint);
  const tags = checkedTags(input.CreateBucketConfiguration?.Tags ?? [], 'NewBucket');
  const bucket: Bucket = {
    ...{ name, account: request.account, region, created: request.now, publicAccessBlock: everythingBlocked },
    ...accessOf(request.account, input),
    ...(input.ObjectLockEnabledForBucket && { versioning: 'Enabled' as const, objectLock: {} }),
  };
  await request.store.write(async (tx) => {
    const existing = await buckets.get(tx, name);
    if (existing) {
      refuseUnlessRepeated(request, existing, tags.length > 0);
      return buckets.put(tx, withAclOf(existing, bucket));
    }
    if (await isFull(tx, request.account)) throw tooManyBuckets();
    await buckets.put(tx, bucket);
    if (tags.length > 0) await bucketTags.put(tx, { bucket: name, tags });
  });
  return { Location: region === 'us-east-1' ? `/${name}` : `http://${name}.s3.amazonaws.com/`, BucketArn: bucketArn(name) };
};

/** Creating a bucket again sets back its ACL, and nothing else. */
function withAclOf({ acl: _old, ...existing }: Bucket, { acl }: Bucket): Bucket {
  return { ...existing, ...(acl && existing.ownership !== undefined && { acl }) };
}

/** In us-east-1 one may create one's own bucket again: an old promise that AWS keeps, but not to those who bring tags. */
function refuseUnlessRepeated(request: ServiceRequest, existing: Bucket, tagged: boolean): void {
  if (existing.account !== request.account) throw bucketAlreadyExists(existing.name);
  if (existing.region !== 'us-east-1' || request.region !== 'us-east-1' || tagged) throw bucketAlreadyOwnedByYou(existing.name);
}

async function isFull(tx: ReadTransaction, account: string): Promise<boolean> {
  return (await buckets.scanIndex(tx, 'account', [account], { limit: bucketsPerAccountMax })).length >= bucketsPerAccountMax;
}

function refuseUnbuilt(input: Input<'CreateBucket'>): void {
  const refuse = (parameter: string) => {
    throw notImplemented(`s3:CreateBucket with ${parameter}`);
  };
  if (input.BucketNamespace && input.BucketNamespace !== 'global') refuse('BucketNamespace');
  if (input.CreateBucketConfiguration?.Location || input.CreateBucketConfiguration?.Bucket) refuse('directory buckets');
}

/**
 * Ownership and ACL of the new bucket, whose public access is blocked. Whoever asks for the ACL `private` and no ownership will send
 * ACLs with the objects too (rclone, s3cmd): S3 makes the bucket BucketOwnerPreferred.
 */
function accessOf(account: string, input: Input<'CreateBucket'>): Pick<Bucket, 'ownership' | 'acl'> {
  const next = ownershipOf(input.ObjectOwnership ?? (input.ACL === 'private' ? 'BucketOwnerPreferred' : 'BucketOwnerEnforced'));
  const grants = headerGrants(input, { kind: 'bucket', owner: account, bucketOwner: account });
  if (!grants) return next;
  if (next.ownership === undefined && input.ACL !== 'private') throw invalidBucketAclWithOwnership();
  if (isPublicAcl(grants)) throw invalidBucketAclWithBlockPublicAccess();
  return { ...next, ...keptAcl(grants, ownerOf(account).ID) };
}
