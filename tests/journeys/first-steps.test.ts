/** The README's story, through the program itself: start, make things, kill -9, start again, everything is there, stop. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, ListAccessKeysCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  CompleteMultipartUploadCommand,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Credentials } from '../live-cloud.ts';
import { haneul, makeHome, up, type Home, type RunningHaneul } from './running-haneul.ts';

let home: Home;
let cloud: RunningHaneul;
let ada: Credentials;
const digests = new Map<string, string>();

before(async () => {
  home = await makeHome();
});
after(async () => {
  await cloud?.kill().catch((error: NodeJS.ErrnoException) => assert.equal(error.code, 'ESRCH'));
  await home.remove();
});

test('a newcomer starts it and is told how to connect', async () => {
  cloud = await up(home);
  assert.ok(
    cloud.log.some((line) => line.includes('haneul env')),
    cloud.log.join('\n'),
  );
  const { stdout } = await haneul(home, 'env');
  assert.match(stdout, new RegExp(`^export AWS_ENDPOINT_URL='${cloud.endpoint}'$`, 'm'));
  assert.match(stdout, /^export AWS_ACCESS_KEY_ID='test'$/m);
  const health = (await (await fetch(`${cloud.endpoint}/_localstack/health`)).json()) as { services: Record<string, string> };
  assert.ok(health.services['s3'], JSON.stringify(health));
});

test('makes a user, a bucket and objects', async () => {
  const root = { accessKeyId: 'test', secretAccessKey: 'test' };
  const iam = connect(IAMClient, root);
  await iam.send(new CreateUserCommand({ UserName: 'ada' }));
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'ada',
      PolicyName: 's3',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }),
    }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ada' }));
  ada = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const s3 = connect(S3Client, ada);
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
  await Promise.all([0, 1, 1024, 100_000, 1_048_576, 3_000_000].map((size) => put(s3, `object-${size}`, randomBytes(size))));
  await putInParts(s3, 'in-parts');
  await s3.send(new CreateMultipartUploadCommand({ Bucket: 'kept', Key: 'unfinished' }));
});

test('after kill -9 in the middle of writes, everything that was acknowledged is there', async () => {
  const s3 = connect(S3Client, ada);
  let killed: Promise<void> | undefined;
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; ; i++) {
      await put(s3, `under-fire/${writer}-${i}`, randomBytes(2000 + i));
      if (digests.size > 100) await (killed ??= cloud.kill());
    }
  });
  await Promise.allSettled(writers);
  await killed;

  cloud = await up(home);
  const again = connect(S3Client, ada);
  assert.equal((await connect(STSClient, ada).send(new GetCallerIdentityCommand())).Arn, 'arn:aws:iam::000000000000:user/ada');
  const listed = new Set<string>();
  for (let token: string | undefined; ;) {
    const page = await again.send(new ListObjectsV2Command({ Bucket: 'kept', ContinuationToken: token }));
    for (const { Key } of page.Contents ?? []) listed.add(Key!);
    if (!(token = page.NextContinuationToken)) break;
  }
  for (const [key, digest] of digests) {
    assert.ok(listed.has(key), `${key} is listed`);
    const { Body } = await again.send(new GetObjectCommand({ Bucket: 'kept', Key: key }));
    assert.equal(sha256(await Body!.transformToByteArray()), digest, key);
  }
  assert.deepEqual(
    (await again.send(new ListMultipartUploadsCommand({ Bucket: 'kept' }))).Uploads?.map((upload) => upload.Key),
    ['unfinished'],
  );
  const keys = await connect(IAMClient, { accessKeyId: 'test', secretAccessKey: 'test' }).send(
    new ListAccessKeysCommand({ UserName: 'ada' }),
  );
  assert.deepEqual(
    keys.AccessKeyMetadata?.map((key) => key.AccessKeyId),
    [ada.accessKeyId],
  );
});

test('a second start on the same data directory is refused in one line', async () => {
  const { code, stderr } = await haneul(home, 'up', '--port', '0');
  assert.notEqual(code, 0);
  assert.equal(stderr.trim().split('\n').length, 1, stderr);
  assert.match(stderr, /in use|running/);
});

test('runs hooks, and stops when told', async () => {
  const status = await haneul(home, 'status', '--json');
  assert.equal(status.code, 0, status.stderr);
  assert.equal(typeof JSON.parse(status.stdout), 'object');
  await mkdir(join(home.directory, 'cloud', 'init', 'ready.d'), { recursive: true });
  const hook = join(home.directory, 'cloud', 'init', 'ready.d', '01-note.sh');
  await writeFile(hook, '#!/bin/sh\nprintf %s "$AWS_ENDPOINT_URL" > "$HOME/hook-ran"\n');
  await chmod(hook, 0o755);
  assert.equal(await cloud.stop(), 0);
  assert.notEqual((await haneul(home, 'status')).code, 0);
  cloud = await up(home);
  assert.equal(await readFile(join(home.directory, 'hook-ran'), 'utf8'), cloud.endpoint);
  assert.equal((await haneul(home, 'stop')).code, 0);
  await assert.rejects(fetch(cloud.endpoint));
});

function connect<C>(Client: new (config: any) => C, credentials: Credentials): C {
  return new Client({ endpoint: cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1, forcePathStyle: true });
}

async function put(s3: S3Client, key: string, body: Buffer): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: 'kept', Key: key, Body: body }));
  digests.set(key, sha256(body));
}

async function putInParts(s3: S3Client, key: string): Promise<void> {
  const parts = [randomBytes(5 * 1024 * 1024), randomBytes(70_000)];
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: 'kept', Key: key }));
  const sent = await Promise.all(
    parts.map((Body, i) => s3.send(new UploadPartCommand({ Bucket: 'kept', Key: key, UploadId, PartNumber: i + 1, Body }))),
  );
  const Parts = sent.map(({ ETag, ChecksumCRC32 }, i) => ({ PartNumber: i + 1, ETag, ChecksumCRC32 }));
  await s3.send(new CompleteMultipartUploadCommand({ Bucket: 'kept', Key: key, UploadId, MultipartUpload: { Parts } }));
  digests.set(key, sha256(Buffer.concat(parts)));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
