/** A cloud is killed while it replicates: every acknowledged version ends up at the destination exactly as it is at the source, once. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  type CreateBucketCommandInput,
} from '@aws-sdk/client-s3';
import { newUser, type User } from '../cli/haneul-process.ts';
import { clientOptions, isConnectionLost } from './writers.ts';

const rounds = 6;
/** A kill comes some moments after so many versions were acknowledged. */
const perRound = 25;
const writers = 4;
const keys = 5;
const source = 'crash-source';
const destination = 'crash-destination';
const arrivalMillisecondsMax = 120_000;

let user: User;
before(async () => void (user = await newUser()));
after(() => user.leave());

const at = (endpoint: string, region = 'us-east-1') => new S3Client({ ...clientOptions(endpoint), region });

test('kill -9 at random moments, while versions are written and replicated', async (context) => {
  const acknowledged = new Set<string>();
  let cloud = await user.up();
  await prepare(cloud.endpoint);
  for (let round = 1; round <= rounds; round++) {
    const enough = acknowledged.size + perRound;
    const running = Array.from({ length: writers }, (_, n) => write(cloud.endpoint, `w${n}`, acknowledged));
    while (acknowledged.size < enough) await sleep(20);
    await sleep(Math.random() * 300);
    cloud.child.kill('SIGKILL');
    await cloud.ended;
    await Promise.all(running);
    cloud = await user.up();
    // Killed again before all has arrived: nothing waits for a quiet moment.
    if (round % 2 === 0) {
      await sleep(Math.random() * 300);
      cloud.child.kill('SIGKILL');
      await cloud.ended;
      cloud = await user.up();
    }
    await check(cloud.endpoint, acknowledged);
  }
  cloud.child.kill('SIGTERM');
  assert.equal((await cloud.ended).code, 0);
  context.diagnostic(`${rounds} rounds, ${acknowledged.size} acknowledged versions, all replicated`);
});

async function prepare(endpoint: string): Promise<void> {
  const iam = new IAMClient(clientOptions(endpoint));
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const AssumeRolePolicyDocument = document({ Principal: { Service: 's3.amazonaws.com' }, Action: 'sts:AssumeRole' });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'replicator', AssumeRolePolicyDocument }));
  const PolicyDocument = document({ Action: 's3:*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'replicator', PolicyName: 'p', PolicyDocument }));
  iam.destroy();
  const make = async (s3: S3Client, input: CreateBucketCommandInput): Promise<void> => {
    await s3.send(new CreateBucketCommand(input));
    await s3.send(new PutBucketVersioningCommand({ Bucket: input.Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    s3.destroy();
  };
  await make(at(endpoint), { Bucket: source });
  await make(at(endpoint, 'eu-west-1'), { Bucket: destination, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } });
  const s3 = at(endpoint);
  const Rules = [
    {
      ...{ ID: 'all', Status: 'Enabled' as const, Priority: 1, Filter: {} },
      ...{ DeleteMarkerReplication: { Status: 'Enabled' as const }, Destination: { Bucket: `arn:aws:s3:::${destination}` } },
    },
  ];
  await s3.send(new PutBucketReplicationCommand({ Bucket: source, ReplicationConfiguration: { Role: Role!.Arn, Rules } }));
  s3.destroy();
}

/** Writes until the cloud has gone. */
async function write(endpoint: string, prefix: string, acknowledged: Set<string>): Promise<void> {
  const s3 = at(endpoint);
  try {
    for (let count = Math.floor(Math.random() * 100); ; count++) {
      const place = { Bucket: source, Key: `${prefix}/${count % keys}` };
      const { VersionId } = await step(s3, place, count);
      if (VersionId !== undefined) acknowledged.add(VersionId);
    }
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
  } finally {
    s3.destroy();
  }
}

type Place = { Bucket: string; Key: string };

async function step(s3: S3Client, place: Place, count: number): Promise<{ VersionId?: string | undefined }> {
  if (count % 7 === 3) return s3.send(new DeleteObjectCommand(place));
  if (count % 11 === 5) return upload(s3, place);
  const Body = randomBytes(count % 13 === 7 ? 1_500_000 : Math.floor(Math.random() * 30_000));
  const put = await s3.send(new PutObjectCommand({ ...place, Body, Metadata: { count: String(count) } }));
  if (count % 5 === 1)
    await s3.send(
      new PutObjectTaggingCommand({ ...place, VersionId: put.VersionId, Tagging: { TagSet: [{ Key: 'n', Value: `${count}` }] } }),
    );
  if (count % 5 === 2)
    return s3.send(new CopyObjectCommand({ ...place, CopySource: `${place.Bucket}/${place.Key}?versionId=${put.VersionId}` }));
  return put;
}

async function upload(s3: S3Client, place: Place): Promise<{ VersionId?: string | undefined }> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(place));
  const Parts = [];
  for (const [i, size] of [5 << 20, 1000].entries()) {
    const { ETag } = await s3.send(new UploadPartCommand({ ...place, UploadId, PartNumber: i + 1, Body: randomBytes(size) }));
    Parts.push({ PartNumber: i + 1, ETag });
  }
  return s3.send(new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }));
}

async function check(endpoint: string, acknowledged: ReadonlySet<string>): Promise<void> {
  const near = at(endpoint);
  const far = at(endpoint, 'eu-west-1');
  const deadline = performance.now() + arrivalMillisecondsMax;
  for (;;) {
    const [here, there] = [await versionsOf(near, source), await versionsOf(far, destination)];
    for (const id of acknowledged) assert.ok(here.has(id), `${id} was acknowledged`);
    if (there.size < here.size || [...here.values()].some(({ status }) => status === 'PENDING')) {
      assert.ok(performance.now() < deadline, `${here.size - there.size} versions have not arrived`);
      await sleep(50);
      continue;
    }
    assert.deepEqual([...there.keys()], [...here.keys()]);
    for (const [id, { status, ...version }] of here) {
      const { status: replica, ...copy } = there.get(id)!;
      assert.deepEqual(copy, version);
      assert.deepEqual([status, replica], version.marker ? [undefined, undefined] : ['COMPLETED', 'REPLICA']);
    }
    break;
  }
  near.destroy();
  far.destroy();
}

type Version = { key: string; latest: boolean; marker: boolean; status?: string | undefined; hash?: string; about?: string };

const read = new Map<string, Version>();

/** All versions with their bytes, by id. What was read whole once is not read again: versions do not change but in their tags. */
async function versionsOf(s3: S3Client, Bucket: string): Promise<Map<string, Version>> {
  const all = new Map<string, Version>();
  for (let next: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}; next;) {
    const page: Awaited<ReturnType<typeof list>> = await list(s3, Bucket, next);
    for (const { Key, VersionId, IsLatest } of page.Versions ?? []) {
      const name = `${Bucket} ${VersionId} ${IsLatest}`;
      const version = read.get(name) ?? (await readVersion(s3, Bucket, Key!, VersionId!, IsLatest!));
      if (version.status !== 'PENDING') read.set(name, version);
      all.set(VersionId!, version);
    }
    for (const { Key, VersionId, IsLatest } of page.DeleteMarkers ?? [])
      all.set(VersionId!, { key: Key!, latest: IsLatest!, marker: true });
    next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker!, VersionIdMarker: page.NextVersionIdMarker! } : undefined;
  }
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const list = (s3: S3Client, Bucket: string, from: object) => s3.send(new ListObjectVersionsCommand({ Bucket, ...from }));

async function readVersion(s3: S3Client, Bucket: string, Key: string, VersionId: string, latest: boolean): Promise<Version> {
  const { Body, ETag, Metadata, LastModified, ReplicationStatus } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  const hash = createHash('sha256')
    .update(await Body!.transformToByteArray())
    .digest('hex');
  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key, VersionId }));
  return {
    key: Key,
    latest,
    marker: false,
    status: ReplicationStatus,
    hash,
    about: JSON.stringify({ ETag, Metadata, LastModified, TagSet }),
  };
}
