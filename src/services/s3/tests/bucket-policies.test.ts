/** Who may: bucket policies, nameless callers, other accounts, Block Public Access. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { rootOf, startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const other = cloud.client(S3Client, { credentials: rootOf('222222222222') });
const nobody = cloud.client(S3Client, { signer: { sign: async (request: unknown) => request } });
let buckets = 0;

type Statement = Record<string, unknown>;
const policy = (...Statement: Statement[]) => JSON.stringify({ Version: '2012-10-17', Statement });

async function bucket(open: boolean): Promise<string> {
  const Bucket = `policies-bucket-${++buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (open) await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  for (const Key of ['public/a', 'private/b']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, Tagging: 'level=1' }));
  return Bucket;
}
const put = (Bucket: string, ...statements: Statement[]) => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(...statements) }));
const get = (client: S3Client, Bucket: string, Key: string) => client.send(new GetObjectCommand({ Bucket, Key }));
const denied = { code: 'AccessDenied', status: 403 };

test('a policy that denies everyone everything does not lock out the root user of its account', async () => {
  const Bucket = await bucket(true);
  const resources = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
  await put(Bucket, { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: resources });
  await refused(get(s3, Bucket, 'public/a'), denied);
  await refused(other.send(new DeleteBucketPolicyCommand({ Bucket })), denied);
  assert.match((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy!, /Deny/);
  await put(Bucket, { Effect: 'Deny', Principal: '*', Action: 's3:PutObject', Resource: resources[1] });
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  assert.equal((await get(s3, Bucket, 'public/a')).$metadata.httpStatusCode, 200);
});

test('a policy is put, read back as it was, and deleted', async () => {
  const Bucket = await bucket(true);
  await refused(s3.send(new GetBucketPolicyCommand({ Bucket })), {
    code: 'NoSuchBucketPolicy',
    status: 404,
    message: 'The bucket policy does not exist',
  });
  const Policy = policy({ Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject', Resource: `arn:aws:s3:::${Bucket}/*` });
  assert.equal((await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }))).$metadata.httpStatusCode, 204);
  assert.equal((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy, Policy);
  assert.equal((await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic, false);
  await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  await refused(s3.send(new GetBucketPolicyCommand({ Bucket })), 'NoSuchBucketPolicy');
});

test('bad policies are refused in the words of AWS', async () => {
  const Bucket = await bucket(true);
  const own = `arn:aws:s3:::${Bucket}`;
  const bad = (Policy: string, message: string) =>
    refused(s3.send(new PutBucketPolicyCommand({ Bucket, Policy })), { code: 'MalformedPolicy', status: 400, message });
  await bad('nonsense', "Policies must be valid JSON and the first byte must be '{'");
  await bad(policy({ Effect: 'Allow', Action: 's3:GetObject', Resource: `${own}/*` }), 'Missing required field Principal');
  await bad(
    policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::elsewhere/*' }),
    'Policy has invalid resource',
  );
  await bad(policy({ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: `${own}/*` }), 'Policy has invalid action');
  await bad(
    policy({ Effect: 'Allow', Principal: '*', Action: ['s3:getobject', 's3:Nonsense'], Resource: `${own}/*` }),
    'Policy has invalid action',
  );
  await bad(
    policy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: own }),
    'Action does not apply to any resource(s) in statement',
  );
  await bad(
    policy({ Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: `${own}/*` }),
    'Action does not apply to any resource(s) in statement',
  );
});

test('users and roles that a policy names must be there', async () => {
  const Bucket = await bucket(false);
  const trust = (AWS: string) =>
    put(Bucket, { Effect: 'Allow', Principal: { AWS }, Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` });
  const invalid = { code: 'MalformedPolicy', status: 400, message: 'Invalid principal in policy' };
  for (const [account, client] of [
    ['000000000000', cloud.client(IAMClient)],
    ['222222222222', cloud.client(IAMClient, { credentials: rootOf('222222222222') })],
  ] as const) {
    await client.send(new CreateUserCommand({ UserName: 'there', Path: '/team/' }));
    await trust(`arn:aws:iam::${account}:user/team/there`);
    await trust(`arn:aws:iam::${account}:root`);
    for (const absent of ['user/ghost', 'role/ghost', 'user/there', 'role/there'])
      await refused(trust(`arn:aws:iam::${account}:${absent}`), invalid);
  }
  await trust('arn:aws:iam::555555555555:role/of-somebody');
});

test('nobody may, until a policy says so', async () => {
  const Bucket = await bucket(true);
  await refused(get(nobody, Bucket, 'public/a'), { ...denied, message: 'Access Denied' });
  await put(Bucket, {
    Effect: 'Allow',
    Principal: '*',
    Action: ['s3:GetObject', 's3:DeleteObject'],
    Resource: `arn:aws:s3:::${Bucket}/public/*`,
  });
  assert.equal(await (await get(nobody, Bucket, 'public/a')).Body!.transformToString(), 'public/a');
  await refused(get(nobody, Bucket, 'private/b'), denied);
  // What is missing is hidden from those who may not list.
  await refused(get(nobody, Bucket, 'public/none'), denied);
  await refused(nobody.send(new ListObjectsV2Command({ Bucket })), denied);
  await refused(nobody.send(new GetObjectCommand({ Bucket, Key: 'public/a', ResponseContentType: 'text/html' })), 'InvalidRequest');
  await refused(
    nobody.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'public/a' }, { Key: 'private/b' }] } })),
    denied,
  );
  await nobody.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'public/a' }] } }));
  assert.equal((await s3.send(new GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus?.IsPublic, true);
});

test('another account needs the bucket’s word', async () => {
  const Bucket = await bucket(false);
  await refused(get(other, Bucket, 'public/a'), denied);
  await put(Bucket, {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::222222222222:root' },
    Action: ['s3:GetObject', 's3:ListBucket'],
    Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/public/*`],
  });
  await get(other, Bucket, 'public/a');
  await refused(get(other, Bucket, 'private/b'), denied);
  await refused(get(other, Bucket, 'public/none'), { code: 'NoSuchKey', status: 404 });
  await other.send(new CreateBucketCommand({ Bucket: 'others-bucket' }));
  await other.send(new CopyObjectCommand({ Bucket: 'others-bucket', Key: 'copy', CopySource: `${Bucket}/public/a` }));
  await refused(other.send(new CopyObjectCommand({ Bucket: 'others-bucket', Key: 'copy', CopySource: `${Bucket}/private/b` })), denied);
  await refused(other.send(new CopyObjectCommand({ Bucket, Key: 'public/a', CopySource: 'others-bucket/copy' })), denied);
});

test('conditions: prefixes of listings, tags of objects, new tags, headers', async () => {
  const Bucket = await bucket(false);
  const all = `arn:aws:s3:::${Bucket}/*`;
  const Principal = { AWS: '222222222222' };
  await put(
    Bucket,
    {
      Effect: 'Allow',
      Principal,
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${Bucket}`,
      Condition: { StringLike: { 's3:prefix': 'public/*' }, NumericLessThanEquals: { 's3:max-keys': '10' } },
    },
    {
      Effect: 'Allow',
      Principal,
      Action: 's3:GetObject',
      Resource: all,
      Condition: { StringEquals: { 's3:ExistingObjectTag/level': '1' } },
    },
    {
      Effect: 'Allow',
      Principal,
      Action: ['s3:PutObject', 's3:PutObjectTagging'],
      Resource: all,
      Condition: { StringEquals: { 's3:RequestObjectTag/level': '2' } },
    },
  );
  const list = (Prefix: string, MaxKeys: number) => other.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys }));
  assert.equal((await list('public/', 10)).KeyCount, 1);
  await refused(list('private/', 10), denied);
  await refused(list('public/', 11), denied);
  await other.send(new PutObjectCommand({ Bucket, Key: 'new', Body: 'x', Tagging: 'level=2' }));
  await refused(other.send(new PutObjectCommand({ Bucket, Key: 'new', Body: 'x', Tagging: 'level=3' })), denied);
  await refused(get(other, Bucket, 'new'), denied);
  await get(other, Bucket, 'private/b');
});

test('Block Public Access keeps public policies out, and powerless', async () => {
  const Bucket = await bucket(false);
  const everyone = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
  const block = async () => (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration;
  assert.deepEqual(await block(), { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true });
  await refused(put(Bucket, everyone), { ...denied, message: /BlockPublicPolicy/ });
  await put(Bucket, { ...everyone, Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.1/32' } } });
  await get(nobody, Bucket, 'public/a');
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  await refused(block(), { code: 'NoSuchPublicAccessBlockConfiguration', status: 404 });
  await put(Bucket, everyone);
  await get(nobody, Bucket, 'public/a');
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { RestrictPublicBuckets: true } }));
  assert.deepEqual(await block(), {
    BlockPublicAcls: false,
    IgnorePublicAcls: false,
    BlockPublicPolicy: false,
    RestrictPublicBuckets: true,
  });
  await refused(get(nobody, Bucket, 'public/a'), denied);
  await refused(get(other, Bucket, 'public/a'), denied);
  await get(s3, Bucket, 'public/a');
});

test('a user’s own policy and the bucket’s are weighed together', async () => {
  const Bucket = await bucket(false);
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'reader' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'reader' }));
  const reader = cloud.client(S3Client, {
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
  });
  const error = await refused(get(reader, Bucket, 'public/a'), denied);
  assert.match(
    error['message'],
    /^User: arn:aws:iam::000000000000:user\/reader is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::policies-bucket-\d+\/public\/a" because no identity-based policy allows the s3:GetObject action/,
  );
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'reader',
      PolicyName: 'read',
      PolicyDocument: policy({ Effect: 'Allow', Action: ['s3:GetObject', 's3:DeleteObject'], Resource: `arn:aws:s3:::${Bucket}/*` }),
    }),
  );
  await get(reader, Bucket, 'public/a');
  await refused(get(reader, Bucket, 'none'), { ...denied, message: /s3:ListBucket/ });
  await put(Bucket, { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: `arn:aws:s3:::${Bucket}/private/*` });
  await refused(get(reader, Bucket, 'private/b'), { ...denied, message: /with an explicit deny in a resource-based policy/ });
  const deleted = await reader.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'public/a' }, { Key: 'private/b' }] } }));
  assert.deepEqual(
    [deleted.Deleted?.map((item) => item.Key), deleted.Errors?.map((item) => [item.Key, item.Code])],
    [['public/a'], [['private/b', 'AccessDenied']]],
  );
});
