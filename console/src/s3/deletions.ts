/** Deletes objects by the thousand, as S3 takes them: those below a folder, or all of a bucket with their versions and markers. */

import {
  DeleteObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type DeleteObjectsCommandOutput,
  type ObjectIdentifier,
} from '@aws-sdk/client-s3';
import type { Action } from '../from-shell/action.ts';
import { s3 } from './client.ts';

const batchMax = 1_000;

function deletion(Bucket: string, Objects: ObjectIdentifier[]): Action[] {
  if (Objects.length === 0) return [];
  return [{ service: 's3', operation: 'DeleteObjects', command: new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }) }];
}

/** S3 answers 200 where it refused single ones: rejects with the first. */
export async function sendDeletion(command: never): Promise<void> {
  const { Errors = [] } = (await s3().send(command)) as DeleteObjectsCommandOutput;
  const [first] = Errors;
  if (first) throw Object.assign(new Error(first.Message), { name: first.Code });
}

/** An object, or what is below a folder as far as one call takes: none once all is gone. */
export async function deletionsOf(bucket: string, { key, folder }: { key: string; folder: boolean }): Promise<Action[]> {
  if (!folder) return deletion(bucket, [{ Key: key }]);
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: batchMax }));
  return deletion(
    bucket,
    Contents.map(({ Key }) => ({ Key: Key! })),
  );
}

/** The first thousand of the versions and markers below a folder, or of a whole bucket: it can be deleted once there are none. */
export async function emptyingOf(bucket: string, Prefix?: string): Promise<Action[]> {
  const { Versions = [], DeleteMarkers = [] } = await s3().send(
    new ListObjectVersionsCommand({ Bucket: bucket, Prefix, MaxKeys: batchMax }),
  );
  return deletion(
    bucket,
    [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key!, VersionId })),
  );
}
