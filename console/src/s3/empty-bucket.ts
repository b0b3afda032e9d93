/** Empties a bucket: every object with all its versions and markers, so that it can be deleted. */

import { DeleteObjectsCommand, ListObjectVersionsCommand, type ObjectIdentifier } from '@aws-sdk/client-s3';
import { s3 } from './client.ts';

/** A thousand at a time, as S3 takes them. Resolves to how many are gone; rejects with the first that S3 refused. */
export async function emptyBucket(bucket: string): Promise<number> {
  let deleted = 0;
  for (;;) {
    // Always from the beginning: what was listed before is gone.
    const { Versions = [], DeleteMarkers = [] } = await s3().send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1_000 }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }): ObjectIdentifier => ({ Key: Key!, VersionId }));
    if (Objects.length === 0) return deleted;
    const { Errors = [] } = await s3().send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
    const [first] = Errors;
    if (first) throw Object.assign(new Error(first.Message), { name: first.Code });
    deleted += Objects.length;
  }
}
