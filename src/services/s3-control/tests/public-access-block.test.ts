/** Block Public Access of an account outweighs what its buckets allow. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand as OpenBucketCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
  S3ControlClient,
  type PublicAccessBlockConfiguration,
} from '@aws-sdk/client-s3-control';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { byHostName } from '../../../../tests/by-host-name.ts';
import { startCloud, type ClientConfig } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const nobody = cloud.client(S3Client, { signer: { sign: async (request: unknown) => request } });
const AccountId = '000000000000';
const client = (more: ClientConfig = {}) => cloud.client(S3ControlClient, { ...byHostName(cloud.port), ...more });
const control = client();
const put = (PublicAccessBlockConfiguration: PublicAccessBlockConfiguration) =>
  control.send(new PutPublicAccessBlockCommand({ AccountId, PublicAccessBlockConfiguration }));
const Bucket = 'account-wide';
await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership: 'ObjectWriter' }));
await s3.send(new OpenBucketCommand({ Bucket }));
const everyone = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/policy` };
const Policy = JSON.stringify({ Version: '2012-10-17', Statement: everyone });
await s3.send(new PutObjectCommand({ Bucket, Key: 'acl', Body: 'x', ACL: 'public-read' }));
await s3.send(new PutObjectCommand({ Bucket, Key: 'policy', Body: 'x' }));
await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
const status = async (Key: string) => {
  try {
    return (await nobody.send(new GetObjectCommand({ Bucket, Key }))).$metadata.httpStatusCode;
  } catch (error) {
    return (error as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode;
  }
};

test('each of the four settings holds in all buckets of the account, until it is taken back', async () => {
  await refused(control.send(new GetPublicAccessBlockCommand({ AccountId })), {
    code: 'NoSuchPublicAccessBlockConfiguration',
    status: 404,
  });
  assert.deepEqual([await status('acl'), await status('policy')], [200, 200]);
  await put({ IgnorePublicAcls: true });
  const { PublicAccessBlockConfiguration } = await control.send(new GetPublicAccessBlockCommand({ AccountId }));
  assert.deepEqual(PublicAccessBlockConfiguration, {
    BlockPublicAcls: false,
    IgnorePublicAcls: true,
    BlockPublicPolicy: false,
    RestrictPublicBuckets: false,
  });
  assert.deepEqual([await status('acl'), await status('policy')], [403, 200]);
  await put({ RestrictPublicBuckets: true });
  assert.deepEqual([await status('acl'), await status('policy')], [200, 403]);
  await put({ BlockPublicPolicy: true });
  await refused(s3.send(new PutBucketPolicyCommand({ Bucket, Policy })), 'AccessDenied');
  await s3.send(new PutObjectAclCommand({ Bucket, Key: 'acl', ACL: 'public-read' }));
  await put({ BlockPublicAcls: true });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  await refused(s3.send(new PutObjectAclCommand({ Bucket, Key: 'acl', ACL: 'public-read' })), 'AccessDenied');
  await control.send(new DeletePublicAccessBlockCommand({ AccountId }));
  assert.deepEqual([await status('acl'), await status('policy')], [200, 200]);
});

test('nobody sets another account’s, nor a user without permission their own', async () => {
  await refused(control.send(new GetPublicAccessBlockCommand({ AccountId: '222222222222' })), { code: 'AccessDenied', status: 403 });
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'nobody' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'nobody' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  await refused(client({ credentials }).send(new GetPublicAccessBlockCommand({ AccountId })), { code: 'AccessDenied', status: 403 });
});
