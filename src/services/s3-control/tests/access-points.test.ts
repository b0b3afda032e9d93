/** Access points as S3 Control makes, shows and deletes them, their policies, and tags. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateBucketCommand, DeleteBucketCommand, GetBucketTaggingCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DeleteAccessPointPolicyCommand,
  GetAccessPointCommand,
  GetAccessPointPolicyCommand,
  GetAccessPointPolicyStatusCommand,
  ListAccessPointsCommand,
  ListTagsForResourceCommand,
  PutAccessPointPolicyCommand,
  PutPublicAccessBlockCommand,
  S3ControlClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-s3-control';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { byHostName } from '../../../../tests/by-host-name.ts';
import { rootOf, startCloud, type ClientConfig } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const client = (more: ClientConfig = {}) => cloud.client(S3ControlClient, { ...byHostName(cloud.port), ...more });
const control = client();
const AccountId = '000000000000';
const other = '111111111111';
const Bucket = 'behind';
await s3.send(new CreateBucketCommand({ Bucket }));
const arnOf = (name: string) => `arn:aws:s3:us-east-1:${AccountId}:accesspoint/${name}`;
const create = (Name: string, more: Partial<ConstructorParameters<typeof CreateAccessPointCommand>[0]> = {}) =>
  control.send(new CreateAccessPointCommand({ AccountId, Name, Bucket, ...more }));
const policyFor = (name: string, Principal: unknown, more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: `${arnOf(name)}/object/*`, ...more },
  });

test('an access point is what it was made, and gone when it is deleted', async () => {
  const { AccessPointArn, Alias } = await create('first', { Tags: [{ Key: 'team', Value: 'blue' }] });
  assert.equal(AccessPointArn, arnOf('first'));
  assert.match(Alias!, /^first-[a-z0-9]{34}-s3alias$/);
  const got = await control.send(new GetAccessPointCommand({ AccountId, Name: 'first' }));
  assert.deepEqual(
    { ...got, $metadata: undefined },
    {
      $metadata: undefined,
      ...{ Name: 'first', Bucket, BucketAccountId: AccountId, Alias, AccessPointArn, NetworkOrigin: 'Internet' },
      CreationDate: new Date(cloud.cloud.clock.now()),
      PublicAccessBlockConfiguration: {
        ...{ BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
      },
      Endpoints: {
        ipv4: 's3-accesspoint.us-east-1.amazonaws.com',
        fips: 's3-accesspoint-fips.us-east-1.amazonaws.com',
        fips_dualstack: 's3-accesspoint-fips.dualstack.us-east-1.amazonaws.com',
        dualstack: 's3-accesspoint.dualstack.us-east-1.amazonaws.com',
      },
    },
  );
  await refused(create('first'), { code: 'AccessPointAlreadyOwnedByYou', status: 409 });
  await refused(s3.send(new DeleteBucketCommand({ Bucket })), { code: 'BucketHasAccessPointsAttached', status: 400 });
  await control.send(new DeleteAccessPointCommand({ AccountId, Name: 'first' }));
  await refused(control.send(new GetAccessPointCommand({ AccountId, Name: 'first' })), { code: 'NoSuchAccessPoint', status: 404 });
  await refused(control.send(new DeleteAccessPointCommand({ AccountId, Name: 'first' })), 'NoSuchAccessPoint');
});

test('names, buckets and regions that do not fit are refused', async () => {
  for (const name of ['ab', 'a'.repeat(51), 'Upper', 'under_score']) await refused(create(name), { code: 'InvalidURI', status: 400 });
  for (const name of ['-begins', 'ends-', 'a.dot', 'any-s3alias'])
    await refused(create(name), { code: 'InvalidRequest', message: 'Your Amazon S3 AccessPoint name is invalid' });
  await refused(create('point', { Bucket: 'no-such-bucket' }), {
    code: 'InvalidRequest',
    message: 'Amazon S3 AccessPoint can only be created for existing bucket',
  });
  await refused(create('point', { BucketAccountId: other }), {
    code: 'InvalidRequest',
    message: 'BucketAccountId parameter should be same as the AWS Account Id of bucket owner',
  });
  await refused(client({ region: 'eu-west-1' }).send(new CreateAccessPointCommand({ AccountId, Name: 'point', Bucket })), {
    code: 'InvalidRequest',
    message: 'Amazon S3 AccessPoint can only be created for bucket in the same region',
  });
  await refused(create('point', { Scope: { Prefixes: ['a'] } }), 'InvalidRequest');
  await refused(create('point', { Tags: [{ Key: 'aws:x', Value: '' }] }), 'InvalidTag');
  await refused(control.send(new CreateAccessPointCommand({ AccountId: other, Name: 'point', Bucket })), 'AccessDenied');
});

test('lists come in pages, by bucket, and one account does not see another’s', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'second-bucket' }));
  // A policy of the bucket has no say in who may attach access points of its own account.
  const deny = {
    Effect: 'Deny',
    Principal: { AWS: `arn:aws:iam::${other}:root` },
    Action: 's3:ListBucket',
    Resource: 'arn:aws:s3:::second-bucket',
  };
  await s3.send(
    new PutBucketPolicyCommand({ Bucket: 'second-bucket', Policy: JSON.stringify({ Version: '2012-10-17', Statement: deny }) }),
  );
  for (const name of ['list-a', 'list-b', 'list-c']) await create(name, name === 'list-b' ? { Bucket: 'second-bucket' } : {});
  const theirs = client({ credentials: rootOf(other) });
  await theirs.send(new CreateAccessPointCommand({ AccountId: other, Name: 'list-d', Bucket, BucketAccountId: AccountId }));
  const names = async (input: Partial<ConstructorParameters<typeof ListAccessPointsCommand>[0]>) => {
    const { AccessPointList, NextToken } = await control.send(new ListAccessPointsCommand({ AccountId, ...input }));
    return { names: AccessPointList!.map(({ Name }) => Name), NextToken };
  };
  const first = await names({ MaxResults: 2 });
  assert.deepEqual(first.names, ['list-a', 'list-b']);
  assert.deepEqual(await names({ MaxResults: 2, NextToken: first.NextToken }), { names: ['list-c'], NextToken: undefined });
  assert.deepEqual((await names({ Bucket })).names, ['list-a', 'list-c']);
  assert.deepEqual((await theirs.send(new ListAccessPointsCommand({ AccountId: other }))).AccessPointList, [
    {
      ...{ Name: 'list-d', NetworkOrigin: 'Internet', Bucket, BucketAccountId: AccountId },
      AccessPointArn: `arn:aws:s3:us-east-1:${other}:accesspoint/list-d`,
      Alias: (await theirs.send(new GetAccessPointCommand({ AccountId: other, Name: 'list-d' }))).Alias,
    },
  ]);
  await refused(names({ NextToken: '!' }), 'InvalidRequest');
});

test('policies are checked, kept as they came, and told to be public or not', async () => {
  await create('policed');
  const Name = 'policed';
  const put = (Policy: string) => control.send(new PutAccessPointPolicyCommand({ AccountId, Name, Policy }));
  await refused(control.send(new GetAccessPointPolicyCommand({ AccountId, Name })), { code: 'NoSuchAccessPointPolicy', status: 404 });
  await refused(control.send(new GetAccessPointPolicyStatusCommand({ AccountId, Name })), 'NoSuchAccessPointPolicy');
  const mine = policyFor(Name, { AWS: `arn:aws:iam::${AccountId}:root` });
  await put(mine);
  assert.equal((await control.send(new GetAccessPointPolicyCommand({ AccountId, Name }))).Policy, mine);
  const status = async (name: string) =>
    (await control.send(new GetAccessPointPolicyStatusCommand({ AccountId, Name: name }))).PolicyStatus?.IsPublic;
  assert.equal(await status(Name), false);
  await refused(put(policyFor(Name, '*')), { code: 'AccessDenied', status: 403, message: /BlockPublicPolicy/ });
  await refused(put('{'), 'MalformedPolicy');
  await refused(put(policyFor('another', { AWS: AccountId })), { code: 'MalformedPolicy', message: 'Policy has invalid resource' });
  await refused(put(policyFor(Name, { AWS: AccountId }, { Action: 's3:ListBucket' })), {
    code: 'MalformedPolicy',
    message: 'Action does not apply to any resource(s) in statement',
  });
  await refused(put(policyFor(Name, { AWS: `arn:aws:iam::${AccountId}:user/nobody` })), 'MalformedPolicy');
  await refused(put(policyFor(Name, { AWS: AccountId }, { Sid: 'x'.repeat(20_500) })), 'MalformedPolicy');
  await control.send(new DeleteAccessPointPolicyCommand({ AccountId, Name }));
  await refused(control.send(new GetAccessPointPolicyCommand({ AccountId, Name })), 'NoSuchAccessPointPolicy');

  await create('open', { PublicAccessBlockConfiguration: {} });
  await control.send(new PutAccessPointPolicyCommand({ AccountId, Name: 'open', Policy: policyFor('open', '*') }));
  assert.equal(await status('open'), true);
  await control.send(new PutPublicAccessBlockCommand({ AccountId, PublicAccessBlockConfiguration: { BlockPublicPolicy: true } }));
  await refused(control.send(new PutAccessPointPolicyCommand({ AccountId, Name: 'open', Policy: policyFor('open', '*') })), 'AccessDenied');
  await create('inside', { VpcConfiguration: { VpcId: 'vpc-1a2b3c' } });
  await control.send(new PutAccessPointPolicyCommand({ AccountId, Name: 'inside', Policy: policyFor('inside', '*') }));
  assert.equal(await status('inside'), false);
});

test('access points and buckets are tagged by their ARNs', async () => {
  await create('tagged', { Tags: [{ Key: 'a', Value: '1' }] });
  for (const ResourceArn of [arnOf('tagged'), `arn:aws:s3:::${Bucket}`]) {
    const tag = (Key: string, Value: string) => control.send(new TagResourceCommand({ AccountId, ResourceArn, Tags: [{ Key, Value }] }));
    const tags = async () => (await control.send(new ListTagsForResourceCommand({ AccountId, ResourceArn }))).Tags;
    await tag('a', '2');
    await tag('b', '3');
    assert.deepEqual(await tags(), [
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: '3' },
    ]);
    await control.send(new UntagResourceCommand({ AccountId, ResourceArn, TagKeys: ['a', 'zz'] }));
    assert.deepEqual(await tags(), [{ Key: 'b', Value: '3' }]);
    await refused(tag('', 'x'), 'InvalidTag');
    await refused(tag('aws:a', 'x'), 'InvalidTag');
  }
  assert.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, [{ Key: 'b', Value: '3' }]);
  const list = (ResourceArn: string) => control.send(new ListTagsForResourceCommand({ AccountId, ResourceArn }));
  await refused(list(arnOf('absent')), 'NoSuchAccessPoint');
  await refused(list('arn:aws:s3:::absent-bucket'), 'NoSuchResource');
});

test('a user does what their policies say, by the tags and the origin of access points', async () => {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const hers = client({ credentials });
  const of = (Name: string, more: object = {}) => hers.send(new CreateAccessPointCommand({ AccountId, Name, Bucket, ...more }));
  await refused(of('anns'), { code: 'AccessDenied', status: 403 });
  const statements = [
    { Effect: 'Allow', Action: ['s3:CreateAccessPoint', 's3:TagResource', 's3:ListAccessPoints'], Resource: '*' },
    {
      Effect: 'Deny',
      Action: 's3:CreateAccessPoint',
      Resource: '*',
      Condition: { StringNotEquals: { 's3:AccessPointNetworkOrigin': 'VPC' } },
    },
    {
      Effect: 'Allow',
      Action: 's3:DeleteAccessPoint',
      Resource: arnOf('*'),
      Condition: { StringEquals: { 'aws:ResourceTag/owner': 'ann' } },
    },
  ];
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'ann',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    }),
  );
  await refused(of('anns'), 'AccessDenied');
  await of('anns', { VpcConfiguration: { VpcId: 'vpc-1' }, Tags: [{ Key: 'owner', Value: 'ann' }] });
  await refused(hers.send(new DeleteAccessPointCommand({ AccountId, Name: 'tagged' })), 'AccessDenied');
  await hers.send(new DeleteAccessPointCommand({ AccountId, Name: 'anns' }));
  await refused(hers.send(new GetAccessPointCommand({ AccountId, Name: 'tagged' })), 'AccessDenied');
});
