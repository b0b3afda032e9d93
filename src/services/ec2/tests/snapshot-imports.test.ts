/** Imports of disks from S3 as snapshots and images, and exports of images, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { hashOf, storeBlocks } from '../../../framework/ebs-snapshots/blocks.ts';
import { blockContents, snapshotBlocks } from '../../../framework/ebs-snapshots/snapshot.ts';
import { simulatedFile, simulatedOva, simulatedSystem } from '../../../host/simulated/disk-formats.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { imageImports } from '../image-imports/image-import.ts';
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
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], Resource }],
  };
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'read', PolicyDocument: JSON.stringify(policy) }));
}

const begin = (S3Key: string, more: Partial<Ec2.ImportSnapshotCommandInput> = {}) =>
  ec2.send(new Ec2.ImportSnapshotCommand({ DiskContainer: { Format: 'RAW', UserBucket: { S3Bucket, S3Key } }, ...more }));

async function detail(id: string): Promise<Ec2.SnapshotTaskDetail> {
  const { ImportSnapshotTasks } = await ec2.send(new Ec2.DescribeImportSnapshotTasksCommand({ ImportTaskIds: [id!] }));
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
  await wrong({ Format: 'ISO', Url: 's3://disks/disk.iso' }, 'InvalidParameter');
  await wrong({ Format: 'RAW', Url: 'https://example.com/disk' }, 'NotImplemented');
  await refused(begin('disk.raw', { KmsKeyId: 'alias/aws/ebs' }), 'InvalidParameterDependency');
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

const system = Buffer.alloc(blockBytes + 10, 3);
system.write(simulatedSystem);
const put = (Key: string, Body: Uint8Array) => s3.send(new PutObjectCommand({ Bucket: S3Bucket, Key, Body }));

test('a disk of another format becomes a snapshot, encrypted where that is wanted; what is none is refused in the task', async () => {
  await put('disk.vmdk', simulatedFile('vmdk', disk));
  await put('disk.vhd', Buffer.from('not one'));
  const DiskContainer = { Format: 'vmdk', Url: `s3://${S3Bucket}/disk.vmdk` };
  const made = await begin('', { DiskContainer, Encrypted: true });
  await cloud.cloud.settled();
  const done = await detail(made.ImportTaskId!);
  assert.deepEqual([done.Status, done.Format, done.Encrypted], ['completed', 'VMDK', true], done.StatusMessage!);
  const { Snapshots } = await ec2.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [done.SnapshotId!] }));
  assert.deepEqual([Snapshots![0]!.Encrypted, Snapshots![0]!.KmsKeyId], [true, done.KmsKeyId]);
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ SnapshotId: done.SnapshotId!, AvailabilityZone: 'us-east-1a' }));
  await cloud.cloud.settled();
  assert.equal((await host.disks.read(VolumeId!, 0, 9)).toString(), 'beginning');
  const wrong = await begin('', { DiskContainer: { Format: 'VHD', Url: `s3://${S3Bucket}/disk.vhd` } });
  await cloud.cloud.settled();
  const { Status, StatusMessage } = await detail(wrong.ImportTaskId!);
  assert.deepEqual([Status, StatusMessage], ['deleted', 'ClientError: Disk validation failed [this is no VHD that can be read]']);
});

const importImage = (disks: Ec2.ImageDiskContainer[], more: Partial<Ec2.ImportImageCommandInput> = {}) =>
  ec2.send(new Ec2.ImportImageCommand({ DiskContainers: disks, ...more }));

async function imported(id: string | undefined): Promise<Ec2.ImportImageTask> {
  await cloud.cloud.settled();
  return (await ec2.send(new Ec2.DescribeImportImageTasksCommand({ ImportTaskIds: [id!] }))).ImportImageTasks![0]!;
}

const workDisks = async (): Promise<string[]> => (await host.disks.ids()).filter((id) => id.startsWith('vmie-'));

test('an OVA becomes an image with a volume a disk, from which instances are launched', async () => {
  await put('machine.ova', simulatedOva(system, disk));
  const asked = {
    Description: 'my machine',
    TagSpecifications: [{ ResourceType: 'import-image-task' as const, Tags: [{ Key: 'a', Value: 'b' }] }],
  };
  const begun = await importImage([{ Format: 'ova', UserBucket: { S3Bucket, S3Key: 'machine.ova' } }], asked);
  assert.match(begun.ImportTaskId!, /^import-ami-[0-9a-f]{17}$/);
  assert.deepEqual([begun.Status, begun.StatusMessage, begun.Progress], ['active', 'pending', '1']);
  const done = await imported(begun.ImportTaskId!);
  assert.deepEqual(
    [done.Status, done.LicenseType, done.Platform, done.Tags],
    ['completed', 'BYOL', 'Linux', [{ Key: 'a', Value: 'b' }]],
    done.StatusMessage!,
  );
  assert.deepEqual(
    done.SnapshotDetails!.map((one) => [one.Format, one.Status, one.SnapshotId!.slice(0, 5)]),
    [1, 2].map(() => ['OVA', 'completed', 'snap-']),
  );
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ ImageIds: [done.ImageId!] }));
  assert.deepEqual([Images![0]!.State, Images![0]!.RootDeviceName], ['available', '/dev/sda1']);
  assert.deepEqual(
    Images![0]!.BlockDeviceMappings!.map((one) => [one.DeviceName, one.Ebs!.SnapshotId]),
    done.SnapshotDetails!.map((one, at) => [['/dev/sda1', '/dev/sdf'][at], one.SnapshotId]),
  );
  const run = { ImageId: done.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(run));
  await cloud.cloud.settled();
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [Instances![0]!.InstanceId!] }));
  assert.equal(Reservations![0]!.Instances![0]!.State!.Name, 'running');
  assert.deepEqual(await workDisks(), []);
  await refused(ec2.send(new Ec2.CancelImportTaskCommand({ ImportTaskId: begun.ImportTaskId! })), 'IncorrectState');
});

test('an image without a system, and one whose import was broken off, are told as AWS tells them', async () => {
  await put('data.vmdk', simulatedFile('vmdk', disk));
  const Url = `s3://${S3Bucket}/data.vmdk`;
  const none = await imported((await importImage([{ Format: 'VMDK', Url }])).ImportTaskId!);
  assert.deepEqual([none.Status, none.StatusMessage, none.ImageId], ['deleted', 'ClientError: Unknown OS / Missing OS files.', undefined]);
  await put('system.raw', system);
  const from = await begin('system.raw');
  await cloud.cloud.settled();
  const { SnapshotId } = await detail(from.ImportTaskId!);
  const encrypted = await imported((await importImage([{ SnapshotId }], { Encrypted: true })).ImportTaskId!);
  assert.deepEqual([encrypted.Status, encrypted.Encrypted], ['completed', true], encrypted.StatusMessage!);
  // As a crash leaves it: the task goes on, and blocks of another layout are there.
  const plain = await imported((await importImage([{ SnapshotId }])).ImportTaskId);
  const row = (await cloud.cloud.store.read((tx) => imageImports.get(tx, home, 'us-east-1', plain.ImportTaskId!)))!;
  const { ended: _over, ...going } = row;
  await ec2.send(new Ec2.DeregisterImageCommand({ ImageId: row.image, DeleteAssociatedSnapshots: true }));
  await cloud.cloud.settled();
  const bytes = Buffer.alloc(blockBytes, 9);
  await storeBlocks(cloud.cloud, row.snapshotIds[0]!, [{ index: 7, bytes, hash: hashOf(bytes) }]);
  await host.disks.create(`vmie-${row.id}-root`, { bytes: 10 });
  await cloud.cloud.store.write((tx) => imageImports.put(tx, { ...going, state: 'active', message: 'updating' }));
  const again = await imported(row.id);
  assert.equal(again.Status, 'completed', again.StatusMessage!);
  assert.equal(await cloud.cloud.store.read(async (tx) => (await snapshotBlocks.scan(tx, [row.snapshotIds[0]!])).length), 2);
  assert.deepEqual(await workDisks(), []);
  for (const [input, code] of [
    [{ DiskContainers: [] }, 'MissingParameter'],
    [{ DiskContainers: [{ Format: 'ISO', Url }] }, 'InvalidParameter'],
    [{ DiskContainers: [{ SnapshotId: 'snap-00000000000000001' }] }, 'InvalidSnapshot.NotFound'],
    [{ DiskContainers: [{ Format: 'VMDK', Url }], Platform: 'Windows' }, 'NotImplemented'],
    [{ DiskContainers: [{ Format: 'VMDK', Url }], RoleName: 'foreign' }, 'InvalidParameter'],
  ] as const)
    await refused(ec2.send(new Ec2.ImportImageCommand(input as unknown as Ec2.ImportImageCommandInput)), code);
  await refused(
    ec2.send(new Ec2.DescribeImportImageTasksCommand({ ImportTaskIds: ['import-ami-00000000000000001'] })),
    'InvalidConversionTaskId',
  );
});

test('an image is exported into a bucket, in the wanted format', async () => {
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['self'] }));
  const plain = Images!.filter((one) => one.BlockDeviceMappings![0]!.Ebs!.Encrypted !== true && one.BlockDeviceMappings!.length === 1);
  const several = Images!.find((one) => one.BlockDeviceMappings!.length === 2)!;
  const root = (await importImage([{ Format: 'RAW', Url: `s3://${S3Bucket}/system.raw` }])).ImportTaskId!;
  const ImageId = plain[0]?.ImageId ?? (await imported(root)).ImageId!;
  const call = { ImageId, DiskImageFormat: 'VHD' as const, S3ExportLocation: { S3Bucket, S3Prefix: 'out/' } };
  const { ExportImageTaskId, Status } = await ec2.send(new Ec2.ExportImageCommand(call));
  assert.equal(Status, 'active');
  await cloud.cloud.settled();
  const described = () => ec2.send(new Ec2.DescribeExportImageTasksCommand({ ExportImageTaskIds: [ExportImageTaskId!] }));
  const [task] = (await described()).ExportImageTasks!;
  assert.equal(task!.Status, 'completed', task!.StatusMessage!);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: S3Bucket, Key: `out/${ExportImageTaskId!}.vhd`, Range: 'bytes=0-9' }));
  assert.equal(await Body!.transformToString(), `vhd ${simulatedSystem}`);
  assert.deepEqual(await workDisks(), []);
  await refused(ec2.send(new Ec2.CancelExportTaskCommand({ ExportTaskId: ExportImageTaskId! })), 'IncorrectState');
  const elsewhere = await ec2.send(new Ec2.ExportImageCommand({ ...call, S3ExportLocation: { S3Bucket: 'not-there' } }));
  await cloud.cloud.settled();
  const failed = await ec2.send(new Ec2.DescribeExportImageTasksCommand({ ExportImageTaskIds: [elsewhere.ExportImageTaskId!] }));
  assert.equal(failed.ExportImageTasks![0]!.Status, 'deleted');
  assert.match(failed.ExportImageTasks![0]!.StatusMessage!, /^ClientError: /);
  await refused(ec2.send(new Ec2.ExportImageCommand({ ...call, ImageId: several.ImageId! })), 'NotImplemented');
  await refused(ec2.send(new Ec2.ExportImageCommand({ ...call, ImageId: 'ami-00000000000000001' })), 'InvalidAMIID.NotFound');
  await refused(
    ec2.send(new Ec2.CancelExportTaskCommand({ ExportTaskId: 'export-ami-00000000000000001' })),
    'InvalidExportTaskID.NotFound',
  );
  const nobody = await userWith(cloud, 'exporter', { Action: 'ec2:DescribeExportImageTasks' });
  await refused(nobody.send(new Ec2.ExportImageCommand(call)), 'UnauthorizedOperation');
  await refused(nobody.send(new Ec2.ImportImageCommand({ DiskContainers: [] })), 'UnauthorizedOperation');
});
