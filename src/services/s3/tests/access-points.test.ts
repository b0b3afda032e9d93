/** Buckets reached through access points: by ARN, by alias, by host; what guards them, and what they refuse. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import {
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  PutAccessPointPolicyCommand,
  S3ControlClient,
} from '@aws-sdk/client-s3-control';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { byHostName } from '../../../../tests/by-host-name.ts';
import { rootOf, startCloud, type Credentials } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import type { CallersNetwork } from '../../../framework/http-message.ts';
import { send, signed } from '../../../gateway/tests/raw-client.ts';

const cloud = await startCloud();
after(() => cloud.close());
const home = '000000000000';
const abroad = '111111111111';
const clients = (credentials?: Credentials) => ({
  path: cloud.client(S3Client, credentials && { credentials }),
  /** Puts the access point of an ARN into the host's name. */
  byName: cloud.client(S3Client, { ...byHostName(cloud.port), forcePathStyle: false, ...(credentials && { credentials }) }),
  control: cloud.client(S3ControlClient, { ...byHostName(cloud.port), ...(credentials && { credentials }) }),
});
const mine = clients();
const theirs = clients(rootOf(abroad));
const iam = cloud.client(IAMClient);

type Point = { arn: string; alias: string; bucket: string; name: string };
let count = 0;

async function newBucket(): Promise<string> {
  const Bucket = `behind-${++count}`;
  await mine.path.send(new CreateBucketCommand({ Bucket }));
  await mine.path.send(new DeletePublicAccessBlockCommand({ Bucket }));
  for (const Key of ['a/1', 'b/2']) await mine.path.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
  return Bucket;
}

async function newPoint(more: Partial<ConstructorParameters<typeof CreateAccessPointCommand>[0]> = {}, owner = mine): Promise<Point> {
  const AccountId = owner === mine ? home : abroad;
  const Name = `point-${++count}`;
  const Bucket = more.Bucket ?? (await newBucket());
  const given = { AccountId, Name, Bucket, ...(owner !== mine && { BucketAccountId: home }), ...more };
  const { AccessPointArn, Alias } = await owner.control.send(new CreateAccessPointCommand(given));
  return { arn: AccessPointArn!, alias: Alias!, bucket: Bucket, name: Name };
}

async function newUser(...Statement: object[]): Promise<ReturnType<typeof clients> & { arn: string }> {
  const UserName = `user-${++count}`;
  await iam.send(new CreateUserCommand({ UserName }));
  if (Statement.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return { ...clients(credentials), arn: `arn:aws:iam::${home}:user/${UserName}` };
}

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const guard = ({ name, arn }: Point, ...statements: object[]) =>
  (arn.includes(home) ? mine : theirs).control.send(
    new PutAccessPointPolicyCommand({ AccountId: arn.includes(home) ? home : abroad, Name: name, Policy: policy(...statements) }),
  );
const guardBucket = (Bucket: string, ...statements: object[]) =>
  mine.path.send(new PutBucketPolicyCommand({ Bucket, Policy: policy(...statements) }));
/** What AWS recommends: the bucket leaves it to the access points of an account. */
const delegation = (bucket: string, account: string) => ({
  ...{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:*', Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`] },
  Condition: { StringEquals: { 's3:DataAccessPointAccount': account } },
});
const read = async (s3: S3Client, Bucket: string, Key = 'a/1') =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
const denied = { code: 'AccessDenied', status: 403 };

test('ARN, alias and the hosts of access points lead to the bucket', async () => {
  const { arn, alias, bucket, name } = await newPoint();
  assert.equal(await read(mine.byName, arn), 'a/1');
  assert.equal(await read(mine.byName, alias), 'a/1');
  assert.equal(await read(mine.path, alias), 'a/1');
  for (const host of [
    `${name}-${home}.s3-accesspoint.us-east-1.amazonaws.com`,
    `${name}-${home}.s3-accesspoint.dualstack.us-east-1.localhost:${cloud.port}`,
    `${name}-${home}.s3-accesspoint-fips.us-east-1.amazonaws.com`,
    `${name}-${home}.s3-accesspoint.localhost`,
    `${name}-${home}.s3.localhost`,
  ]) {
    const reply = await send(cloud.port, signed({ path: '/a/1', headers: { host } }, { service: 's3', at: cloud.cloud.clock.now() }));
    assert.deepEqual([reply.status, reply.text], [200, 'a/1'], host);
  }
  await mine.byName.send(new PutObjectCommand({ Bucket: arn, Key: 'new', Body: 'made through it' }));
  assert.equal(await read(mine.path, bucket, 'new'), 'made through it');
  const { Contents } = await mine.byName.send(new ListObjectsV2Command({ Bucket: arn }));
  assert.deepEqual(
    Contents!.map(({ Key }) => Key),
    ['a/1', 'b/2', 'new'],
  );
  assert.equal((await mine.path.send(new HeadBucketCommand({ Bucket: alias }))).AccessPointAlias, true);
  assert.equal((await mine.byName.send(new HeadBucketCommand({ Bucket: arn }))).AccessPointAlias, false);
  await mine.byName.send(new GetBucketLocationCommand({ Bucket: arn }));
  await mine.byName.send(new PutObjectTaggingCommand({ Bucket: arn, Key: 'new', Tagging: { TagSet: [] } }));
  await mine.path.send(new DeleteObjectsCommand({ Bucket: alias, Delete: { Objects: [{ Key: 'new' }] } }));
  await mine.byName.send(new DeleteObjectCommand({ Bucket: arn, Key: 'b/2' }));
  await refused(read(mine.path, bucket, 'b/2'), 'NoSuchKey');
});

test('copies and uploads go through access points at both ends', async () => {
  const from = await newPoint();
  const to = await newPoint();
  const CopySource = `${from.arn}/object/a/1`;
  await mine.byName.send(new CopyObjectCommand({ Bucket: to.arn, Key: 'copied', CopySource }));
  await mine.path.send(new CopyObjectCommand({ Bucket: to.bucket, Key: 'by-alias', CopySource: `${from.alias}/a/1` }));
  assert.deepEqual([await read(mine.path, to.bucket, 'copied'), await read(mine.path, to.bucket, 'by-alias')], ['a/1', 'a/1']);
  const where = { Bucket: to.arn, Key: 'upload' };
  const { UploadId, Bucket } = await mine.byName.send(new CreateMultipartUploadCommand(where));
  assert.equal(Bucket, to.bucket);
  const first = await mine.byName.send(new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body: Buffer.alloc(5 << 20, 'x') }));
  const second = await mine.byName.send(new UploadPartCopyCommand({ ...where, UploadId, PartNumber: 2, CopySource }));
  const Parts = [
    { PartNumber: 1, ETag: first.ETag },
    { PartNumber: 2, ETag: second.CopyPartResult!.ETag },
  ];
  await mine.byName.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts } }));
  assert.match(await read(mine.path, to.bucket, 'upload'), /x+a\/1$/);
});

test('what concerns the bucket itself is not to be had through an access point', async () => {
  const { arn, alias } = await newPoint();
  await refused(mine.byName.send(new GetBucketVersioningCommand({ Bucket: arn })), { code: 'MethodNotAllowed', status: 405 });
  await refused(mine.path.send(new DeleteBucketCommand({ Bucket: alias })), { code: 'MethodNotAllowed', status: 405 });
  await refused(mine.path.send(new CreateBucketCommand({ Bucket: 'a-bucket-s3alias' })), 'InvalidBucketName');
});

test('access points that are not there, or elsewhere, are told so', async () => {
  const { arn, alias, name } = await newPoint();
  await refused(read(mine.path, 'absent-0123-s3alias'), { code: 'InvalidAccessPointAliasError', status: 400 });
  const host = `absent-${home}.s3-accesspoint.us-east-1.amazonaws.com`;
  const reply = await send(cloud.port, signed({ path: '/a', headers: { host } }, { service: 's3', at: cloud.cloud.clock.now() }));
  assert.match(reply.text, /<Code>NoSuchAccessPoint<\/Code>/);
  const far = cloud.client(S3Client, { region: 'eu-west-1' });
  await refused(read(far, alias), { code: 'AuthorizationHeaderMalformed', status: 400 });
  await mine.control.send(new DeleteAccessPointCommand({ AccountId: home, Name: name }));
  await refused(read(mine.path, alias), 'InvalidAccessPointAliasError');
  await refused(read(mine.byName, arn), 'NoSuchBucket');
});

test('a bucket of the account goes before an access point of the same host name', async () => {
  const Bucket = await newBucket();
  await mine.control.send(new CreateAccessPointCommand({ AccountId: home, Name: 'twin', Bucket }));
  const host = `twin-${home}.localhost`;
  const ask = async () =>
    (await send(cloud.port, signed({ path: '/a/1', headers: { host } }, { service: 's3', at: cloud.cloud.clock.now() }))).text;
  await theirs.path.send(new CreateBucketCommand({ Bucket: `twin-${home}` }));
  assert.equal(await ask(), 'a/1');
  await theirs.path.send(new DeleteBucketCommand({ Bucket: `twin-${home}` }));
  await mine.path.send(new CreateBucketCommand({ Bucket: `twin-${home}` }));
  assert.match(await ask(), /NoSuchKey/);
});

test('the policies of the access point and of the bucket must both allow', async () => {
  const point = await newPoint();
  const object = { Effect: 'Allow', Action: 's3:GetObject' };
  const user = await newUser();
  await guard(point, { ...object, Principal: { AWS: user.arn }, Resource: `${point.arn}/object/a/*` });
  await refused(read(user.byName, point.arn), denied);
  await guardBucket(point.bucket, delegation(point.bucket, home));
  assert.equal(await read(user.byName, point.arn), 'a/1');
  assert.equal(await read(user.path, point.alias), 'a/1');
  await refused(read(user.byName, point.arn, 'b/2'), denied);
  await refused(read(user.path, point.bucket), denied);
  const { message } = await refused(user.byName.send(new ListObjectsV2Command({ Bucket: point.arn })), denied);
  assert.match(message, new RegExp(`s3:ListBucket on resource: "${point.arn}"`));
  await guard(point, { ...object, Effect: 'Deny', Principal: '*', Resource: `${point.arn}/object/*` });
  await refused(read(mine.byName, point.arn), denied);
  assert.equal(await read(mine.path, point.bucket), 'a/1');
});

test('a user’s own policies have to name the access point and the bucket', async () => {
  const point = await newPoint();
  const allow = (...Resource: string[]) => ({ Effect: 'Allow', Action: 's3:GetObject', Resource });
  const both = await newUser(allow(`arn:aws:s3:::${point.bucket}/*`, `${point.arn}/object/*`));
  assert.equal(await read(both.byName, point.arn), 'a/1');
  const bucketOnly = await newUser(allow(`arn:aws:s3:::${point.bucket}/*`));
  await refused(read(bucketOnly.byName, point.arn), denied);
  const through = { StringEquals: { 's3:DataAccessPointArn': point.arn } };
  const conditional = await newUser({ ...allow('*'), Condition: through });
  assert.equal(await read(conditional.byName, point.arn), 'a/1');
  await refused(read(conditional.path, point.bucket), denied);
  const origin = await newUser({ ...allow('*'), Condition: { StringEquals: { 's3:AccessPointNetworkOrigin': 'VPC' } } });
  await refused(read(origin.byName, point.arn), denied);
});

test('another account’s access point opens a bucket only when its owner lets it', async () => {
  const bucket = await newBucket();
  const point = await newPoint({ Bucket: bucket }, theirs);
  await refused(read(theirs.byName, point.arn), denied);
  await guardBucket(bucket, delegation(bucket, abroad));
  assert.equal(await read(theirs.byName, point.arn), 'a/1');
  await refused(read(theirs.path, bucket), denied);
  // The owner of the bucket has no say in the access point of somebody else.
  await refused(read(mine.byName, point.arn), denied);
  await guard(point, { Effect: 'Allow', Principal: { AWS: home }, Action: 's3:GetObject', Resource: `${point.arn}/object/*` });
  assert.equal(await read(mine.byName, point.arn), 'a/1');
});

test('Block Public Access of an access point holds back its public policy, and nothing of the bucket', async () => {
  const nobody = cloud.client(S3Client, { signer: { sign: async (request: unknown) => request } });
  const bucket = await newBucket();
  const everyone = (Resource: string) => ({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource });
  await guardBucket(bucket, everyone(`arn:aws:s3:::${bucket}/*`));
  const open = await newPoint({ Bucket: bucket, PublicAccessBlockConfiguration: {} });
  await guard(open, everyone(`${open.arn}/object/*`));
  assert.equal(await read(nobody, open.alias), 'a/1');
  const shut = await newPoint({ Bucket: bucket, PublicAccessBlockConfiguration: { RestrictPublicBuckets: true } });
  await guard(shut, everyone(`${shut.arn}/object/*`));
  await refused(read(nobody, shut.alias), denied);
  assert.equal(await read(nobody, bucket), 'a/1');
});

test('an access point of a VPC lets in nobody from elsewhere, and policies know where a call comes from', async () => {
  const point = await newPoint({ VpcConfiguration: { VpcId: 'vpc-1' } });
  await refused(read(mine.byName, point.arn), denied);
  const from = async (network: CallersNetwork | undefined, bucket: string) => {
    const { headers } = signed({ path: `/${bucket}/a/1`, headers: { host: 'localhost' } }, { service: 's3', at: cloud.cloud.clock.now() });
    const answer = await cloud.cloud.gateway.handle({
      ...{ method: 'GET', rawPath: `/${bucket}/a/1`, rawQuery: '', headers, body: Readable.from([]), trailers: () => ({}) },
      ...{ remoteAddress: '10.0.0.7', secure: false, signal: new AbortController().signal, network },
    });
    return answer.status;
  };
  const inside = { vpc: 'vpc-1', vpcEndpoint: 'vpce-1', address: '10.0.0.7' };
  assert.deepEqual([await from(inside, point.alias), await from({ ...inside, vpc: 'vpc-2' }, point.alias)], [200, 403]);
  assert.equal(await from(undefined, point.alias), 403);
  for (const [key, value, operator] of [
    ['aws:SourceVpc', 'vpc-1', 'StringNotEquals'],
    ['aws:SourceVpce', 'vpce-1', 'StringNotEquals'],
    ['aws:VpcSourceIp', '10.0.0.0/24', 'NotIpAddress'],
  ] as const) {
    const Condition = { [operator]: { [key]: value } };
    await guardBucket(point.bucket, {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${point.bucket}/*`,
      Condition,
    });
    assert.deepEqual([await from(inside, point.bucket), await from(undefined, point.bucket)], [200, 403], key);
  }
  const Condition = { IpAddress: { 'aws:SourceIp': '10.0.0.7/32' } };
  await guardBucket(point.bucket, {
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::${point.bucket}/*`,
    Condition,
  });
  assert.deepEqual([await from(inside, point.bucket), await from(undefined, point.bucket)], [200, 403]);
});

test('a browser’s preflight at an access point is answered by the bucket’s rules', async () => {
  const { alias, bucket } = await newPoint();
  const CORSRules = [{ AllowedMethods: ['GET'], AllowedOrigins: ['https://example.com'] }];
  await mine.path.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules } }));
  const headers = { host: 'localhost', origin: 'https://example.com', 'access-control-request-method': 'GET' };
  const reply = await send(cloud.port, { method: 'OPTIONS', path: `/${alias}/a/1`, headers });
  assert.deepEqual([reply.status, reply.headers['access-control-allow-origin']], [200, 'https://example.com']);
});
