/** Object ownership: whether ACLs are on, and whose new objects are: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html */

import { ownerOf } from './bucket.ts';
import { invalidBucketAclWithOwnership, invalidOwnershipHeader, malformedXml, noSuchConfiguration } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { buckets, type Bucket, type Ownership } from '../tables.ts';
import { lookUp, requireBucket } from './lookup.ts';

const known: ReadonlySet<string> = new Set(['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter']);

/** What a request says, as it is kept: nothing for BucketOwnerEnforced. Throws InvalidArgument. */
export function ownershipOf(named: string): { ownership?: Ownership } {
  if (named === 'BucketOwnerEnforced') return {};
  if (named === 'BucketOwnerPreferred' || named === 'ObjectWriter') return { ownership: named };
  throw invalidOwnershipHeader(named);
}

export const GetBucketOwnershipControls: Operation<'GetBucketOwnershipControls'> = async (request, input) => {
  const { ownership } = (await lookUp(request, input.Bucket)).bucket;
  if (ownership === 'none')
    throw noSuchConfiguration('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found', input.Bucket);
  return { OwnershipControls: { Rules: [{ ObjectOwnership: ownership ?? 'BucketOwnerEnforced' }] } };
};

export const PutBucketOwnershipControls: Operation<'PutBucketOwnershipControls'> = async (request, input) => {
  const [rule, ...more] = input.OwnershipControls.Rules ?? [];
  if (!rule?.ObjectOwnership || more.length > 0) throw malformedXml();
  if (!known.has(rule.ObjectOwnership)) throw malformedXml();
  const next = ownershipOf(rule.ObjectOwnership);
  await request.store.write(async (tx) => {
    const { ownership: _old, ...bucket } = await requireBucket(tx, input.Bucket);
    if (next.ownership === undefined && grantsOthers(bucket)) throw invalidBucketAclWithOwnership();
    await buckets.put(tx, { ...bucket, ...next });
  });
  return {};
};

/** Without controls ACLs are on, and who writes an object owns it. */
export const DeleteBucketOwnershipControls: Operation<'DeleteBucketOwnershipControls'> = async (request, input) => {
  await request.store.write(async (tx) => buckets.put(tx, { ...(await requireBucket(tx, input.Bucket)), ownership: 'none' }));
  return {};
};

function grantsOthers(bucket: Bucket): boolean {
  return bucket.acl?.some(({ to }) => to !== ownerOf(bucket.account).ID) ?? false;
}
