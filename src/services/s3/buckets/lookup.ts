/** The bucket, its policy and the object of a call, read once for the authorizer and the operation together. */

import { accountPublicAccessBlocks, together, type PublicAccessBlock } from '../../../framework/s3-access/public-access-block.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { pointBlock } from '../access-points/permissions.ts';
import { throughTo, type Through } from '../access-points/through.ts';
import { cachedPolicy, rememberPolicy } from '../bucket-policies/policy.ts';
import { accessDenied, noAccountId, noSuchBucket } from '../errors.ts';
import { bucketPolicies, buckets, bucketTags, type Bucket, type DeleteMarker, type ObjectRecord, type Tag } from '../tables.ts';
import { findVersion } from '../versions/history.ts';
import { isWarehouseName } from '../metadata-tables/warehouse.ts';
import { isDeleteMarker } from '../versions/version.ts';
import { checkRegion } from './bucket.ts';
import { isBucketName } from './bucket-name.ts';
import { checkPayer } from './payer.ts';

export type Found = {
  bucket: Bucket;
  policy: PolicyDocument | undefined;
  /** What the bucket and its account block of public access. */
  block: PublicAccessBlock | undefined;
  key: string | undefined;
  /** The version that was asked for by its id; undefined for the current one. */
  version: string | undefined;
  object: ObjectRecord | undefined;
  /** Where the version that was asked for is a delete marker. */
  deleteMarker?: DeleteMarker;
  /** The bucket's tags, where they decide about access. */
  tags?: readonly Tag[];
  /** The access point through which the bucket was reached. */
  through?: Through;
};

const lookups = new WeakMap<ServiceRequest, Found>();

/**
 * The bucket of a call, with the object, or the version of it, when a key is given. A snapshot taken after the call arrived: good for reading. A write
 * reads what it depends on again in its own transaction. Throws NoSuchBucket, and what AWS answers in the wrong region.
 */
export async function lookUp(request: ServiceRequest, name: string, key?: string, version?: string): Promise<Found> {
  const known = foundFor(request, name, key, version);
  if (known) return known;
  const found = await read(request, name, key, { version, through: throughTo(request, name) });
  checkRegion(request, found.bucket);
  checkPayer(request, found.bucket);
  lookups.set(request, found);
  return found;
}

/** What `lookUp` has found already, if it was asked for the same. */
export function foundFor(request: ServiceRequest, name: string, key?: string, version?: string): Found | undefined {
  const known = lookups.get(request);
  const same = known?.bucket.name === name && (key === undefined || (known.key === key && known.version === version));
  return same ? known : undefined;
}

/** What `lookUp` has found for this call already. */
export function lookedUp(request: ServiceRequest): Found | undefined {
  return lookups.get(request);
}

/** The same for a second bucket of a call, the source of a copy. */
export async function read(
  request: Pick<ServiceRequest, 'store'>,
  name: string,
  key: string | undefined,
  { version, through }: { version?: string | undefined; through?: Through | undefined } = {},
): Promise<Found> {
  // What is no bucket's name may also be no key of the store: it is not looked for.
  if (!isBucketName(name) && !isWarehouseName(name)) throw noSuchBucket(name);
  const { bucket, record, block, tags, known, stored } = await request.store.read(async (tx) => {
    const bucket = await buckets.peek(tx, name);
    if (!bucket) return { bucket };
    const record = key === undefined ? undefined : await findVersion(tx, name, key, version);
    // Without policy and ACLs nothing is public that could be blocked.
    const block = bucket.policy === undefined && bucket.ownership === undefined ? bucket.publicAccessBlock : await blockOf(tx, bucket);
    const tags = bucket.abac ? (await bucketTags.get(tx, name))?.tags : undefined;
    if (bucket.policy === undefined) return { bucket, record, block, tags };
    const known = cachedPolicy(bucket.policy);
    return { bucket, record, block, tags, known, stored: known ? undefined : await bucketPolicies.get(tx, name) };
  });
  if (!bucket || (through && !leadsTo(through, bucket))) throw noSuchBucket(name);
  const policy = known ?? (stored && rememberPolicy(stored));
  // A policy may deny: without it nothing may be decided.
  if (bucket.policy !== undefined && !policy) throw new Error(`the policy of bucket ${name} is missing`);
  const found = {
    bucket,
    policy,
    block: through ? together(block, pointBlock(through)) : block,
    key,
    version,
    ...(tags && { tags }),
    ...(through && { through }),
  };
  return record && isDeleteMarker(record) ? { ...found, object: undefined, deleteMarker: record } : { ...found, object: record };
}

/** What the bucket and its account block together. */
export async function blockOf(tx: ReadTransaction, { account, publicAccessBlock: own }: Bucket): Promise<PublicAccessBlock | undefined> {
  if (own?.blockPublicAcls && own.ignorePublicAcls && own.blockPublicPolicy && own.restrictPublicBuckets) return own;
  return together(own, await accountPublicAccessBlocks.get(tx, account));
}

/** The bucket may have been deleted, and another one have its name: the access point is not that one's. */
function leadsTo({ point }: Through, bucket: Bucket): boolean {
  return point.bucketAccount === bucket.account && bucket.created <= point.created;
}

/** Inside a write: the bucket as it is now. */
export async function requireBucket(tx: ReadTransaction, name: string): Promise<Bucket> {
  const bucket = await buckets.peek(tx, name);
  if (!bucket) throw noSuchBucket(name);
  return bucket;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html */
export function checkExpectedOwner(bucket: Bucket, expected: string | undefined): void {
  if (expected === undefined || expected === bucket.account) return;
  throw /^\d{12}$/.test(expected) ? accessDenied() : noAccountId(expected);
}
