/** Volumes and their snapshots through the SDK, on simulated disks. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { blockContents } from '../../../framework/ebs-snapshots/snapshot.ts';
import { abroad, ec2Of, home, userWith } from './cast.ts';

const host = simulatedHost();
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let instance: string;
const AvailabilityZone = 'us-east-1a';
const blockBytes = 524_288;

before(async () => {
  cloud = await startCloud({ host });
  ec2 = ec2Of(cloud);
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({
      ImageId: Images![0]!.ImageId!,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      Placement: { AvailabilityZone },
    }),
  );
  instance = Instances![0]!.InstanceId!;
  await cloud.cloud.settled();
});
after(() => cloud.close());

async function make(input: Partial<Ec2.CreateVolumeCommandInput> = {}): Promise<string> {
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone, Size: 1, ...input }));
  await cloud.cloud.settled();
  return VolumeId!;
}

async function look(id: string): Promise<Ec2.Volume> {
  return (await ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes![0]!;
}

test('a volume is made, attached to a running instance, detached and deleted', async () => {
  const VolumeId = await make({ VolumeType: 'gp3', Size: 2 });
  assert.deepEqual(await host.disks.state(VolumeId), { id: VolumeId, bytes: 2 * 1024 ** 3, allocatedBytes: 0 });
  const fresh = await look(VolumeId);
  assert.deepEqual([fresh.State, fresh.Iops, fresh.Throughput], ['available', 3000, 125]);
  const where = { VolumeId, InstanceId: instance, Device: '/dev/sdf' };
  const attached = await ec2.send(new Ec2.AttachVolumeCommand(where));
  assert.equal(attached.State, 'attaching');
  await cloud.cloud.settled();
  assert.equal(host.machines.spec(instance)!.attached.get('/dev/sdf'), VolumeId);
  const used = await look(VolumeId);
  assert.deepEqual([used.State, used.Attachments![0]!.State], ['in-use', 'attached']);
  await refused(ec2.send(new Ec2.AttachVolumeCommand(where)), 'VolumeInUse');
  await refused(ec2.send(new Ec2.DeleteVolumeCommand({ VolumeId })), 'VolumeInUse');
  const detached = await ec2.send(new Ec2.DetachVolumeCommand({ VolumeId }));
  assert.equal(detached.State, 'detaching');
  await cloud.cloud.settled();
  assert.equal(host.machines.spec(instance)!.attached.has('/dev/sdf'), false);
  assert.equal((await look(VolumeId)).State, 'available');
  await refused(ec2.send(new Ec2.DetachVolumeCommand({ VolumeId })), 'IncorrectState');
  await ec2.send(new Ec2.DeleteVolumeCommand({ VolumeId }));
  await cloud.cloud.settled();
  await refused(ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [VolumeId] })), 'InvalidVolume.NotFound');
  assert.equal(await host.disks.state(VolumeId), undefined);
});

test('a volume that is mounted is busy until it is unmounted or detached by force', async () => {
  const VolumeId = await make({ VolumeType: 'gp3', Size: 1 });
  const where = { VolumeId, InstanceId: instance, Device: '/dev/sdm' };
  for (const Force of [false, true]) {
    await ec2.send(new Ec2.AttachVolumeCommand(where));
    await cloud.cloud.settled();
    host.machines.mounted(instance).add('/dev/sdm');
    await ec2.send(new Ec2.DetachVolumeCommand({ VolumeId }));
    await cloud.cloud.settled();
    const seen = await look(VolumeId);
    assert.deepEqual([seen.State, seen.Attachments![0]!.State], ['in-use', 'busy']);
    if (!Force) host.machines.mounted(instance).clear();
    await ec2.send(new Ec2.DetachVolumeCommand({ VolumeId, Force }));
    await cloud.cloud.settled();
    assert.equal((await look(VolumeId)).State, 'available');
    assert.equal(host.machines.spec(instance)!.attached.has('/dev/sdm'), false);
  }
  await ec2.send(new Ec2.DeleteVolumeCommand({ VolumeId }));
});

test('sizes and speeds that a type does not have are refused', async () => {
  const cases: [Partial<Ec2.CreateVolumeCommandInput>, string][] = [
    [{ VolumeType: 'st1', Size: 10 }, 'InvalidParameterValue'],
    [{ VolumeType: 'gp2', Iops: 100 }, 'InvalidParameterCombination'],
    [{ VolumeType: 'io1', Size: 4 }, 'MissingParameter'],
    [{ VolumeType: 'io1', Size: 4, Iops: 1000 }, 'InvalidParameterValue'],
    [{ VolumeType: 'gp3', Throughput: 10 }, 'InvalidParameterValue'],
    [{ VolumeType: 'x1' as never }, 'InvalidParameterValue'],
    [{ AvailabilityZone: 'us-east-1z' }, 'InvalidZone.NotFound'],
    [{ MultiAttachEnabled: true }, 'InvalidParameterValue'],
    [{ KmsKeyId: 'alias/x' }, 'InvalidParameterDependency'],
    [{ SnapshotId: 'snap-00000000000000000' }, 'InvalidSnapshot.NotFound'],
  ];
  for (const [input, code] of cases) await refused(make(input), code);
  const other = await make({ AvailabilityZone: 'us-east-1b' });
  await refused(
    ec2.send(new Ec2.AttachVolumeCommand({ VolumeId: other, InstanceId: instance, Device: '/dev/sdf' })),
    'InvalidVolume.ZoneMismatch',
  );
  const here = await make();
  await refused(
    ec2.send(new Ec2.AttachVolumeCommand({ VolumeId: here, InstanceId: instance, Device: '/etc/passwd' })),
    'InvalidParameterValue',
  );
  await refused(
    ec2.send(new Ec2.AttachVolumeCommand({ VolumeId: here, InstanceId: instance, Device: '/dev/xvda' })),
    'InvalidParameterValue',
  );
});

test('a volume grows, once in six hours, and a token makes it once', async () => {
  const ClientToken = 'the-same';
  const VolumeId = await make({ ClientToken });
  assert.equal(await make({ ClientToken }), VolumeId);
  const { VolumeModification } = await ec2.send(new Ec2.ModifyVolumeCommand({ VolumeId, Size: 3, VolumeType: 'gp3' }));
  assert.deepEqual([VolumeModification!.OriginalSize, VolumeModification!.TargetSize, VolumeModification!.TargetVolumeType], [1, 3, 'gp3']);
  await cloud.cloud.settled();
  assert.equal((await host.disks.state(VolumeId))!.bytes, 3 * 1024 ** 3);
  const { VolumesModifications } = await ec2.send(new Ec2.DescribeVolumesModificationsCommand({ VolumeIds: [VolumeId] }));
  assert.equal(VolumesModifications![0]!.ModificationState, 'optimizing');
  await refused(ec2.send(new Ec2.ModifyVolumeCommand({ VolumeId, Size: 4 })), 'IncorrectModificationState');
  await cloud.advance(70_000);
  const change = async () =>
    (await ec2.send(new Ec2.DescribeVolumesModificationsCommand({ Filters: [{ Name: 'volume-id', Values: [VolumeId] }] })))
      .VolumesModifications![0]!;
  assert.ok((await change()).Progress! > 50);
  await cloud.advance(60_000);
  assert.deepEqual([(await change()).ModificationState, (await change()).Progress], ['completed', 100]);
  await refused(ec2.send(new Ec2.ModifyVolumeCommand({ VolumeId, Size: 4 })), 'VolumeModificationRateExceeded');
  await cloud.advance(6 * 3_600_000);
  await refused(ec2.send(new Ec2.ModifyVolumeCommand({ VolumeId, Size: 2 })), 'InvalidParameterValue');
  const { VolumeStatuses } = await ec2.send(new Ec2.DescribeVolumeStatusCommand({ VolumeIds: [VolumeId] }));
  assert.equal(VolumeStatuses![0]!.VolumeStatus!.Status, 'ok');
});

test('a volume is held to the speed of its type, and to the new one at once', async () => {
  const VolumeId = await make({ VolumeType: 'gp3', Iops: 3000, Throughput: 125 });
  const where = { VolumeId, InstanceId: instance, Device: '/dev/sdh' };
  await ec2.send(new Ec2.AttachVolumeCommand(where));
  await cloud.cloud.settled();
  assert.deepEqual(host.disks.speed(VolumeId), { operationsPerSecond: 3000, bytesPerSecond: 125 * 1024 ** 2 });
  await ec2.send(new Ec2.ModifyVolumeCommand({ VolumeId, Size: 10, Iops: 4000, Throughput: 500 }));
  await cloud.cloud.settled();
  assert.deepEqual(host.disks.speed(VolumeId), { operationsPerSecond: 4000, bytesPerSecond: 500 * 1024 ** 2 });
  assert.ok(host.machines.grownDisks(instance).has(VolumeId), 'its machine was not shown that it has grown');
  await ec2.send(new Ec2.DetachVolumeCommand({ VolumeId }));
  await cloud.cloud.settled();
});

test('an io2 volume is attached to several instances, another is not', async () => {
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({
      ...{ ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, Placement: { AvailabilityZone } },
    }),
  );
  await cloud.cloud.settled();
  const second = Instances![0]!.InstanceId!;
  const VolumeId = await make({ VolumeType: 'io2', Size: 4, Iops: 100 });
  await ec2.send(new Ec2.ModifyVolumeCommand({ VolumeId, MultiAttachEnabled: true }));
  await cloud.cloud.settled();
  for (const InstanceId of [instance, second]) await ec2.send(new Ec2.AttachVolumeCommand({ VolumeId, InstanceId, Device: '/dev/sdm' }));
  await refused(ec2.send(new Ec2.AttachVolumeCommand({ VolumeId, InstanceId: second, Device: '/dev/sdn' })), 'VolumeInUse');
  await cloud.cloud.settled();
  for (const id of [instance, second]) assert.equal(host.machines.spec(id)!.attached.get('/dev/sdm'), VolumeId);
  const shown = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [second] }));
  assert.ok(shown.Reservations![0]!.Instances![0]!.BlockDeviceMappings!.some((one) => one.Ebs!.VolumeId === VolumeId));
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [second] }));
  await cloud.cloud.settled();
  const left = await look(VolumeId);
  assert.deepEqual(
    left.Attachments!.map((one) => [one.InstanceId, one.State]),
    [[instance, 'attached']],
  );
  await refused(ec2.send(new Ec2.ModifyVolumeCommand({ VolumeId: await make(), MultiAttachEnabled: true })), 'InvalidParameterValue');
  await ec2.send(new Ec2.DetachVolumeCommand({ VolumeId }));
  await cloud.cloud.settled();
});

test('attributes of volumes are kept, and input and output are there', async () => {
  const VolumeId = await make();
  const attribute = async () =>
    (await ec2.send(new Ec2.DescribeVolumeAttributeCommand({ VolumeId, Attribute: 'autoEnableIO' }))).AutoEnableIO;
  assert.deepEqual(await attribute(), { Value: false });
  await ec2.send(new Ec2.ModifyVolumeAttributeCommand({ VolumeId, AutoEnableIO: { Value: true } }));
  assert.deepEqual(await attribute(), { Value: true });
  await ec2.send(new Ec2.EnableVolumeIOCommand({ VolumeId }));
  await refused(ec2.send(new Ec2.EnableVolumeIOCommand({ VolumeId: 'vol-00000000000000000' })), 'InvalidVolume.NotFound');
});

test('a snapshot holds what the volume held; the next one stores only what has changed; a restored volume is the same', async () => {
  const VolumeId = await make();
  for (let at = 0; at < 8; at++) await host.disks.write(VolumeId, at * blockBytes, Buffer.alloc(4096, at + 1));
  const before_ = await contents();
  const first = await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId, Description: 'first' }));
  assert.equal(first.State, 'pending');
  // It is cut when the call returns: what is written from now on is not in it.
  await host.disks.write(VolumeId, 0, Buffer.from('later'));
  await cloud.cloud.settled();
  assert.equal((await contents()) - before_, 8);
  const second = await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId }));
  await cloud.cloud.settled();
  assert.equal((await contents()) - before_, 9);
  const { Snapshots } = await ec2.send(
    new Ec2.DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [{ Name: 'volume-id', Values: [VolumeId] }] }),
  );
  assert.deepEqual(
    Snapshots!.map((one) => [one.State, one.Progress, one.VolumeSize]),
    Array.from({ length: 2 }, () => ['completed', '100%', 1]),
  );

  const restored = await make({ SnapshotId: first.SnapshotId!, Size: 2 });
  assert.deepEqual(await host.disks.read(restored, 0, 5), Buffer.alloc(5, 1));
  assert.deepEqual(await host.disks.read(restored, 7 * blockBytes, 5), Buffer.alloc(5, 8));
  assert.equal((await host.disks.state(restored))!.bytes, 2 * 1024 ** 3);
  await refused(make({ SnapshotId: first.SnapshotId!, Size: 0 }), 'InvalidParameterValue');

  const seoul = ec2Of(cloud, home, 'ap-northeast-2');
  const copy = await seoul.send(new Ec2.CopySnapshotCommand({ SourceRegion: 'us-east-1', SourceSnapshotId: second.SnapshotId! }));
  await cloud.cloud.settled();
  const copied = await seoul.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [copy.SnapshotId!] }));
  assert.equal(copied.Snapshots![0]!.State, 'completed');
  assert.equal((await contents()) - before_, 9);
  for (const id of [first.SnapshotId!, second.SnapshotId!]) await ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId: id }));
  await cloud.cloud.settled();
  assert.equal((await contents()) - before_, 8);
  await seoul.send(new Ec2.DeleteSnapshotCommand({ SnapshotId: copy.SnapshotId! }));
  await cloud.cloud.settled();
  assert.equal(await contents(), before_);
  assert.deepEqual(
    (await host.disks.ids()).filter((id) => !id.startsWith('vol-')),
    [],
  );
});

async function contents(): Promise<number> {
  return (await cloud.cloud.store.read((tx) => blockContents.scan(tx))).length;
}

test('a snapshot is shared with an account, and with all', async () => {
  const VolumeId = await make();
  const { SnapshotId } = await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId }));
  await cloud.cloud.settled();
  const other = ec2Of(cloud, abroad);
  const asked = { SnapshotIds: [SnapshotId!] };
  await refused(other.send(new Ec2.DescribeSnapshotsCommand(asked)), 'InvalidSnapshot.NotFound');
  const Add = [{ UserId: abroad }];
  await ec2.send(new Ec2.ModifySnapshotAttributeCommand({ SnapshotId: SnapshotId!, CreateVolumePermission: { Add } }));
  const { Snapshots } = await other.send(new Ec2.DescribeSnapshotsCommand(asked));
  assert.equal(Snapshots![0]!.OwnerId, home);
  const told = await ec2.send(new Ec2.DescribeSnapshotAttributeCommand({ SnapshotId: SnapshotId!, Attribute: 'createVolumePermission' }));
  assert.deepEqual(told.CreateVolumePermissions, Add);
  const nobody = await userWith(cloud, 'snapper', { Action: 'ec2:CreateSnapshot', Resource: 'arn:aws:ec2:*:*:snapshot/*' });
  await refused(nobody.send(new Ec2.CreateSnapshotCommand({ VolumeId })), 'UnauthorizedOperation');
});
