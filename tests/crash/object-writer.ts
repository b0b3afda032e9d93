/** Puts, overwrites, copies, deletes and uploads objects in parts below a prefix of its own, and knows what must be there. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { bucket, clientOptions, isConnectionLost, type Writer } from './writers.ts';

/** SHA-256 of an object's bytes. */
type Content = string;
type Doubt = { key: string; content: Content | undefined };

const keys = 12;
const partBytes = 5 << 20;

export function objectWriter(prefix: string): Writer {
  const objects = new Map<string, Content>();
  let doubt: Doubt | undefined;
  let count = 0;

  const step = async (s3: S3Client): Promise<void> => {
    const key = `${prefix}/${count % keys}`;
    const kind = kindOf(count);
    const bytes = bodyFor(kind);
    const source = `${prefix}/${(count + 5) % keys}`;
    if (kind === 'copy' && !objects.has(source)) return;
    const content =
      kind === 'delete' ? undefined : kind === 'copy' ? objects.get(source) : createHash('sha256').update(bytes).digest('hex');
    doubt = { key, content };
    if (kind === 'delete') await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    else if (kind === 'copy') await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource: `${bucket}/${source}` }));
    else if (kind === 'parts') await uploadInParts(s3, key, bytes, content!);
    else await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, Metadata: { content: content! } }));
    settle(objects, doubt);
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
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}/` }));
      const found = new Map<string, Content>();
      for (const { Key, Size } of Contents) found.set(Key!, await contentOf(s3, Key!, Size!));
      const possible = new Map(objects);
      if (doubt) settle(possible, doubt);
      for (const key of new Set([...objects.keys(), ...possible.keys(), ...found.keys()])) {
        assert.ok(
          [objects.get(key), possible.get(key)].includes(found.get(key)),
          `${key} is what was acknowledged last, or what was being written`,
        );
        settle(objects, { key, content: found.get(key) });
      }
      doubt = undefined;
      s3.destroy();
    },
  };
}

function kindOf(n: number): 'small' | 'big' | 'parts' | 'copy' | 'delete' {
  if (n % 40 === 39) return 'parts';
  if (n % 9 === 8) return 'big';
  if (n % 7 === 6) return 'delete';
  return n % 11 === 10 ? 'copy' : 'small';
}

function bodyFor(kind: string): Buffer {
  if (kind === 'parts') return randomBytes(partBytes + 1_000);
  return randomBytes(kind === 'big' ? 1_100_000 + Math.floor(Math.random() * 500_000) : Math.floor(Math.random() * 20_000));
}

function settle(objects: Map<string, Content>, { key, content }: Doubt): void {
  if (content === undefined) objects.delete(key);
  else objects.set(key, content);
}

async function uploadInParts(s3: S3Client, key: string, bytes: Buffer, content: Content): Promise<void> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, Metadata: { content } }));
  const parts = [bytes.subarray(0, partBytes), bytes.subarray(partBytes)];
  const Parts = [];
  for (const [i, Body] of parts.entries()) {
    const { ETag } = await s3.send(new UploadPartCommand({ Bucket: bucket, Key: key, UploadId, PartNumber: i + 1, Body }));
    Parts.push({ ETag, PartNumber: i + 1 });
  }
  await s3.send(new CompleteMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId, MultipartUpload: { Parts } }));
}

/** Reads an object whole; its length, its ETag and the metadata that it was put with must be of the same write as its bytes. */
async function contentOf(s3: S3Client, key: string, size: number): Promise<Content> {
  const { Body, ContentLength, ETag, Metadata } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const bytes = await Body!.transformToByteArray();
  const content = createHash('sha256').update(bytes).digest('hex');
  assert.deepEqual([bytes.length, ContentLength], [size, size]);
  assert.equal(Metadata!['content'], content, `${key} has the metadata of its bytes`);
  if (!ETag!.includes('-')) assert.equal(ETag, `"${createHash('md5').update(bytes).digest('hex')}"`);
  return content;
}
