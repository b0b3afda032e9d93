/** One Zone-IA lies in one zone: out of reach while that is down, lost when it is destroyed. Everything else outlives a zone. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { zonesOf } from '../../../framework/regions.ts';
import { changeZone } from '../../../framework/zone-faults.ts';

const day = 86_400_000;
const zones = zonesOf('us-east-1').map(({ name }) => name);

let cloud: LiveCloud;
let s3: S3Client;
before(async () => {
  cloud = await startCloud();
  s3 = cloud.client(S3Client);
});
after(() => cloud.close());

const change = (zone: string, down: boolean, destroy = false): Promise<unknown> =>
  cloud.cloud.store.write((tx) => changeZone(tx, { zone, down, destroy, now: cloud.cloud.clock.now() }));
const bringUp = (): Promise<unknown> => Promise.all(zones.map((zone) => change(zone, false)));
const put = (Bucket: string, Key: string, StorageClass?: StorageClass) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: `of ${Key}`, ...(StorageClass && { StorageClass }) }));
const get = async (Bucket: string, Key: string): Promise<string> =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
const away = { code: 'ServiceUnavailable', status: 503 };
const lost = { code: 'MethodNotAllowed', status: 405 };

/** With all zones down but one, what is written lies in that one. */
async function putInto(zone: string, Bucket: string, Key: string): Promise<void> {
  for (const other of zones) await change(other, other !== zone);
  await put(Bucket, Key, 'ONEZONE_IA');
  await bringUp();
}

async function newBucket(Bucket: string): Promise<string> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

test('an object in One Zone-IA cannot be read while its zone is down, and can again when it is up', async () => {
  const Bucket = await newBucket('zones-down');
  await putInto('us-east-1b', Bucket, 'one');
  await put(Bucket, 'regional', 'STANDARD_IA');
  await change('us-east-1a', true);
  await get(Bucket, 'one');
  await change('us-east-1b', true);
  await refused(get(Bucket, 'one'), away);
  await refused(s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/one` })), away);
  await get(Bucket, 'regional');
  assert.equal(
    (await s3.send(new HeadObjectCommand({ Bucket, Key: 'one' }))).StorageClass,
    'ONEZONE_IA',
    'what is known of it is regional',
  );
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 2);
  await bringUp();
  assert.equal(await get(Bucket, 'one'), 'of one');
});

test('a destroyed zone takes what it kept with it for ever, and keeps what comes later', async () => {
  const Bucket = await newBucket('zones-destroyed');
  await putInto('us-east-1c', Bucket, 'old');
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'saved', CopySource: `${Bucket}/old`, StorageClass: 'STANDARD' }));
  await change('us-east-1c', true, true);
  await refused(get(Bucket, 'old'), lost);
  await bringUp();
  await refused(get(Bucket, 'old'), lost);
  await get(Bucket, 'saved');
  await cloud.advance(1_000);
  await putInto('us-east-1c', Bucket, 'old');
  await get(Bucket, 'old');
});

test('while all zones are down nothing is taken into One Zone-IA', async () => {
  const Bucket = await newBucket('zones-all');
  for (const zone of zones) await change(zone, true);
  await refused(put(Bucket, 'one', 'ONEZONE_IA'), away);
  await put(Bucket, 'many');
  await bringUp();
});

test('a lifecycle rule that moves an object into One Zone-IA binds it to a zone', async () => {
  const Bucket = await newBucket('zones-moved');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'moved', Body: Buffer.alloc(200_000) }));
  const Rules = [{ ID: 'move', Status: 'Enabled' as const, Filter: {}, Transitions: [{ Days: 30, StorageClass: 'ONEZONE_IA' as const }] }];
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  await cloud.advance(32 * day);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'moved' }))).StorageClass, 'ONEZONE_IA');
  await get(Bucket, 'moved');
  for (const zone of zones) await change(zone, true);
  await refused(get(Bucket, 'moved'), away);
  await bringUp();
});
