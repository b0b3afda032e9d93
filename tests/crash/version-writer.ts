/** Writes, uploads in parts, covers and deletes versions below a prefix of its own, and knows the history that each key must have. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { clientOptions, isConnectionLost, versionedBucket, type Writer } from './writers.ts';

/** SHA-256 of the bytes; none for a delete marker. */
type Version = { id: string; content: string | undefined };
/** What the operation that was cut off may have done: a new version on top, or one gone. */
type Doubt = { key: string; added: { content: string | undefined } } | { key: string; deleted: string };

const keys = 6;

export function versionWriter(prefix: string): Writer {
  /** Newest first. */
  const histories = new Map<string, Version[]>();
  let doubt: Doubt | undefined;
  let count = 0;

  const step = async (s3: S3Client): Promise<void> => {
    const place = { Bucket: versionedBucket, Key: `${prefix}/${count % keys}` };
    const key = place.Key;
    const history = histories.get(key) ?? [];
    if (count % 5 === 4 && history.length > 0) {
      const version = history[count % history.length]!;
      doubt = { key, deleted: version.id };
      await s3.send(new DeleteObjectCommand({ ...place, VersionId: version.id }));
      histories.set(
        key,
        history.filter((other) => other !== version),
      );
    } else if (count % 7 === 6) {
      doubt = { key, added: { content: undefined } };
      const { VersionId } = await s3.send(new DeleteObjectCommand(place));
      histories.set(key, [{ id: VersionId!, content: undefined }, ...history]);
    } else {
      const Body = randomBytes(Math.floor(Math.random() * 20_000));
      const content = hash(Body);
      doubt = { key, added: { content } };
      const { VersionId } = count % 9 === 8 ? await upload(s3, place, Body) : await s3.send(new PutObjectCommand({ ...place, Body }));
      histories.set(key, [{ id: VersionId!, content }, ...history]);
    }
    doubt = undefined;
  };

  return {
    acknowledged: () => count,
    async run(endpoint) {
      const s3 = new S3Client(clientOptions(endpoint));
      try {
        for (; ; count++) await step(s3);
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
      } finally {
        s3.destroy();
      }
    },
    async check(endpoint) {
      const s3 = new S3Client(clientOptions(endpoint));
      for (let n = 0; n < keys; n++) {
        const key = `${prefix}/${n}`;
        const found = await historyOf(s3, key);
        const expected = histories.get(key) ?? [];
        const known = new Set(expected.map(({ id }) => id));
        if (doubt?.key !== key) assert.deepEqual(found, expected);
        else if ('deleted' in doubt) {
          const { deleted } = doubt;
          const without = expected.filter(({ id }) => id !== deleted);
          assert.deepEqual(found, found.length === expected.length ? expected : without);
        } else {
          const [newest, ...older] = found;
          const written = newest !== undefined && !known.has(newest.id);
          assert.deepEqual(written ? older : found, expected);
          if (written) assert.equal(newest.content, doubt.added.content, `${key} has the bytes that were being written, or is as it was`);
        }
        histories.set(key, found);
      }
      doubt = undefined;
      s3.destroy();
    },
  };
}

type Place = { Bucket: string; Key: string };

async function upload(s3: S3Client, place: Place, Body: Buffer): Promise<{ VersionId?: string | undefined }> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(place));
  const { ETag } = await s3.send(new UploadPartCommand({ ...place, UploadId, PartNumber: 1, Body }));
  return s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } }));
}

/** Reads every version; exactly the newest one is the latest. */
async function historyOf(s3: S3Client, key: string): Promise<Version[]> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: versionedBucket, Prefix: key }));
  const found: { id: string; content: string | undefined; latest: boolean | undefined }[] = [];
  for (const { VersionId, IsLatest } of DeleteMarkers) found.push({ id: VersionId!, content: undefined, latest: IsLatest });
  for (const { VersionId, IsLatest } of Versions) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: versionedBucket, Key: key, VersionId }));
    found.push({ id: VersionId!, content: hash(await Body!.transformToByteArray()), latest: IsLatest });
  }
  // Version ids sort newest first.
  found.sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const [i, { latest }] of found.entries()) assert.equal(latest, i === 0);
  return found.map(({ id, content }) => ({ id, content }));
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
