/** Two Haneul processes on one PostgreSQL are one cloud: what is written through one is read, allowed and denied through the other. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, DeleteUserPolicyCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startPostgres, type PostgresServer } from '../../src/store/tests/postgres-server.ts';
import { makeHome, up, type Home, type RunningHaneul } from './running-haneul.ts';

const postgres: PostgresServer | undefined = startPostgres();
const homes: Home[] = [];
const clouds: RunningHaneul[] = [];
const root = { accessKeyId: 'test', secretAccessKey: 'test' };

const s3 = (cloud: RunningHaneul, credentials = root): S3Client =>
  new S3Client({ endpoint: cloud.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
const iam = (cloud: RunningHaneul): IAMClient => new IAMClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials: root });

before(async () => {
  if (!postgres) return;
  homes.push(await makeHome(), await makeHome());
  for (const home of homes) clouds.push(await up(home, '--store', postgres.url, '--blobs', join(homes[0]!.directory, 'blobs')));
});

after(async () => {
  for (const cloud of clouds) await cloud.stop();
  for (const home of homes) await home.remove();
  postgres?.close();
});

test('two processes on one PostgreSQL serve the same account', { skip: !postgres && 'needs Debian’s postgresql' }, async (t) => {
  const [one, other] = clouds as [RunningHaneul, RunningHaneul];
  const body = randomBytes(100_000);

  await t.test('an object that one took in is given out by the other', async () => {
    await s3(one).send(new CreateBucketCommand({ Bucket: 'shared' }));
    await s3(one).send(new PutObjectCommand({ Bucket: 'shared', Key: 'a', Body: body }));
    await s3(other).send(new PutObjectCommand({ Bucket: 'shared', Key: 'b', Body: 'from the other' }));
    const { Body } = await s3(other).send(new GetObjectCommand({ Bucket: 'shared', Key: 'a' }));
    assert.deepEqual(Buffer.from(await Body!.transformToByteArray()), body);
    const { Contents } = await s3(one).send(new ListObjectsV2Command({ Bucket: 'shared' }));
    assert.deepEqual(
      Contents?.map(({ Key }) => Key),
      ['a', 'b'],
    );
  });

  await t.test('writers of one key on both sides leave exactly one of their objects', async () => {
    const puts = Array.from({ length: 20 }, (_, n) =>
      s3(clouds[n % 2]!).send(new PutObjectCommand({ Bucket: 'shared', Key: 'contended', Body: `writer ${n}` })),
    );
    const etags = (await Promise.all(puts)).map(({ ETag }) => ETag);
    const seen = await Promise.all(clouds.map((cloud) => s3(cloud).send(new GetObjectCommand({ Bucket: 'shared', Key: 'contended' }))));
    assert.equal(seen[0]!.ETag, seen[1]!.ETag);
    assert.ok(etags.includes(seen[0]!.ETag));
  });

  await t.test('a policy put through one binds the user at the other, and so does its removal', async () => {
    await iam(one).send(new CreateUserCommand({ UserName: 'ada' }));
    const { AccessKey } = await iam(one).send(new CreateAccessKeyCommand({ UserName: 'ada' }));
    const ada = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    const list = (): Promise<boolean> =>
      s3(other, ada)
        .send(new ListObjectsV2Command({ Bucket: 'shared' }))
        .then(
          () => true,
          (error: Error) => (assert.equal(error.name, 'AccessDenied'), false),
        );
    assert.equal(await list(), false);
    const policy = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' } };
    await iam(one).send(new PutUserPolicyCommand({ UserName: 'ada', PolicyName: 'list', PolicyDocument: JSON.stringify(policy) }));
    await until(list);
    await iam(one).send(new DeleteUserPolicyCommand({ UserName: 'ada', PolicyName: 'list' }));
    await until(async () => !(await list()));
  });

  await t.test('when one is killed the other goes on', async () => {
    await one.kill();
    clouds.shift();
    await s3(other).send(new DeleteObjectCommand({ Bucket: 'shared', Key: 'b' }));
    const { Body } = await s3(other).send(new GetObjectCommand({ Bucket: 'shared', Key: 'a' }));
    assert.deepEqual(Buffer.from(await Body!.transformToByteArray()), body);
  });
});

/** IAM is eventually consistent between processes, as it is between AWS's regions: polls until it holds, for 10 s at most. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await holds())) assert.ok(Date.now() < deadline, 'it did not come about within 10 s');
}
