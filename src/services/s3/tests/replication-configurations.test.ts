/** Configurations of replication as they are put: given back as they came, refused in S3's words. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { CreateUserCommand, CreateAccessKeyCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketReplicationCommand,
  GetBucketReplicationCommand,
  PutBucketReplicationCommand,
  S3Client,
  type ReplicationRule,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { replicate, replicationRole, rule, versionedBucket } from './replication-cast.ts';

const cloud = await startCloud();
after(() => cloud.close());
const role = await replicationRole(cloud);
const source = await versionedBucket(cloud);
const destination = await versionedBucket(cloud);
const put = (...rules: ReplicationRule[]) => replicate(source, role, rules);
const to = destination.arn;
const invalid = (promise: Promise<unknown>, message: string | RegExp, code = 'InvalidRequest') =>
  refused(promise, { code, status: 400, message });

test('a configuration comes back as it was put, and is gone when it is deleted', async () => {
  const get = () => source.s3.send(new GetBucketReplicationCommand({ Bucket: source.Bucket }));
  await refused(get(), { code: 'ReplicationConfigurationNotFoundError', status: 404 });
  const rules: ReplicationRule[] = [
    rule(to, {
      ID: 'all of it',
      Filter: { And: { Prefix: 'a/', Tags: [{ Key: 'k', Value: 'v' }] } },
      SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' }, ReplicaModifications: { Status: 'Enabled' } },
      to: {
        ...{ Account: '000000000000', StorageClass: 'STANDARD_IA', AccessControlTranslation: { Owner: 'Destination' } },
        EncryptionConfiguration: { ReplicaKmsKeyID: 'arn:aws:kms:us-east-1:000000000000:key/x' },
        ReplicationTime: { Status: 'Enabled', Time: { Minutes: 15 } },
        Metrics: { Status: 'Enabled', EventThreshold: { Minutes: 15 } },
      },
    }),
    rule(to, { ID: 'off', Status: 'Disabled', Priority: 2, Filter: { Tag: { Key: 'a', Value: '' } } }),
  ];
  await put(...rules);
  assert.deepEqual((await get()).ReplicationConfiguration, { Role: role, Rules: rules });
  await put({ Status: 'Enabled', Prefix: '', Destination: { Bucket: to } });
  const [only] = (await get()).ReplicationConfiguration!.Rules!;
  assert.match(only!.ID!, /^\w{48}$/);
  await source.s3.send(new DeleteBucketReplicationCommand({ Bucket: source.Bucket }));
  await source.s3.send(new DeleteBucketReplicationCommand({ Bucket: source.Bucket }));
  await refused(get(), { code: 'ReplicationConfigurationNotFoundError', status: 404 });
});

test('both buckets must be there and have versioning; a bucket is not its own destination', async () => {
  const plain = 'replication-plain';
  await source.s3.send(new CreateBucketCommand({ Bucket: plain }));
  await invalid(put(rule(`arn:aws:s3:::${plain}`)), 'Destination bucket must have versioning enabled.');
  await invalid(put(rule('arn:aws:s3:::replication-nowhere')), 'Destination bucket must have versioning enabled.');
  await invalid(put(rule('replication-nowhere')), 'Invalid bucket ARN.', 'InvalidArgument');
  await invalid(put(rule(source.arn)), 'Destination bucket cannot be the same as the source bucket.');
  await invalid(
    replicate({ s3: source.s3, Bucket: plain }, role, [rule(to)]),
    "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
  );
  await invalid(replicate(source, 'arn:aws:iam::000000000000:user/u', [rule(to)]), /Amazon Resource Name/, 'InvalidArgument');
});

test('the two versions of the configuration are told apart', async () => {
  const first: ReplicationRule = { ID: 'v1', Status: 'Enabled', Prefix: 'a', Destination: { Bucket: to } };
  await invalid(put({ ...first, Priority: 3 }), /^Priority cannot be used/);
  await invalid(put({ ...first, DeleteMarkerReplication: { Status: 'Disabled' } }), /^DeleteMarkerReplication cannot be used/);
  await invalid(put(first, { ...first, ID: 'v2', Prefix: 'ab' }), /overlapping prefixes/);
  await invalid(put(first, { ...first, ID: 'b', Prefix: 'b', Destination: { Bucket: `${to}2` } }), /distinct destination/);
  await invalid(put(rule(to, { DeleteMarkerReplication: undefined })), /^DeleteMarkerReplication must be specified/);
  await invalid(put(rule(to, { Priority: undefined })), /^Priority must be specified/);
  await invalid(put(rule(to), rule(to, { ID: 'other' })), /duplicate priority/);
  await invalid(put(rule(to), rule(to, { Priority: 2 })), /ID must be unique/);
  await invalid(
    put(rule(to, { Filter: { Tag: { Key: 'a', Value: 'b' } }, DeleteMarkerReplication: { Status: 'Enabled' } })),
    /^Delete marker replication is not supported if any Tag filter/,
  );
  await invalid(put(rule(to, { Filter: { And: { Prefix: 'a' } } })), /XML/, 'MalformedXML');
  await invalid(put(rule(to, { ExistingObjectReplication: { Status: 'Enabled' } })), /XML/, 'MalformedXML');
  await invalid(put(), /XML/, 'MalformedXML');
});

test('what belongs together is asked for together', async () => {
  const kms = { SseKmsEncryptedObjects: { Status: 'Enabled' as const } };
  await invalid(put(rule(to, { SourceSelectionCriteria: kms })), /^EncryptionConfiguration must be specified/);
  const EncryptionConfiguration = { ReplicaKmsKeyID: 'arn:aws:kms:us-east-1:000000000000:key/x' };
  await invalid(put(rule(to, { to: { EncryptionConfiguration } })), /^SseKmsEncryptedObjects must be specified/);
  await invalid(put(rule(to, { to: { AccessControlTranslation: { Owner: 'Destination' } } })), /^Account must be specified/);
  const ReplicationTime = { Status: 'Enabled', Time: { Minutes: 15 } };
  await invalid(put(rule(to, { to: { ReplicationTime } })), /requires Metrics/);
  const Metrics = { Status: 'Enabled', EventThreshold: { Minutes: 15 } };
  await invalid(
    put(rule(to, { to: { Metrics, ReplicationTime: { ...ReplicationTime, Time: { Minutes: 5 } } } })),
    /15 minutes/,
    'InvalidArgument',
  );
  await invalid(put(rule(to, { to: { StorageClass: 'COLD' } })), /storage class/, 'InvalidStorageClass');
});

test('who configures must be allowed to, and to pass the role', async () => {
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const allow = (Action: string[]) =>
    iam.send(
      new PutUserPolicyCommand({
        ...{ UserName: 'ann', PolicyName: 'p' },
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] }),
      }),
    );
  const s3 = cloud.client(S3Client, { credentials });
  const attempt = () => replicate({ s3, Bucket: source.Bucket }, role, [rule(to)]);
  await allow(['s3:GetReplicationConfiguration']);
  await refused(attempt(), { code: 'AccessDenied', status: 403, message: /s3:PutReplicationConfiguration/ });
  await allow(['s3:PutReplicationConfiguration']);
  await refused(attempt(), { code: 'AccessDenied', status: 403, message: /iam:PassRole/ });
  await allow(['s3:PutReplicationConfiguration', 'iam:PassRole']);
  await attempt();
  const Token = 't';
  const ReplicationConfiguration = { Role: role, Rules: [rule(to)] };
  await refused(source.s3.send(new PutBucketReplicationCommand({ Bucket: source.Bucket, Token, ReplicationConfiguration })), {
    code: 'NotImplemented',
    status: 501,
  });
});
