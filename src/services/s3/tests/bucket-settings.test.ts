/** What tools read right after they made a bucket, and puts that are not built. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketAclCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketReplicationCommand,
  GetBucketRequestPaymentCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectLockConfigurationCommand,
  PutBucketAclCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'settings-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));

test('what was never put has its default', async () => {
  assert.equal((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, undefined);
  assert.equal((await s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer, 'BucketOwner');
  assert.equal((await s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status, undefined);
  assert.equal((await s3.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled, undefined);
  assert.equal((await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))).QueueConfigurations, undefined);
  const encryption = (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration;
  assert.equal(encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, 'AES256');
  const controls = (await s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls;
  assert.equal(controls?.Rules?.[0]?.ObjectOwnership, 'BucketOwnerEnforced');
});

test('what was never put and has no default is not there, each in its own words', async () => {
  await refused(s3.send(new GetBucketCorsCommand({ Bucket })), { code: 'NoSuchCORSConfiguration', status: 404 });
  await refused(s3.send(new GetBucketWebsiteCommand({ Bucket })), { code: 'NoSuchWebsiteConfiguration', status: 404 });
  await refused(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })), { code: 'NoSuchLifecycleConfiguration', status: 404 });
  await refused(s3.send(new GetBucketReplicationCommand({ Bucket })), { code: 'ReplicationConfigurationNotFoundError', status: 404 });
  await refused(s3.send(new GetObjectLockConfigurationCommand({ Bucket })), { code: 'ObjectLockConfigurationNotFoundError', status: 404 });
  await refused(s3.send(new GetBucketCorsCommand({ Bucket: 'no-such-bucket' })), 'NoSuchBucket');
});

test('the ACL is the owner’s full control, and no other is taken', async () => {
  const acl = await s3.send(new GetBucketAclCommand({ Bucket }));
  assert.equal(acl.Grants?.length, 1);
  assert.equal(acl.Grants?.[0]?.Permission, 'FULL_CONTROL');
  assert.equal(acl.Grants?.[0]?.Grantee?.ID, acl.Owner?.ID);
  await s3.send(new PutBucketAclCommand({ Bucket, AccessControlPolicy: { Owner: acl.Owner, Grants: acl.Grants } }));
  await refused(s3.send(new PutBucketAclCommand({ Bucket, ACL: 'public-read' })), {
    code: 'AccessControlListNotSupported',
    status: 400,
    message: 'The bucket does not allow ACLs',
  });
  await refused(s3.send(new CreateBucketCommand({ Bucket: 'public-bucket', ACL: 'public-read' })), 'InvalidBucketAclWithObjectOwnership');
});
