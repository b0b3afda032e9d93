/** What an inventory is configured to be: https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-inventory.html. Pure. */

import { notImplemented } from '../../../framework/aws-error.ts';
import { bucketOfArn } from '../buckets/bucket.ts';
import { invalidArgument, invalidBucketArn, malformedXml } from '../errors.ts';
import type { Input } from '../sdk.ts';

export type Inventory = Input<'PutBucketInventoryConfiguration'>['InventoryConfiguration'];

/** In the order in which reports have them, whatever the order in which they are asked for. */
const optionalFields = [
  'Size',
  'LastModifiedDate',
  'ETag',
  'StorageClass',
  'IsMultipartUploaded',
  'ReplicationStatus',
  'EncryptionStatus',
  'ObjectLockRetainUntilDate',
  'ObjectLockMode',
  'ObjectLockLegalHoldStatus',
  'IntelligentTieringAccessTier',
  'BucketKeyStatus',
  'ChecksumAlgorithm',
  'ObjectAccessControlList',
  'ObjectOwner',
  'LifecycleExpirationDate',
] as const;
export type OptionalField = (typeof optionalFields)[number];

const unbuiltFields: readonly string[] = ['IntelligentTieringReferenceDate', 'ObjectLockEventHoldDuration', 'ObjectLockEventHoldStatus'];

/** Throws for the first fault; returns the name of the bucket that reports go to. */
export function checkInventory({
  Destination,
  Filter,
  IncludedObjectVersions,
  IsEnabled,
  OptionalFields = [],
  Schedule,
}: Inventory): string {
  const to = Destination?.S3BucketDestination;
  if (!to?.Bucket || IsEnabled === undefined || (Filter && !Filter.Prefix)) throw malformedXml();
  if (IncludedObjectVersions !== 'All' && IncludedObjectVersions !== 'Current') throw malformedXml();
  if (Schedule?.Frequency !== 'Daily' && Schedule?.Frequency !== 'Weekly') throw malformedXml();
  if (to.Format !== 'CSV' && to.Format !== 'Parquet') {
    if (to.Format !== 'ORC') throw malformedXml();
    throw notImplemented(`s3:PutBucketInventoryConfiguration with Format ${to.Format}`);
  }
  for (const field of OptionalFields) {
    if (unbuiltFields.includes(field)) throw notImplemented(`s3:PutBucketInventoryConfiguration with OptionalFields ${field}`);
    if (!(optionalFields as readonly string[]).includes(field)) throw malformedXml();
  }
  const { SSES3, SSEKMS } = to.Encryption ?? {};
  if (to.Encryption && (SSES3 === undefined) === (SSEKMS === undefined)) throw malformedXml();
  if (SSEKMS && !SSEKMS.KeyId) throw malformedXml();
  if (to.AccountId !== undefined && !/^\d{12}$/.test(to.AccountId))
    throw invalidArgument('Invalid AWS account ID.', 'AccountId', to.AccountId);
  const name = bucketOfArn(to.Bucket);
  if (name === undefined) throw invalidBucketArn();
  return name;
}

/** The names of the columns. Versions are told apart only where all of them are listed. */
export function columnsOf({ IncludedObjectVersions, OptionalFields = [] }: Inventory): string[] {
  const asked = optionalFields.filter((field) => (OptionalFields as readonly string[]).includes(field));
  return ['Bucket', 'Key', ...(IncludedObjectVersions === 'All' ? ['VersionId', 'IsLatest', 'IsDeleteMarker'] : []), ...asked];
}
