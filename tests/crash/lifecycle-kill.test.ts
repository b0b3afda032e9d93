/** A cloud is killed while lifecycle rules expire and move a thousand objects: none is half gone, what stays is whole, and the rest is finished after the start. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { newUser, type User } from '../cli/haneul-process.ts';
import { clientOptions } from './writers.ts';

const rounds = 4;
const objects = 400;
const finishMillisecondsMax = 60_000;

let user: User;
before(async () => void (user = await newUser()));
after(() => user.leave());

test('kill -9 in the middle of a sweep', async () => {
  let cloud = await user.up();
  for (let round = 1; round <= rounds; round++) {
    const Bucket = `crash-lifecycle-${round}`;
    const s3 = new S3Client(clientOptions(cloud.endpoint));
    await fill(s3, Bucket);
    s3.destroy();
    assert.equal((await user.haneul('clock', 'advance', '2d')).code, 0);
    await sleep(Math.random() * 150);
    cloud.child.kill('SIGKILL');
    await cloud.ended;
    cloud = await user.up();
    await check(cloud.endpoint, Bucket);
  }
  cloud.child.kill('SIGTERM');
  assert.equal((await cloud.ended).code, 0);
});

async function fill(s3: S3Client, Bucket: string): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  for (const prefix of ['keep', 'move', 'end'])
    await Promise.all(
      Array.from({ length: objects / 4 }, (_, n) =>
        s3.send(new PutObjectCommand({ Bucket, Key: `${prefix}/${n}`, Body: `${prefix} ${n}` })),
      ),
    );
  const Rules = [
    { ID: 'end', Status: 'Enabled' as const, Filter: { Prefix: 'end/' }, Expiration: { Days: 1 } },
    {
      ...{ ID: 'move', Status: 'Enabled' as const, Filter: { And: { Prefix: 'move/', ObjectSizeGreaterThan: 1 } } },
      Transitions: [{ Days: 1, StorageClass: 'GLACIER_IR' as const }],
    },
  ];
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
}

async function check(endpoint: string, Bucket: string): Promise<void> {
  const s3 = new S3Client(clientOptions(endpoint));
  const deadline = performance.now() + finishMillisecondsMax;
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    assert.equal(Versions.length, (objects / 4) * 3, 'no version is lost: the expired ones lie below their markers');
    const moved = Versions.filter(({ StorageClass }) => (StorageClass as string) === 'GLACIER_IR');
    assert.ok(moved.every(({ Key }) => Key!.startsWith('move/')) && DeleteMarkers.every(({ Key }) => Key!.startsWith('end/')));
    assert.equal(new Set(DeleteMarkers.map(({ Key }) => Key)).size, DeleteMarkers.length, 'nothing is covered twice');
    if (moved.length === objects / 4 && DeleteMarkers.length === objects / 4) break;
    assert.ok(performance.now() < deadline, `${moved.length} moved, ${DeleteMarkers.length} expired`);
    await sleep(50);
  }
  for (const [prefix, n] of [
    ['keep', 3],
    ['move', 7],
    ['move', 99],
  ] as const) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `${prefix}/${n}` }));
    assert.equal(await Body!.transformToString(), `${prefix} ${n}`);
  }
  s3.destroy();
}
