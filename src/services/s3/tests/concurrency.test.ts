/** Many at one key: every reader sees one whole object, and no writer is lost. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';

const cloud = await startCloud({ rehearse: false });
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'concurrent-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));

const writersMax = 12;
const body = (size: number, writer: number) => Buffer.alloc(size, String.fromCharCode(97 + writer));

for (const size of [100, 5_000, 200_000, 1_500_000]) {
  test(`readers of an object of ${size} bytes that is replaced all the time`, async () => {
    const Key = `key-${size}`;
    const put = (writer: number) => s3.send(new PutObjectCommand({ Bucket, Key, Body: body(size, writer) }));
    await put(0);
    const read = async () => {
      const bytes = Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToByteArray());
      assert.equal(bytes.length, size);
      assert.ok(bytes.equals(body(size, bytes[0]! - 97)), 'bytes of two writers are mixed');
    };
    const copy = (to: number) => s3.send(new CopyObjectCommand({ Bucket, Key: `${Key}-copy-${to}`, CopySource: `${Bucket}/${Key}` }));
    const rounds = Array.from({ length: writersMax }, (_, writer) => [put(writer), read(), read(), copy(writer % 3)]);
    await Promise.all(rounds.flat());
    await read();
    for (const to of [0, 1, 2]) await s3.send(new DeleteObjectCommand({ Bucket, Key: `${Key}-copy-${to}` }));
    await read();
  });
}
