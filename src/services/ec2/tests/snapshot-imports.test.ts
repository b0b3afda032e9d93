/** Imports of raw disks from S3 as snapshots, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { hashOf, storeBlocks } from '../../../framework/ebs-snapshots/blocks.ts';
import { blockContents } from '../../../framework/ebs-snapshots/snapshot.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { importTasks } from '../snapshot-imports/import-task.ts';
import { ec2Of, home, startSimulated, userWith } from './cast.ts';

const host = simulatedHost();
const cloud = await startSimulated(host);
const ec2 = ec2Of(cloud);
const credentials = rootOf(home);
const s3 = cloud.client(S3Client, { credentials });
const iam = cloud.client(IAMClient, { credentials });
after(() => cloud.close());

const S3Bucket = 'disks';
const blockBytes = 524_288;
const disk = Buffer.alloc(40 * blockBytes + 1000);
disk.write('beginning', 0);
disk.write('end', disk.length - 3);

before(async () => {
  await s3.send(new CreateBucketCommand({ Bucket: S3Bucket }));
  await s3.send(new PutObjectCommand({ Bucket: S3Bucket, Key: 'disk.raw', Body: disk }));
  await s3.send(new PutObjectCommand({ Bucket: S3Bucket, Key: 'empty.raw', Body: Buffer.alloc(0) }));
});

async function role(RoleName: string, Service: string, Resource: string): Promise<void> {
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }] };
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }] };
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'read', PolicyDocument: JSON.stringify(policy) }));
}

const begin = (S3Key: string, more: Partial<Ec2.ImportSnapshotCommandInput> = {}) =>
  ec2.send(new Ec2.ImportSnapshotCommand({ DiskContainer: { Format: 'RAW', UserBucket: { S3Bucket, S3Key } }, ...more }));

async function detail(id: string): Promise<Ec2.SnapshotTaskDetail> {
  const { ImportSnapshotTasks } = await ec2.send(new Ec2.DescribeImportSnapshotTasksCommand({ ImportTaskIds: [id] }));
  return ImportSnapshotTasks![0]!.SnapshotTaskDetail!;
}

test('a raw disk becomes a snapshot, of which a volume is made with its bytes', async () => {
  await refused(begin('disk.raw'), 'InvalidParameter');
  await role('vmimport', 'vmie.amazonaws.com', `arn:aws:s3:::${S3Bucket}/*`);
  const call = { ClientToken: 'once', Description: 'my disk' };
  const made = await begin('disk.raw', call);
  assert.match(made.ImportTaskId!, /^import-snap-[0-9a-f]{17}$/);
  assert.equal(made.SnapshotTaskDetail!.Status, 'active');
  assert.equal((await begin('disk.raw', call)).ImportTaskId, made.ImportTaskId);
  await cloud.cloud.settled();
  const done = await detail(made.ImportTaskId!);
  assert.deepEqual([done.Status, done.StatusMessage], ['completed', undefined]);
  const { Snapshots } = await ec2.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [done.SnapshotId!] }));
  assert.deepEqual([Snapshots![0]!.State, Snapshots![0]!.VolumeSize], ['completed', 1]);
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ SnapshotId: done.SnapshotId!, AvailabilityZone: 'us-east-1a' }));
  await cloud.cloud.settled();
  assert.equal((await host.disks.read(VolumeId!, 0, 9)).toString(), 'beginning');
  assert.equal((await host.disks.read(VolumeId!, disk.length - 3, 4)).toString(), 'end\0');
  await refused(ec2.send(new Ec2.CancelImportTaskCommand({ ImportTaskId: made.ImportTaskId! })), 'IncorrectState');
  await cloud.advance(8 * 24 * 3_600_000);
  await refused(detail(made.ImportTaskId!), 'InvalidConversionTaskId');
});

test('what the role may not read, what is not there and what is empty ends the task and says why', async () => {
  await role('narrow', 'vmie.amazonaws.com', `arn:aws:s3:::${S3Bucket}/other`);
  await role('foreign', 'lambda.amazonaws.com', `arn:aws:s3:::${S3Bucket}/*`);
  await refused(begin('disk.raw', { RoleName: 'foreign' }), 'InvalidParameter');
  for (const [key, RoleName, why] of [
    ['disk.raw', 'narrow', /^ClientError: /],
    ['none.raw', 'vmimport', /^ClientError: /],
    ['empty.raw', 'vmimport', /empty/],
  ] as const) {
    const { ImportTaskId } = await begin(key, { RoleName });
    await cloud.cloud.settled();
    const { Status, StatusMessage, SnapshotId } = await detail(ImportTaskId!);
    assert.deepEqual([Status, SnapshotId], ['deleted', undefined]);
    assert.match(StatusMessage!, why);
  }
});

test('a task that is cancelled leaves no blocks behind', async () => {
  const { ImportTaskId } = await begin('disk.raw');
  await cloud.cloud.settled();
  const row = (await cloud.cloud.store.read((tx) => importTasks.get(tx, home, 'us-east-1', ImportTaskId!)))!;
  await ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId: row.snapshot }));
  await cloud.cloud.settled();
  const contents = () => cloud.cloud.store.read(async (tx) => (await blockContents.scan(tx)).length);
  const without = await contents();
  // As a call finds it while the object is read: some blocks are there, and the task goes on.
  const bytes = Buffer.alloc(blockBytes, 7);
  await storeBlocks(cloud.cloud, row.snapshot, [{ index: 3, bytes, hash: hashOf(bytes) }]);
  const { ended: _over, ...going } = row;
  await cloud.cloud.store.write((tx) => importTasks.put(tx, { ...going, state: 'deleting', message: 'not wanted' }));
  await cloud.cloud.settled();
  const { Status, StatusMessage, SnapshotId } = await detail(ImportTaskId!);
  assert.deepEqual([Status, StatusMessage, SnapshotId], ['deleted', 'not wanted', undefined]);
  assert.equal(await contents(), without);
  await refused(ec2.send(new Ec2.CancelImportTaskCommand({ ImportTaskId: ImportTaskId! })), 'IncorrectState');
});

test('what is wrong or not built is refused by name', async () => {
  const wrong = (DiskContainer: Ec2.SnapshotDiskContainer | undefined, code: string) => refused(begin('disk.raw', { DiskContainer }), code);
  await wrong(undefined, 'MissingParameter');
  await wrong({ Format: 'RAW' }, 'MissingParameter');
  await wrong({ Format: 'VMDK', Url: 's3://disks/disk.vmdk' }, 'NotImplemented');
  await wrong({ Format: 'ISO', Url: 's3://disks/disk.iso' }, 'InvalidParameter');
  await wrong({ Format: 'RAW', Url: 'https://example.com/disk' }, 'NotImplemented');
  await refused(begin('disk.raw', { Encrypted: true }), 'NotImplemented');
  await refused(detail('import-snap-00000000000000001'), 'InvalidConversionTaskId');
  await refused(detail('import-snap-x'), 'InvalidConversionTaskId.Malformed');
  const nobody = await userWith(cloud, 'nobody', { Action: 'ec2:DescribeImportSnapshotTasks' });
  await refused(
    nobody.send(new Ec2.ImportSnapshotCommand({ DiskContainer: { Format: 'RAW', Url: 's3://disks/disk.raw' } })),
    'UnauthorizedOperation',
  );
  const { ImportSnapshotTasks } = await nobody.send(
    new Ec2.DescribeImportSnapshotTasksCommand({ Filters: [{ Name: 'task-state', Values: ['deleted'] }] }),
  );
  assert.ok(ImportSnapshotTasks!.length >= 3);
});
