/** What answers about annotations say of the object besides. */

import { encryptionMembers } from '../encryption/wanted.ts';
import type { Bucket, ObjectRecord } from '../tables.ts';
import { versionIdOf } from '../versions/version.ts';

export function annotatedMembers(bucket: Bucket, object: ObjectRecord) {
  return { ...versionOf(bucket, object), ServerSideEncryption: encryptionMembers(object.encryption).ServerSideEncryption };
}

/** A bucket that never had versioning does not speak of versions. */
export function versionOf(bucket: Bucket, object: ObjectRecord): { ObjectVersionId?: string } {
  return bucket.versioning === undefined ? {} : { ObjectVersionId: versionIdOf(object) };
}
