/** A cloud that keeps its blobs in another one is killed under load, and that one goes away and comes back: nothing acknowledged is lost. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { newUser, type UpProcess, type User } from '../cli/haneul-process.ts';
import { objectWriter } from './object-writer.ts';
import { versionWriter } from './version-writer.ts';
import { bucket, clientOptions, createBuckets, type Writer } from './writers.ts';

const rounds = 4;
const Bucket = 'blobs-of-another';

let near: User;
let far: User;
let remote: UpProcess;
let blobs: string;
before(async () => {
  [near, far] = [await newUser(), await newUser()];
  remote = await far.up();
  await new S3Client(clientOptions(remote.endpoint)).send(new CreateBucketCommand({ Bucket }));
  blobs = `s3://${Bucket}/near?endpoint=${remote.endpoint}&profile=far`;
  await writeKey(near);
});
after(async () => {
  await near.leave();
  await far.leave();
});

test('kill -9 at random moments: every acknowledged object is there, byte for byte', async () => {
  const writers: Writer[] = [objectWriter('one'), objectWriter('two'), objectWriter('three'), versionWriter('versions')];
  let cloud = await near.up('--blobs', blobs);
  await createBuckets(cloud.endpoint);
  for (let round = 1; round <= rounds; round++) {
    const running = writers.map((writer) => writer.run(cloud.endpoint));
    await sleep(1_000 + Math.random() * 2_000);
    cloud.child.kill('SIGKILL');
    await cloud.ended;
    await Promise.all(running);
    cloud = await near.up('--blobs', blobs);
    for (const writer of writers) await writer.check(cloud.endpoint);
  }
  assert.ok(writers.every((writer) => writer.acknowledged() > rounds));
  await stop(cloud);
});

test('while the bucket is away objects answer 503 and a start says why; when it is back all goes on', async () => {
  const cloud = await near.up('--blobs', blobs);
  const s3 = new S3Client(clientOptions(cloud.endpoint));
  const Body = Buffer.alloc(2_000_000, 'bytes');
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'kept', Body }));
  await stop(remote);
  await assert.rejects(s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'refused', Body })), { name: 'ServiceUnavailable' });
  assert.equal((await fetch(`${cloud.endpoint}/_haneul/health`)).status, 200, 'the cloud itself goes on');
  const late = await newUser();
  await writeKey(late);
  const { code, stderr } = await late.haneul('up', '--port', '0', '--blobs', blobs);
  assert.equal(code, 1);
  assert.match(stderr, /the blobs in s3:\/\/blobs-of-another\/near\/ at http:\S+ cannot be reached: .*check --store and --blobs/);
  await late.leave();
  remote = await far.up('--port', String(remote.port));
  const { Body: read } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'kept' }));
  assert.ok(Buffer.from(await read!.transformToByteArray()).equals(Body));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'refused', Body }));
  await stop(cloud);
});

test('a cloud does not take another’s bucket, nor leave its own', async () => {
  const stranger = await newUser();
  await writeKey(stranger);
  const taken = await stranger.haneul('up', '--port', '0', '--blobs', blobs);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /holds the blobs of another cloud; give each a prefix of its own/);
  await stranger.leave();
  const left = await near.haneul('up', '--port', '0');
  assert.equal(left.code, 1);
  assert.match(left.stderr, /lie in a bucket; start it with --blobs as before/);
});

async function stop(cloud: UpProcess): Promise<void> {
  cloud.child.kill('SIGTERM');
  assert.equal((await cloud.ended).code, 0);
}

async function writeKey({ home }: User): Promise<void> {
  await mkdir(join(home, '.aws'));
  await writeFile(join(home, '.aws', 'credentials'), '[far]\naws_access_key_id = test\naws_secret_access_key = test\n');
}
