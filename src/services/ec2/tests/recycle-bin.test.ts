/** The recycle bin: what EC2 keeps by retention rules. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import * as Rbin from '@aws-sdk/client-rbin';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf, startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const home = '111122223333';
const host = simulatedHost();
const cloud = await startCloud({ host });
const credentials = rootOf(home);
const ec2 = cloud.client(Ec2.EC2Client, { credentials });
const rbin = cloud.client(Rbin.RbinClient as never, { credentials }) as Rbin.RbinClient;
after(() => cloud.close());

const day = 86_400_000;
type Type = Rbin.ResourceType;
const days = (value: number) => ({ RetentionPeriodValue: value, RetentionPeriodUnit: 'DAYS' as const });
const rule = (ResourceType: string, value: number, more: object = {}) =>
  rbin.send(new Rbin.CreateRuleCommand({ ResourceType: ResourceType as Type, RetentionPeriod: days(value), ...more }));
const drop = (made: Rbin.CreateRuleCommandOutput) => rbin.send(new Rbin.DeleteRuleCommand({ Identifier: made.Identifier! }));

const tagged = (ResourceType: 'snapshot' | 'volume' | 'image', Key: string, Value: string) => ({
  TagSpecifications: [{ ResourceType, Tags: [{ Key, Value }] }],
});
async function volume(more: Partial<Ec2.CreateVolumeCommandInput> = {}): Promise<string> {
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, ...more }));
  await cloud.cloud.settled();
  return VolumeId!;
}
async function snapshot(more: Partial<Ec2.CreateSnapshotCommandInput> = {}): Promise<string> {
  const VolumeId = await volume();
  await host.disks.write(VolumeId, 0, Buffer.from('kept'));
  const { SnapshotId } = await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId, ...more }));
  await cloud.cloud.settled();
  await ec2.send(new Ec2.DeleteVolumeCommand({ VolumeId }));
  return SnapshotId!;
}
const binned = async () => (await ec2.send(new Ec2.ListSnapshotsInRecycleBinCommand({}))).Snapshots!;

test('a deleted snapshot under a rule is listed, restored with its bytes and tags, and goes for good on the clock', async () => {
  const made = await rule('EBS_SNAPSHOT', 2);
  const [kept, gone] = [await snapshot(tagged('snapshot', 'Name', 'kept')), await snapshot()];
  for (const SnapshotId of [kept, gone]) await ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId }));
  await cloud.cloud.settled();
  await refused(ec2.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [kept] })), 'InvalidSnapshot.NotFound');
  await refused(ec2.send(new Ec2.CreateVolumeCommand({ SnapshotId: kept, AvailabilityZone: 'us-east-1a' })), 'InvalidSnapshot.NotFound');
  const inside = await binned();
  assert.deepEqual(inside.map((one) => one.SnapshotId).sort(), [kept, gone].sort());
  assert.equal(inside[0]!.RecycleBinExitTime!.getTime() - inside[0]!.RecycleBinEnterTime!.getTime(), 2 * day);
  // A rule that goes leaves what it has retained.
  await drop(made);
  const restored = await ec2.send(new Ec2.RestoreSnapshotFromRecycleBinCommand({ SnapshotId: kept }));
  assert.deepEqual([restored.SnapshotId, restored.State, restored.VolumeSize], [kept, 'completed', 1]);
  const { Snapshots } = await ec2.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [kept] }));
  assert.deepEqual(Snapshots![0]!.Tags, [{ Key: 'Name', Value: 'kept' }]);
  const VolumeId = await volume({ SnapshotId: kept });
  assert.equal((await host.disks.read(VolumeId, 0, 4)).toString(), 'kept');
  await cloud.advance(2 * day);
  await cloud.cloud.settled();
  assert.deepEqual(await binned(), []);
  await refused(ec2.send(new Ec2.RestoreSnapshotFromRecycleBinCommand({ SnapshotId: gone })), 'InvalidSnapshot.NotFound');
  await ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId: kept }));
  assert.deepEqual(await binned(), []);
});

test('tags decide before the region, the longest period first, and exclusions let go', async () => {
  const ResourceTags = [{ ResourceTagKey: 'keep', ResourceTagValue: 'yes' }];
  const excluding = { ExcludeResourceTags: [{ ResourceTagKey: 'temporary' }] };
  // The SDK is older than exclusions: they are sent as newer clients send them.
  rbin.middlewareStack.add(
    (next) => (given) => {
      const sent = given.request as { path?: string; body?: string };
      const body = sent.path === '/rules' ? (JSON.parse(sent.body ?? '{}') as { Description?: string }) : {};
      if (body.Description === 'region') Object.assign(sent, { body: JSON.stringify({ ...body, ...excluding }) });
      return next(given);
    },
    { step: 'serialize', priority: 'low', name: 'exclusions' },
  );
  const made = [
    await rule('EBS_SNAPSHOT', 30, { Description: 'region' }),
    await rule('EBS_SNAPSHOT', 3, { ResourceTags }),
    await rule('EBS_SNAPSHOT', 5, { ResourceTags: [{ ResourceTagKey: 'keep' }] }),
  ];
  const [both, plain, excluded] = [
    await snapshot(tagged('snapshot', 'keep', 'yes')),
    await snapshot(),
    await snapshot(tagged('snapshot', 'temporary', 'x')),
  ];
  for (const SnapshotId of [both, plain, excluded]) await ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId }));
  const found = new Map(
    (await binned()).map((one) => [one.SnapshotId, (one.RecycleBinExitTime!.getTime() - one.RecycleBinEnterTime!.getTime()) / day]),
  );
  assert.deepEqual([found.get(both), found.get(plain), found.get(excluded)], [5, 30, undefined]);
  const listed = await ec2.send(new Ec2.ListSnapshotsInRecycleBinCommand({ SnapshotIds: [both] }));
  assert.equal(listed.Snapshots!.length, 1);
  await refused(ec2.send(new Ec2.ListSnapshotsInRecycleBinCommand({ SnapshotIds: [excluded] })), 'InvalidSnapshot.NotFound');
  for (const one of made) await drop(one);
});

test('volumes come back with what was written to them, whoever deleted them', async () => {
  const made = await rule('EBS_VOLUME', 7);
  const VolumeId = await volume({ VolumeType: 'gp3', ...tagged('volume', 'Name', 'data') });
  await host.disks.write(VolumeId, 0, Buffer.from('mine'));
  await ec2.send(new Ec2.DeleteVolumeCommand({ VolumeId }));
  await cloud.cloud.settled();
  await refused(ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [VolumeId] })), 'InvalidVolume.NotFound');
  const { Volumes: inside } = await ec2.send(new Ec2.ListVolumesInRecycleBinCommand({}));
  assert.deepEqual(
    inside!.map((one) => [one.VolumeId, one.VolumeType, one.Size, one.State]),
    [[VolumeId, 'gp3', 1, 'available']],
  );
  await ec2.send(new Ec2.RestoreVolumeFromRecycleBinCommand({ VolumeId }));
  await cloud.cloud.settled();
  const { Volumes } = await ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [VolumeId] }));
  assert.deepEqual([Volumes![0]!.State, Volumes![0]!.Tags], ['available', [{ Key: 'Name', Value: 'data' }]]);
  assert.equal((await host.disks.read(VolumeId, 0, 4)).toString(), 'mine');
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const run = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  const InstanceId = (await ec2.send(new Ec2.RunInstancesCommand(run))).Instances![0]!.InstanceId!;
  await cloud.cloud.settled();
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  await cloud.cloud.settled();
  const root = (await ec2.send(new Ec2.ListVolumesInRecycleBinCommand({}))).Volumes![0]!.VolumeId!;
  assert.ok(await host.disks.state(root));
  await drop(made);
  await cloud.advance(7 * day);
  await cloud.cloud.settled();
  assert.deepEqual((await ec2.send(new Ec2.ListVolumesInRecycleBinCommand({}))).Volumes, []);
  assert.equal(await host.disks.state(root), undefined);
  await refused(ec2.send(new Ec2.RestoreVolumeFromRecycleBinCommand({ VolumeId: root })), 'InvalidVolume.NotFound');
});

test('an image comes back when its snapshots are there and its name is free', async () => {
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const run = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  const InstanceId = (await ec2.send(new Ec2.RunInstancesCommand(run))).Instances![0]!.InstanceId!;
  await cloud.cloud.settled();
  const { ImageId } = await ec2.send(new Ec2.CreateImageCommand({ InstanceId, Name: 'mine', NoReboot: true }));
  await cloud.cloud.settled();
  const rules = [await rule('EC2_IMAGE', 3), await rule('EBS_SNAPSHOT', 3)];
  await ec2.send(new Ec2.DeregisterImageCommand({ ImageId: ImageId!, DeleteAssociatedSnapshots: true }));
  const { Images: inside } = await ec2.send(new Ec2.ListImagesInRecycleBinCommand({ ImageIds: [ImageId!] }));
  assert.deepEqual([inside![0]!.Name, inside![0]!.ImageId], ['mine', ImageId]);
  const restore = () => ec2.send(new Ec2.RestoreImageFromRecycleBinCommand({ ImageId: ImageId! }));
  await refused(restore(), 'InvalidSnapshot.NotFound');
  for (const { SnapshotId } of await binned()) if (SnapshotId) await ec2.send(new Ec2.RestoreSnapshotFromRecycleBinCommand({ SnapshotId }));
  await restore();
  const { Images: back } = await ec2.send(new Ec2.DescribeImagesCommand({ ImageIds: [ImageId!] }));
  assert.equal(back![0]!.State, 'available');
  await refused(restore(), 'InvalidAMIID.NotFound');
  for (const one of rules) await drop(one);
});
