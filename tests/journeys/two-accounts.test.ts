/** Two accounts in one cloud: what one may do in the other, what the world may do, and what an explicit deny takes away. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { rootOf, startCloud, type Credentials, type LiveCloud } from '../live-cloud.ts';

const owner = '111111111111';
const guest = '222222222222';
const bucket = 'shared-between-accounts';
const objects = `arn:aws:s3:::${bucket}/*`;

let cloud: LiveCloud;
let ada: Credentials;

before(async () => {
  cloud = await startCloud();
  const s3 = cloud.client(S3Client, { credentials: rootOf(owner) });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'reports/today', Body: 'sunny' }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'secrets/plan', Body: 'rain' }));
  ada = await makeUser(guest, 'ada', 'arn:aws:iam::aws:policy/AmazonS3FullAccess');
});
after(() => cloud.close());

test('an account sees nothing of another until the other allows it', async () => {
  const theirs = s3As(ada);
  assert.deepEqual((await theirs.send(new ListBucketsCommand())).Buckets ?? [], []);
  await denied(
    theirs.send(new GetObjectCommand({ Bucket: bucket, Key: 'reports/today' })),
    /arn:aws:iam::222222222222:user\/ada is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::shared-between-accounts\/reports\/today" because no resource-based policy allows the s3:GetObject action/,
  );
  await denied(
    s3As(rootOf(guest)).send(new ListObjectsV2Command({ Bucket: bucket })),
    /because no resource-based policy allows the s3:ListBucket action/,
  );
});

test('a bucket policy lets a named account in, and its identity policies must allow too', async () => {
  await setPolicy(
    { Effect: 'Allow', Principal: { AWS: guest }, Action: 's3:GetObject', Resource: objects },
    {
      Effect: 'Deny',
      Principal: { AWS: `arn:aws:iam::${guest}:root` },
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${bucket}/secrets/*`,
    },
  );
  assert.equal(await read(ada, 'reports/today'), 'sunny');
  assert.equal(await read(rootOf(guest), 'reports/today'), 'sunny');
  await denied(read(ada, 'secrets/plan'), /with an explicit deny in a resource-based policy/);
  await denied(
    s3As(ada).send(new PutObjectCommand({ Bucket: bucket, Key: 'reports/mine', Body: '' })),
    /because no resource-based policy allows the s3:PutObject action/,
  );

  const bob = await makeUser(guest, 'bob');
  await denied(read(bob, 'reports/today'), /because no identity-based policy allows the s3:GetObject action/);
});

test('what a guest writes belongs to the bucket and its owner reads it', async () => {
  await setPolicy({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${guest}:user/ada` },
    Action: ['s3:PutObject', 's3:GetObject'],
    Resource: objects,
  });
  await s3As(ada).send(new PutObjectCommand({ Bucket: bucket, Key: 'from-ada', Body: 'hello' }));
  assert.equal(await read(rootOf(owner), 'from-ada'), 'hello');
  await denied(read(rootOf(guest), 'from-ada'), /because no resource-based policy allows/);
});

test('a role of one account is assumed from the other, by both consents, with an external id', async () => {
  const iam = cloud.client(IAMClient, { credentials: rootOf(owner) });
  const trust = document({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${guest}:root` },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': 'deal-7' } },
  });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'auditor', AssumeRolePolicyDocument: trust }));
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'auditor',
      PolicyName: 'read',
      PolicyDocument: document({ Effect: 'Allow', Action: 's3:GetObject', Resource: objects }),
    }),
  );
  const carol = await makeUser(guest, 'carol');
  const sts = cloud.client(STSClient, { credentials: carol });
  const assume = (ExternalId?: string): Promise<Credentials> =>
    assumeRole(sts, { RoleArn: Role!.Arn!, RoleSessionName: 'audit', ExternalId });

  await denied(
    assume('deal-7'),
    /user\/carol is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role\/auditor/,
  );
  await cloud.client(IAMClient, { credentials: rootOf(guest) }).send(
    new PutUserPolicyCommand({
      UserName: 'carol',
      PolicyName: 'may',
      PolicyDocument: document({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: Role!.Arn }),
    }),
  );
  await denied(assume(), /sts:AssumeRole/);
  const session = await assume('deal-7');

  const me = await cloud.client(STSClient, { credentials: session }).send(new GetCallerIdentityCommand());
  assert.deepEqual([me.Account, me.Arn], [owner, `arn:aws:sts::${owner}:assumed-role/auditor/audit`]);
  assert.equal(await read(session, 'secrets/plan'), 'rain');
  await denied(
    s3As(session).send(new PutObjectCommand({ Bucket: bucket, Key: 'no', Body: '' })),
    /assumed-role\/auditor\/audit is not authorized to perform: s3:PutObject .* because no identity-based policy allows/,
  );

  await cloud.advance(61 * 60_000);
  await assert.rejects(read(session, 'secrets/plan'), { name: 'ExpiredToken' });
  const later = await assume('deal-7');
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'auditor',
      PolicyName: 'read',
      PolicyDocument: document({ Effect: 'Deny', Action: '*', Resource: '*' }),
    }),
  );
  await denied(read(later, 'secrets/plan'), /with an explicit deny in an identity-based policy/);
  await assert.rejects(iam.send(new DeleteRoleCommand({ RoleName: 'auditor' })), { name: 'DeleteConflictException' });
});

test('a public bucket is read by anyone, once its owner has unlocked it, and only as the policy says', async () => {
  const s3 = s3As(rootOf(owner));
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket: bucket }));
  await setPolicy({ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/reports/*` });
  const page = await fetch(`${cloud.endpoint}/${bucket}/reports/today`);
  assert.deepEqual([page.status, await page.text()], [200, 'sunny']);
  for (const path of [`${bucket}/secrets/plan`, `${bucket}/`, `${bucket}/reports/absent`, '']) {
    const answer = await fetch(`${cloud.endpoint}/${path}`);
    assert.equal(answer.status, 403, path);
    assert.match(await answer.text(), /<Code>AccessDenied<\/Code>/);
  }
  assert.equal((await fetch(`${cloud.endpoint}/${bucket}/reports/mine`, { method: 'PUT', body: 'graffiti' })).status, 403);
  await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
  assert.equal((await fetch(`${cloud.endpoint}/${bucket}/reports/today`)).status, 403);
});

test('a caller without the right to list learns nothing of what is absent', async () => {
  const reader = await makeUser(owner, 'reader');
  await cloud.client(IAMClient, { credentials: rootOf(owner) }).send(
    new PutUserPolicyCommand({
      UserName: 'reader',
      PolicyName: 'read',
      PolicyDocument: document({ Effect: 'Allow', Action: 's3:GetObject', Resource: objects }),
    }),
  );
  await assert.rejects(s3As(reader).send(new GetObjectCommand({ Bucket: bucket, Key: 'absent' })), { name: 'AccessDenied' });
  await assert.rejects(
    s3As(reader).send(new HeadObjectCommand({ Bucket: bucket, Key: 'absent' })),
    (error: S3ServiceException) => error.$metadata.httpStatusCode === 403,
  );
  await assert.rejects(s3As(rootOf(owner)).send(new GetObjectCommand({ Bucket: bucket, Key: 'absent' })), { name: 'NoSuchKey' });
});

async function makeUser(account: string, name: string, managedPolicy?: string): Promise<Credentials> {
  const iam = cloud.client(IAMClient, { credentials: rootOf(account) });
  await iam.send(new CreateUserCommand({ UserName: name }));
  if (managedPolicy) await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: managedPolicy }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

async function assumeRole(
  sts: STSClient,
  input: { RoleArn: string; RoleSessionName: string; ExternalId: string | undefined },
): Promise<Credentials> {
  const { Credentials } = await sts.send(new AssumeRoleCommand(input));
  return {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
}

async function read(credentials: Credentials, key: string): Promise<string> {
  const { Body } = await s3As(credentials).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body!.transformToString();
}

async function setPolicy(...statements: object[]): Promise<void> {
  await s3As(rootOf(owner)).send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: document(...statements) }));
}

async function denied(call: Promise<unknown>, sentence: RegExp): Promise<void> {
  await assert.rejects(call, (error: Error) => {
    assert.deepEqual([error.name, sentence.test(error.message)], ['AccessDenied', true], `${error.name}: ${error.message}`);
    return true;
  });
}

function s3As(credentials: Credentials): S3Client {
  return cloud.client(S3Client, { credentials });
}

function document(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
