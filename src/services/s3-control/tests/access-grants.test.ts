/** S3 Access Grants: locations that roles carry, grants for users and roles, and credentials that reach no further. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateAccessGrantCommand,
  CreateAccessGrantsInstanceCommand,
  CreateAccessGrantsLocationCommand,
  DeleteAccessGrantCommand,
  DeleteAccessGrantsInstanceCommand,
  DeleteAccessGrantsLocationCommand,
  GetAccessGrantCommand,
  GetAccessGrantsInstanceCommand,
  GetAccessGrantsInstanceForPrefixCommand,
  GetAccessGrantsLocationCommand,
  GetDataAccessCommand,
  ListAccessGrantsCommand,
  ListAccessGrantsInstancesCommand,
  ListAccessGrantsLocationsCommand,
  ListCallerAccessGrantsCommand,
  ListTagsForResourceCommand,
  S3ControlClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAccessGrantsLocationCommand,
  type GetDataAccessCommandInput,
} from '@aws-sdk/client-s3-control';
import { byHostName } from '../../../../tests/by-host-name.ts';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const AccountId = '000000000000';
const s3 = cloud.client(S3Client);
const iam = cloud.client(IAMClient);
const control = cloud.client(S3ControlClient, byHostName(cloud.port));
const Bucket = 'granted';
await s3.send(new CreateBucketCommand({ Bucket }));
for (const Key of ['team/a', 'team/b', 'other/c']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
async function role(RoleName: string, service: string): Promise<string> {
  const AssumeRolePolicyDocument = policy({
    Effect: 'Allow',
    Principal: { Service: service },
    Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
  });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: 'p',
      PolicyDocument: policy({ Effect: 'Allow', Action: ['s3:*', 'kms:*'], Resource: '*' }),
    }),
  );
  return Role!.Arn!;
}
const IAMRoleArn = await role('carrier', 'access-grants.s3.amazonaws.com');
const untrusting = await role('untrusting', 'lambda.amazonaws.com');

async function user(UserName: string) {
  const { User } = await iam.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const PolicyDocument = policy({ Effect: 'Allow', Action: ['s3:GetDataAccess', 's3:ListCallerAccessGrants'], Resource: '*' });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return {
    arn: User!.Arn!,
    control: cloud.client(S3ControlClient, { ...byHostName(cloud.port), credentials }),
    s3: cloud.client(S3Client, { credentials }),
  };
}
const ann = await user('ann');
const bob = await user('bob');
const ask = (who: typeof ann, Target: string, more: Partial<GetDataAccessCommandInput> = {}) =>
  who.control.send(new GetDataAccessCommand({ AccountId, Target, Permission: 'READ', ...more }));
async function as(who: typeof ann, Target: string, more: Partial<GetDataAccessCommandInput> = {}) {
  const { Credentials, MatchedGrantTarget } = await ask(who, Target, more);
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  return {
    target: MatchedGrantTarget,
    expires: Credentials!.Expiration!,
    s3: cloud.client(S3Client, { credentials }),
    kms: cloud.client(KMSClient, { credentials }),
  };
}
const read = async (client: S3Client, Key: string) => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();

test('nothing is there before its instance; there is one a region, and it goes when its locations are gone', async () => {
  await refused(control.send(new GetAccessGrantsInstanceCommand({ AccountId })), {
    code: 'AccessGrantsInstanceNotExistsError',
    status: 404,
  });
  await refused(control.send(new ListAccessGrantsCommand({ AccountId })), 'AccessGrantsInstanceNotExistsError');
  await refused(ask(ann, `s3://${Bucket}/team/*`), 'AccessGrantsInstanceNotExistsError');
  const made = await control.send(new CreateAccessGrantsInstanceCommand({ AccountId, Tags: [{ Key: 'a', Value: '1' }] }));
  assert.equal(made.AccessGrantsInstanceArn, `arn:aws:s3:us-east-1:${AccountId}:access-grants/default`);
  await refused(control.send(new CreateAccessGrantsInstanceCommand({ AccountId })), {
    code: 'AccessGrantsInstanceAlreadyExists',
    status: 409,
  });
  const { AccessGrantsInstancesList } = await control.send(new ListAccessGrantsInstancesCommand({ AccountId }));
  assert.deepEqual(
    AccessGrantsInstancesList!.map((each) => each.AccessGrantsInstanceId),
    ['default'],
  );
  const found = await control.send(new GetAccessGrantsInstanceForPrefixCommand({ AccountId, S3Prefix: `s3://${Bucket}/team/` }));
  assert.equal(found.AccessGrantsInstanceArn, made.AccessGrantsInstanceArn);
  const west = cloud.client(S3ControlClient, { ...byHostName(cloud.port), region: 'eu-west-1' });
  await refused(west.send(new GetAccessGrantsInstanceCommand({ AccountId })), 'AccessGrantsInstanceNotExistsError');
  const ResourceArn = made.AccessGrantsInstanceArn!;
  const tags = async () => (await control.send(new ListTagsForResourceCommand({ AccountId, ResourceArn }))).Tags;
  await control.send(new TagResourceCommand({ AccountId, ResourceArn, Tags: [{ Key: 'b', Value: '2' }] }));
  await control.send(new UntagResourceCommand({ AccountId, ResourceArn, TagKeys: ['a'] }));
  assert.deepEqual(await tags(), [{ Key: 'b', Value: '2' }]);
  await control.send(new CreateAccessGrantsLocationCommand({ AccountId, LocationScope: 's3://', IAMRoleArn }));
  await refused(control.send(new DeleteAccessGrantsInstanceCommand({ AccountId })), 'AccessGrantsInstanceNotEmptyError');
  await control.send(new DeleteAccessGrantsLocationCommand({ AccountId, AccessGrantsLocationId: 'default' }));
  await control.send(new DeleteAccessGrantsInstanceCommand({ AccountId }));
  await refused(control.send(new GetAccessGrantsInstanceCommand({ AccountId })), 'AccessGrantsInstanceNotExistsError');
});

test('a location has a role that trusts S3 Access Grants, and a bucket that is there', async () => {
  await control.send(new CreateAccessGrantsInstanceCommand({ AccountId }));
  const create = (LocationScope: string, role = IAMRoleArn) =>
    control.send(new CreateAccessGrantsLocationCommand({ AccountId, LocationScope, IAMRoleArn: role }));
  await refused(create(`s3://${Bucket}`, untrusting), 'InvalidIamRole');
  await refused(create('s3://nobodys-granted'), 'NoSuchBucket');
  await refused(create('https://granted'), 'InvalidRequest');
  const { AccessGrantsLocationId, AccessGrantsLocationArn } = await create(`s3://${Bucket}`);
  await refused(create(`s3://${Bucket}`), { code: 'AccessGrantsLocationAlreadyExistsError', status: 409 });
  const at = { AccountId, AccessGrantsLocationId };
  const got = await control.send(new GetAccessGrantsLocationCommand(at));
  assert.deepEqual(
    [got.LocationScope, got.IAMRoleArn, got.AccessGrantsLocationArn],
    [`s3://${Bucket}`, IAMRoleArn, AccessGrantsLocationArn],
  );
  await refused(control.send(new UpdateAccessGrantsLocationCommand({ ...at, IAMRoleArn: untrusting })), 'InvalidIamRole');
  await control.send(new UpdateAccessGrantsLocationCommand({ ...at, IAMRoleArn }));
  const { AccessGrantsLocationsList } = await control.send(new ListAccessGrantsLocationsCommand({ AccountId }));
  assert.deepEqual(
    AccessGrantsLocationsList!.map((each) => each.AccessGrantsLocationId),
    [AccessGrantsLocationId],
  );
  await control.send(new DeleteAccessGrantsLocationCommand(at));
  await refused(control.send(new GetAccessGrantsLocationCommand(at)), 'NoSuchAccessGrantsLocationError');
  await control.send(new DeleteAccessGrantsInstanceCommand({ AccountId }));
});

test('credentials of a grant read what it is for and nothing else, whatever the role may', async () => {
  await control.send(new CreateAccessGrantsInstanceCommand({ AccountId }));
  const { AccessGrantsLocationId } = await control.send(
    new CreateAccessGrantsLocationCommand({ AccountId, LocationScope: `s3://${Bucket}`, IAMRoleArn }),
  );
  const grant = (S3SubPrefix: string, Permission: 'READ' | 'READWRITE', arn = ann.arn, more: object = {}) =>
    control.send(
      new CreateAccessGrantCommand({
        ...{ AccountId, AccessGrantsLocationId, Permission, AccessGrantsLocationConfiguration: { S3SubPrefix }, ...more },
        Grantee: { GranteeType: 'IAM', GranteeIdentifier: arn },
      }),
    );
  const made = await grant('team/*', 'READ');
  assert.equal(made.GrantScope, `s3://${Bucket}/team/*`);
  await refused(grant('team/*', 'READ'), { code: 'AccessGrantAlreadyExists', status: 409 });
  await refused(grant('x', 'READ', 'arn:aws:iam::000000000000:group/g'), 'InvalidRequest');
  await refused(
    control.send(new DeleteAccessGrantsLocationCommand({ AccountId, AccessGrantsLocationId })),
    'AccessGrantsLocationNotEmptyError',
  );
  await refused(read(ann.s3, 'team/a'), 'AccessDenied');
  const session = await as(ann, `s3://${Bucket}/team/a`, { DurationSeconds: 900 });
  assert.equal(session.target, `s3://${Bucket}/team/*`);
  assert.equal(Math.ceil((session.expires.getTime() - cloud.cloud.clock.now()) / 1000), 900);
  assert.equal(await read(session.s3, 'team/b'), 'team/b');
  await refused(read(session.s3, 'other/c'), 'AccessDenied');
  await refused(session.s3.send(new PutObjectCommand({ Bucket, Key: 'team/a', Body: 'x' })), 'AccessDenied');
  const listed = await session.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'team/' }));
  assert.equal(listed.KeyCount, 2);
  await refused(session.s3.send(new ListObjectsV2Command({ Bucket })), 'AccessDenied');
  const minimal = await as(ann, `s3://${Bucket}/team/a`, { Privilege: 'Minimal', TargetType: 'Object' });
  assert.equal(await read(minimal.s3, 'team/a'), 'team/a');
  await refused(read(minimal.s3, 'team/b'), 'AccessDenied');
  await refused(ask(ann, `s3://${Bucket}/team/a`, { Permission: 'WRITE' }), 'AccessDenied');
  await refused(ask(ann, `s3://${Bucket}/other/c`), 'AccessDenied');
  await refused(ask(bob, `s3://${Bucket}/team/a`), 'AccessDenied');
  await refused(ask(ann, `s3://${Bucket}/team/a`, { DurationSeconds: 60 }), 'InvalidRequest');
  await grant('out/*', 'READWRITE', bob.arn);
  const writer = await as(bob, `s3://${Bucket}/out/*`, { Permission: 'READWRITE' });
  await writer.s3.send(new PutObjectCommand({ Bucket, Key: 'out/new', Body: 'made' }));
  assert.equal(await read(writer.s3, 'out/new'), 'made');
  const KeyId = (await cloud.client(KMSClient).send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
  const sealed = { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: KeyId };
  await writer.s3.send(new PutObjectCommand({ Bucket, Key: 'out/sealed', Body: 'sealed', ...sealed }));
  assert.equal(await read(writer.s3, 'out/sealed'), 'sealed');
  await refused(writer.kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })), 'AccessDeniedException');
  const { CallerAccessGrantsList } = await bob.control.send(new ListCallerAccessGrantsCommand({ AccountId }));
  assert.deepEqual(CallerAccessGrantsList, [{ Permission: 'READWRITE', GrantScope: `s3://${Bucket}/out/*` }]);
  const first = await control.send(new ListAccessGrantsCommand({ AccountId, MaxResults: 1 }));
  const second = await control.send(new ListAccessGrantsCommand({ AccountId, MaxResults: 1, NextToken: first.NextToken }));
  assert.deepEqual([first.AccessGrantsList!.length, second.AccessGrantsList!.length, second.NextToken], [1, 1, undefined]);
  assert.equal((await control.send(new GetAccessGrantCommand({ AccountId, AccessGrantId: made.AccessGrantId }))).Permission, 'READ');
  await control.send(new DeleteAccessGrantCommand({ AccountId, AccessGrantId: made.AccessGrantId }));
  await refused(control.send(new GetAccessGrantCommand({ AccountId, AccessGrantId: made.AccessGrantId })), 'NoSuchAccessGrantError');
  await refused(ask(ann, `s3://${Bucket}/team/a`), 'AccessDenied');
});

test('what needs a directory, and other accounts, are refused', async () => {
  const directory = { IdentityCenterArn: 'arn:aws:sso:::instance/ssoins-1' };
  await refused(control.send(new CreateAccessGrantsInstanceCommand({ AccountId, ...directory })), { code: 'NotImplemented', status: 501 });
  await refused(control.send(new GetAccessGrantsInstanceCommand({ AccountId: '111111111111' })), 'AccessDenied');
});
