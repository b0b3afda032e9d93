/** Deletes objects by the thousand, as S3 takes them: those below a folder, or all of a bucket with their versions and markers. */

import { DeleteObjectsCommand, ListObjectsV2Command, ListObjectVersionsCommand, type ObjectIdentifier } from '@aws-sdk/client-s3';
import { s3 } from './client.ts';

const batchMax = 1_000;

/** Rejects with the first that S3 refused. */
async function deleteBatch(bucket: string, Objects: ObjectIdentifier[]): Promise<void> {
  const { Errors = [] } = await s3().send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
  const [first] = Errors;
  if (first) throw Object.assign(new Error(first.Message), { name: first.Code });
}

/** An object alone, or all below a folder. Resolves to how many are gone. */
export async function deleteBelow(bucket: string, { key, folder }: { key: string; folder: boolean }): Promise<number> {
  let deleted = 0;
  for (;;) {
    const keys = folder
      ? ((await s3().send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: batchMax }))).Contents ?? []).map(
          ({ Key }) => Key!,
        )
      : [key];
    if (keys.length === 0) return deleted;
    await deleteBatch(
      bucket,
      keys.map((Key) => ({ Key })),
    );
    deleted += keys.length;
    if (!folder || keys.length < batchMax) return deleted;
  }
}

/** So that the bucket can be deleted. Resolves to how many are gone. */
export async function emptyBucket(bucket: string): Promise<number> {
  let deleted = 0;
  for (;;) {
    // Always from the beginning: what was listed before is gone.
    const { Versions = [], DeleteMarkers = [] } = await s3().send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: batchMax }));
    const entries = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }): ObjectIdentifier => ({ Key: Key!, VersionId }));
    if (entries.length === 0) return deleted;
    await deleteBatch(bucket, entries);
    deleted += entries.length;
  }
}
