/** What metadata tables tell of an object: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-schema.html. Pure. */

import { createHash } from 'node:crypto';
import { classOf } from '../storage-classes/storage-class.ts';
import type { ObjectRecord, VersionRecord } from '../tables.ts';
import { isDeleteMarker, microsecondsOf, placeOf } from '../versions/version.ts';
import type { Described } from './tables.ts';

export function described(record: VersionRecord): Described {
  if (isDeleteMarker(record)) return { size: 0, modified: record.modified };
  const { size, modified, etag, checksum, tags = [], metadata = [], parts } = record;
  return {
    ...{ size, modified, etag, tags, metadata },
    storageClass: classOf(record),
    isMultipart: parts !== undefined || etag.includes('-'),
    checksum: checksum.algorithm,
    ...encryptionOf(record),
  };
}

function encryptionOf({ encryption }: ObjectRecord): Pick<Described, 'encryption' | 'isBucketKeyEnabled' | 'kmsKeyArn'> {
  if (encryption === undefined) return { encryption: 'SSE-S3', isBucketKeyEnabled: false };
  if (encryption.mode === 'customer') return { encryption: 'SSE-C', isBucketKeyEnabled: false };
  return { encryption: 'SSE-KMS', isBucketKeyEnabled: encryption.bucketKey ?? false, kmsKeyArn: encryption.arn };
}

/** The number of a change as tables have it: hexadecimal, of one length. */
export function sequenceOf(number: number): string {
  return number.toString(16).toUpperCase().padStart(18, '0');
}

/** The sequence number of a version that is there: when it was made. */
export function sequenceOfVersion(record: VersionRecord): string {
  return sequenceOf(microsecondsOf(placeOf(record)));
}

/** Tells a version from all others; a null version that is overwritten is another one. */
export function joinKeyOf({ bucket, key, version, modified }: Pick<ObjectRecord, 'bucket' | 'key' | 'version' | 'modified'>): string {
  return createHash('sha256')
    .update(JSON.stringify([bucket, key, version ?? modified]))
    .digest('hex')
    .slice(0, 32);
}
