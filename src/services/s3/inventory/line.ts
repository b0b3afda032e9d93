/** A line of a report: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html#storage-inventory-contents. Pure. */

import { aclMembers, objectOwner } from '../acl/acl.ts';
import { ownerOf } from '../buckets/bucket.ts';
import { idleSince, infrequentDays, instantArchiveDays, watchedBytesMin } from '../intelligent-tiering/access.ts';
import { expirationOf } from '../lifecycle/rule.ts';
import { dayMilliseconds } from '../limits.ts';
import { classOf } from '../storage-classes/storage-class.ts';
import type { Bucket, LifecycleRule, ObjectRecord, VersionRecord } from '../tables.ts';
import { isCurrent } from '../versions/history.ts';
import { isDeleteMarker } from '../versions/version.ts';
import type { OptionalField } from './configuration.ts';

export type Listed = { bucket: Bucket; rules: readonly LifecycleRule[]; now: number };

type Value = string | number | boolean | undefined;

/** The lines of a bucket's versions, with these columns. */
export function lineWriter(listed: Listed, columns: readonly string[]): (record: VersionRecord) => string {
  const value = (column: string, record: VersionRecord): Value =>
    column === 'Key' ? encodeURIComponent(record.key).replaceAll('%2F', '/') : valueOf(listed, column, record);
  return (record) => `${columns.map((column) => quoted(value(column, record))).join(',')}\n`;
}

/** The same as values; keys as they are, times as ISO 8601 has them. */
export function rowWriter(listed: Listed, columns: readonly string[]): (record: VersionRecord) => Value[] {
  return (record) => columns.map((column) => valueOf(listed, column, record));
}

function quoted(value: Value): string {
  return `"${String(value ?? '').replaceAll('"', '""')}"`;
}

function valueOf(listed: Listed, column: string, record: VersionRecord): Value {
  switch (column) {
    case 'Bucket':
      return record.bucket;
    case 'Key':
      return record.key;
    case 'VersionId':
      return record.version;
    case 'IsLatest':
      return isCurrent(record);
    case 'IsDeleteMarker':
      return isDeleteMarker(record);
    case 'LastModifiedDate':
      return new Date(record.modified).toISOString();
    default:
      return isDeleteMarker(record) ? undefined : fields[column as keyof typeof fields](record, listed);
  }
}

const fields: Record<Exclude<OptionalField, 'LastModifiedDate'>, (object: ObjectRecord, listed: Listed) => Value> = {
  Size: ({ size }) => size,
  ETag: ({ etag }) => etag,
  StorageClass: classOf,
  IsMultipartUploaded: ({ etag }) => etag.includes('-'),
  ReplicationStatus: ({ replication }) => replication,
  EncryptionStatus: ({ encryption }) => encryptionStatus(encryption),
  ObjectLockRetainUntilDate: ({ retention }) => retention && new Date(retention.until).toISOString(),
  ObjectLockMode: ({ retention }) => retention?.mode,
  ObjectLockLegalHoldStatus: ({ legalHold }) => (legalHold === undefined ? undefined : legalHold ? 'ON' : 'OFF'),
  IntelligentTieringAccessTier: (object, { now }) => tierOf(object, now),
  BucketKeyStatus: ({ encryption }) => (encryption?.mode === 'kms' && encryption.bucketKey ? 'ENABLED' : 'DISABLED'),
  ChecksumAlgorithm: ({ checksum }) => checksum.algorithm,
  ObjectAccessControlList: (object, { bucket }) => accessControlList(bucket, object),
  ObjectOwner: (object, { bucket }) => ownerOf(objectOwner(bucket, object)).ID,
  LifecycleExpirationDate: (object, { rules }) => {
    const expiration = isCurrent(object) ? expirationOf(rules, object) : undefined;
    return expiration && new Date(expiration.at).toISOString();
  },
};

function encryptionStatus(encryption: ObjectRecord['encryption']): string {
  if (encryption === undefined) return 'SSE-S3';
  if (encryption.mode === 'customer') return 'SSE-C';
  return encryption.dual ? 'DSSE-KMS' : 'SSE-KMS';
}

function tierOf(object: ObjectRecord, now: number): string | undefined {
  if (object.storageClass !== 'INTELLIGENT_TIERING') return undefined;
  if (object.archiveTier !== undefined) return object.archiveTier === 'ARCHIVE_ACCESS' ? 'ARCHIVE' : 'DEEP_ARCHIVE';
  const days = (now - idleSince(object)) / dayMilliseconds;
  if (object.size < watchedBytesMin || days < infrequentDays) return 'FREQUENT';
  return days < instantArchiveDays ? 'INFREQUENT' : 'ARCHIVE_INSTANT_ACCESS';
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/objectacl.html */
function accessControlList(bucket: Bucket, object: ObjectRecord): string {
  const { Grants } = aclMembers(objectOwner(bucket, object), bucket.ownership === undefined ? undefined : object.acl);
  const grants = Grants.map(({ Grantee, Permission }) => ({
    ...('ID' in Grantee ? { canonicalId: Grantee.ID } : { uri: Grantee.URI }),
    ...{ type: Grantee.Type, permission: Permission },
  }));
  return Buffer.from(JSON.stringify({ version: '2022-11-10', status: 'AVAILABLE', grants })).toString('base64');
}
