/** Buckets whose tags say who may, once that is switched on; and what AWS has taken out of service. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketTaggingCommand,
  GetBucketAbacCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  GetObjectTorrentCommand,
  ListObjectsV2Command,
  PutBucketAbacCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { S3ControlClient, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-s3-control';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { byHostName } from '../../../../tests/by-host-name.ts';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const control = cloud.client(S3ControlClient, byHostName(cloud.port));
const Bucket = 'tagged-bucket';
const AccountId = '000000000000';
const ResourceArn = `arn:aws:s3:::${Bucket}`;
await s3.send(new CreateBucketCommand({ Bucket }));
await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
const putTags = (Value: string) => s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'team', Value }] } }));
const abac = (Status: 'Enabled' | 'Disabled') => s3.send(new PutBucketAbacCommand({ Bucket, AbacStatus: { Status } }));
const denied = { code: 'AccessDenied', status: 403 };

async function newUser(key: string): Promise<S3Client> {
  const iam = cloud.client(IAMClient);
  const UserName = key.replace(/\W/g, '-');
  await iam.send(new CreateUserCommand({ UserName }));
  const Statement = { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { StringEquals: { [key]: 'blue' } } };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return cloud.client(S3Client, { credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! } });
}

test('tags of a bucket decide about the bucket and its objects once they may', async () => {
  assert.equal((await s3.send(new GetBucketAbacCommand({ Bucket }))).AbacStatus!.Status, 'Disabled');
  await putTags('blue');
  const users = [await newUser('aws:ResourceTag/team'), await newUser('s3:BucketTag/team')];
  for (const user of users) await refused(user.send(new GetObjectCommand({ Bucket, Key: 'k' })), denied);
  await abac('Enabled');
  assert.equal((await s3.send(new GetBucketAbacCommand({ Bucket }))).AbacStatus!.Status, 'Enabled');
  for (const user of users) {
    await user.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    await user.send(new ListObjectsV2Command({ Bucket }));
  }
  await control.send(new TagResourceCommand({ AccountId, ResourceArn, Tags: [{ Key: 'team', Value: 'red' }] }));
  for (const user of users) await refused(user.send(new GetObjectCommand({ Bucket, Key: 'k' })), denied);
});

test('tags that give access are put by TagResource alone', async () => {
  await abac('Enabled');
  await refused(putTags('blue'), 'InvalidRequest');
  await refused(s3.send(new DeleteBucketTaggingCommand({ Bucket })), 'InvalidRequest');
  await control.send(new TagResourceCommand({ AccountId, ResourceArn, Tags: [{ Key: 'team', Value: 'green' }] }));
  assert.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, [{ Key: 'team', Value: 'green' }]);
  await control.send(new UntagResourceCommand({ AccountId, ResourceArn, TagKeys: ['team'] }));
  await refused(s3.send(new GetBucketTaggingCommand({ Bucket })), 'NoSuchTagSet');
  await abac('Disabled');
  await putTags('blue');
  await refused(abac('On' as 'Enabled'), 'MalformedXML');
});

test('torrents are no more', async () => {
  await refused(s3.send(new GetObjectTorrentCommand({ Bucket, Key: 'k' })), { code: 'NotImplemented', status: 501 });
  const user = await newUser('s3:BucketTag/none');
  await refused(user.send(new GetObjectTorrentCommand({ Bucket, Key: 'k' })), denied);
});
