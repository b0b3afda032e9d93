/** Images of instances through the SDK, on simulated disks. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
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

test('a running instance is shut down for its image and started again, and mappings say what is in it', async () => {
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone, Size: 3 }));
  const described = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({
      ...{ ImageId: described.Images![0]!.ImageId!, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, Placement: { AvailabilityZone } },
      BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 2 } }],
    }),
  );
  const InstanceId = Instances![0]!.InstanceId!;
  await cloud.cloud.settled();
  await ec2.send(new Ec2.AttachVolumeCommand({ VolumeId: VolumeId!, InstanceId, Device: '/dev/sdg' }));
  await cloud.cloud.settled();
  const processOf = async () => {
    const state = await host.machines.look(InstanceId);
    return state?.state === 'running' ? state.process : assert.fail('it does not run');
  };
  const before = await processOf();
  const create = (more: Partial<Ec2.CreateImageCommandInput>) =>
    ec2.send(new Ec2.CreateImageCommand({ InstanceId, Name: 'rebooted', ...more }));
  const refusedMappings: [Ec2.BlockDeviceMapping, string][] = [
    [{ DeviceName: '/dev/xvda', NoDevice: '' }, 'InvalidParameterValue'],
    [{ DeviceName: '/dev/sdf', Ebs: { SnapshotId: 'snap-00000000000000001' } }, 'InvalidParameterValue'],
    [{ DeviceName: '/dev/sdf', Ebs: { Encrypted: true } }, 'InvalidParameterCombination'],
    [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1 } }, 'InvalidParameterValue'],
    [{ Ebs: { VolumeSize: 1 } }, 'MissingParameter'],
  ];
  for (const [mapping, code] of refusedMappings) await refused(create({ BlockDeviceMappings: [mapping] }), code);
  const { ImageId } = await create({
    BlockDeviceMappings: [
      { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 5, VolumeType: 'gp3', DeleteOnTermination: true } },
      { DeviceName: '/dev/sdg', NoDevice: '' },
      { DeviceName: '/dev/sdh', Ebs: { VolumeSize: 1 } },
    ],
  });
  await cloud.cloud.settled();
  assert.ok((await processOf()) > before, 'it was started again');
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ ImageIds: [ImageId!] }));
  assert.equal(Images![0]!.State, 'available');
  assert.deepEqual(
    Images![0]!.BlockDeviceMappings!.map((one) => [one.DeviceName, one.Ebs!.VolumeSize, one.Ebs!.SnapshotId !== undefined]),
    [
      ['/dev/xvda', 8, true],
      ['/dev/sdf', 5, true],
      ['/dev/sdh', 1, false],
    ],
  );
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [InstanceId] }));
  assert.equal(Reservations![0]!.Instances![0]!.State!.Name, 'running');
  const still = await processOf();
  await create({ Name: 'as-it-runs', NoReboot: true });
  await cloud.cloud.settled();
  assert.equal(await processOf(), still);
  // An instance that is ended at that moment gives its volumes first.
  const last = await create({ Name: 'last' });
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [InstanceId] }));
  await cloud.cloud.settled();
  const { Images: made } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['self'] }));
  assert.deepEqual(
    made!.map(({ State }) => State),
    ['available', 'available', 'available'],
  );
  assert.ok(made!.some((one) => one.ImageId === last.ImageId));
  const [first, ...others] = made!;
  const snapshotsOf = ({ BlockDeviceMappings }: Ec2.Image) => BlockDeviceMappings!.flatMap((one) => one.Ebs?.SnapshotId ?? []);
  const BlockDeviceMappings = [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId: snapshotsOf(first!)[0]! } }];
  const registered = await ec2.send(new Ec2.RegisterImageCommand({ Name: 'shares', RootDeviceName: '/dev/sda1', BlockDeviceMappings }));
  const DeleteAssociatedSnapshots = true;
  const gone = await ec2.send(new Ec2.DeregisterImageCommand({ ImageId: first!.ImageId!, DeleteAssociatedSnapshots }));
  assert.deepEqual(
    gone.DeleteSnapshotResults!.map((one) => [one.SnapshotId, one.ReturnCode]),
    snapshotsOf(first!).map((id, at) => [id, at === 0 ? 'skipped' : 'success']),
  );
  const onlyImages = await userWith(cloud, 'images', { Action: 'ec2:DeregisterImage', Resource: '*' });
  const left = await onlyImages.send(new Ec2.DeregisterImageCommand({ ImageId: registered.ImageId!, DeleteAssociatedSnapshots }));
  assert.deepEqual(
    left.DeleteSnapshotResults!.map((one) => one.ReturnCode),
    ['missing-permissions'],
  );
  for (const one of others) await ec2.send(new Ec2.DeregisterImageCommand({ ImageId: one.ImageId! }));
});

test('a machine has no screen, which is said', async () => {
  await refused(ec2.send(new Ec2.GetConsoleScreenshotCommand({ InstanceId: instance })), 'UnsupportedOperation');
  await refused(ec2.send(new Ec2.GetConsoleScreenshotCommand({ InstanceId: 'i-00000000000000001' })), 'InvalidInstanceID.NotFound');
});

test('an image is made of an instance, copied, shared, registered and launched', async () => {
  const described = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [instance] }));
  const root = described.Reservations![0]!.Instances![0]!.BlockDeviceMappings![0]!.Ebs!.VolumeId!;
  await host.disks.write(root, blockBytes, Buffer.from('installed'));
  await refused(ec2.send(new Ec2.CreateImageCommand({ InstanceId: instance, Name: 'x', NoReboot: true })), 'InvalidAMIName.Malformed');
  const { ImageId } = await ec2.send(new Ec2.CreateImageCommand({ InstanceId: instance, Name: 'mine', NoReboot: true }));
  await refused(ec2.send(new Ec2.CreateImageCommand({ InstanceId: instance, Name: 'mine', NoReboot: true })), 'InvalidAMIName.Duplicate');
  await cloud.cloud.settled();
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['self'] }));
  assert.deepEqual(
    Images!.map((one) => [one.ImageId, one.State, one.SourceInstanceId]),
    [[ImageId, 'available', instance]],
  );

  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({ ImageId: ImageId!, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 }),
  );
  await cloud.cloud.settled();
  const { spec } = host.machines.spec(Instances![0]!.InstanceId!)!;
  assert.equal((await host.disks.read(spec.rootDisk, blockBytes, 9)).toString(), 'installed');
  assert.deepEqual([spec.image, spec.rootIsNew], ['haneul-tiny', undefined]);

  const other = ec2Of(cloud, abroad);
  await refused(other.send(new Ec2.DescribeImagesCommand({ ImageIds: [ImageId!] })), 'InvalidAMIID.NotFound');
  await ec2.send(new Ec2.ModifyImageAttributeCommand({ ImageId: ImageId!, LaunchPermission: { Add: [{ UserId: abroad }] } }));
  const shared = await other.send(new Ec2.DescribeImagesCommand({ ExecutableUsers: ['self'] }));
  assert.deepEqual(
    shared.Images!.map((one) => one.ImageId),
    [ImageId],
  );
  const told = await ec2.send(new Ec2.DescribeImageAttributeCommand({ ImageId: ImageId!, Attribute: 'launchPermission' }));
  assert.deepEqual(told.LaunchPermissions, [{ UserId: abroad }]);

  const west = ec2Of(cloud, home, 'us-west-2');
  const copy = await west.send(new Ec2.CopyImageCommand({ Name: 'copied', SourceImageId: ImageId!, SourceRegion: 'us-east-1' }));
  await cloud.cloud.settled();
  const copied = await west.send(new Ec2.DescribeImagesCommand({ ImageIds: [copy.ImageId!] }));
  assert.deepEqual([copied.Images![0]!.State, copied.Images![0]!.SourceImageId], ['available', ImageId]);

  const SnapshotId = Images![0]!.BlockDeviceMappings![0]!.Ebs!.SnapshotId!;
  await refused(ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId })), 'InvalidSnapshot.InUse');
  const BlockDeviceMappings = [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId } }];
  const registered = await ec2.send(new Ec2.RegisterImageCommand({ Name: 'registered', RootDeviceName: '/dev/sda1', BlockDeviceMappings }));
  assert.match(registered.ImageId!, /^ami-/);
  for (const id of [ImageId!, registered.ImageId!]) await ec2.send(new Ec2.DeregisterImageCommand({ ImageId: id }));
  await ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId }));
  await refused(ec2.send(new Ec2.DescribeImagesCommand({ ImageIds: [ImageId!] })), 'InvalidAMIID.NotFound');
});
