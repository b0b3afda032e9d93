/** Block device mappings of RegisterImage, CreateImage and launches: what may be said of snapshots, keys and empty volumes, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import * as Kms from '@aws-sdk/client-kms';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { ec2Of, home } from './cast.ts';

const host = simulatedHost();
const rootDevice = '/dev/xvda';
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let builtIn: string;
let instance: string;
/** Of the instance's root volume, which is not encrypted; and a copy that is. */
let plain: string;
let sealed: string;
let names = 0;

before(async () => {
  cloud = await startCloud({ host });
  ec2 = ec2Of(cloud);
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  builtIn = Images![0]!.ImageId!;
  const [launched] = await launch(builtIn);
  instance = launched!.Attachments![0]!.InstanceId!;
  plain = (await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId: launched!.VolumeId! }))).SnapshotId!;
  await cloud.cloud.settled();
  const copy = { SourceRegion: 'us-east-1', SourceSnapshotId: plain, Encrypted: true };
  sealed = (await ec2.send(new Ec2.CopySnapshotCommand(copy))).SnapshotId!;
  await cloud.cloud.settled();
});
after(() => cloud.close());

/** The volumes of a new instance, in the order of their devices. */
async function launch(ImageId: string, BlockDeviceMappings?: Ec2.BlockDeviceMapping[]): Promise<Ec2.Volume[]> {
  const call = {
    ImageId,
    InstanceType: 't3.micro' as const,
    MinCount: 1,
    MaxCount: 1,
    ...(BlockDeviceMappings && { BlockDeviceMappings }),
  };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(call));
  await cloud.cloud.settled();
  const Filters = [{ Name: 'attachment.instance-id', Values: [Instances![0]!.InstanceId!] }];
  const { Volumes } = await ec2.send(new Ec2.DescribeVolumesCommand({ Filters }));
  return Volumes!.sort((a, b) => (deviceOf(a) < deviceOf(b) ? -1 : 1));
}

const deviceOf = ({ Attachments }: Ec2.Volume): string => Attachments![0]!.Device!;

const register = async (...more: Ec2.BlockDeviceMapping[]): Promise<string> => {
  const BlockDeviceMappings = [{ DeviceName: rootDevice, Ebs: { SnapshotId: plain } }, ...more];
  const call = { Name: `registered-${++names}`, RootDeviceName: rootDevice, BlockDeviceMappings };
  return (await ec2.send(new Ec2.RegisterImageCommand(call))).ImageId!;
};

const mappingsOf = async (id: string): Promise<Ec2.BlockDeviceMapping[]> =>
  (await ec2.send(new Ec2.DescribeImagesCommand({ ImageIds: [id] }))).Images![0]!.BlockDeviceMappings!;

const shown = ({ DeviceName, Ebs }: Ec2.BlockDeviceMapping): unknown[] => [DeviceName, Ebs!.Encrypted, Ebs!.VolumeSize, Ebs!.SnapshotId];

test('a registered image has volumes of snapshots as those are, and empty ones that are encrypted as it says', async () => {
  const image = await register(
    { DeviceName: '/dev/sdb', Ebs: { SnapshotId: sealed, VolumeSize: 20 } },
    { DeviceName: '/dev/sdc', Ebs: { VolumeSize: 2, Encrypted: true } },
    { DeviceName: '/dev/sdd', Ebs: { VolumeSize: 3, Encrypted: false } },
    { DeviceName: '/dev/sde', VirtualName: 'ephemeral0' },
  );
  assert.deepEqual((await mappingsOf(image)).map(shown), [
    [rootDevice, false, 8, plain],
    ['/dev/sdb', true, 20, sealed],
    ['/dev/sdc', true, 2, undefined],
    ['/dev/sdd', false, 3, undefined],
  ]);
  const volumes = await launch(image);
  const { KeyMetadata } = await cloud
    .client(Kms.KMSClient, { credentials: rootOf(home) })
    .send(new Kms.DescribeKeyCommand({ KeyId: 'alias/aws/ebs' }));
  const key = KeyMetadata!.Arn;
  assert.deepEqual(
    volumes.map((one) => [deviceOf(one), one.State, one.KmsKeyId]),
    [
      ['/dev/sdb', 'in-use', key],
      ['/dev/sdc', 'in-use', key],
      ['/dev/sdd', 'in-use', undefined],
      [rootDevice, 'in-use', undefined],
    ],
  );
  assert.ok(host.disks.isEncrypted(volumes[1]!.VolumeId!));
});

test('what a mapping may not say is refused in the words of EC2', async () => {
  for (const Encrypted of [true, false])
    for (const SnapshotId of [plain, sealed])
      await refused(register({ DeviceName: '/dev/sdb', Ebs: { SnapshotId, Encrypted } }), {
        code: 'InvalidBlockDeviceMapping',
        message: 'the encrypted flag cannot be specified since device /dev/sdb has a snapshot specified.',
      });
  await refused(
    register({ DeviceName: '/dev/sdb', Ebs: { VolumeSize: 1, Encrypted: true, KmsKeyId: 'alias/aws/ebs' } }),
    'InvalidParameterCombination',
  );
  await refused(register({ Ebs: { VolumeSize: 1 } }), 'MissingParameter');
  await refused(register({ DeviceName: 'sdb', Ebs: { VolumeSize: 1 } }), 'InvalidParameterValue');
  await refused(register({ DeviceName: rootDevice, Ebs: { VolumeSize: 1 } }), 'InvalidBlockDeviceMapping');
  await refused(register({ DeviceName: '/dev/sdb', Ebs: { SnapshotId: plain, VolumeInitializationRate: 100 } }), 'NotImplemented');
});

test('an image of an instance keeps how its volumes are encrypted, and adds empty ones that are', async () => {
  const image = async (...BlockDeviceMappings: Ec2.BlockDeviceMapping[]): Promise<string> => {
    const call = { InstanceId: instance, Name: `made-${++names}`, NoReboot: true, BlockDeviceMappings };
    const { ImageId } = await ec2.send(new Ec2.CreateImageCommand(call));
    await cloud.cloud.settled();
    return ImageId!;
  };
  await refused(image({ DeviceName: rootDevice, Ebs: { Encrypted: true } }), 'InvalidParameterCombination');
  await refused(image({ DeviceName: rootDevice, Ebs: { KmsKeyId: 'alias/aws/ebs' } }), 'InvalidParameterCombination');
  await refused(image({ DeviceName: '/dev/sdb', Ebs: { SnapshotId: plain, Encrypted: true } }), 'InvalidBlockDeviceMapping');
  const made = await image(
    { DeviceName: rootDevice, Ebs: { Encrypted: false, VolumeSize: 9 } },
    { DeviceName: '/dev/sdb', Ebs: { VolumeSize: 1, Encrypted: true } },
  );
  assert.deepEqual(
    (await mappingsOf(made)).map(({ DeviceName, Ebs }) => [DeviceName, Ebs!.Encrypted, Ebs!.VolumeSize]),
    [
      [rootDevice, false, 9],
      ['/dev/sdb', true, 1],
    ],
  );
  const volumes = await launch(made, [{ DeviceName: '/dev/sdb', Ebs: { VolumeSize: 2 } }]);
  assert.deepEqual(
    volumes.map((one) => [deviceOf(one), one.Encrypted, one.Size]),
    [
      ['/dev/sdb', true, 2],
      [rootDevice, false, 9],
    ],
  );
});

test('a launch gives a device of the image another snapshot, but the root', async () => {
  const image = await register({ DeviceName: '/dev/sdb', Ebs: { SnapshotId: plain, VolumeType: 'gp3', DeleteOnTermination: false } });
  await refused(launch(image, [{ DeviceName: rootDevice, Ebs: { SnapshotId: sealed } }]), {
    code: 'InvalidBlockDeviceMapping',
    message: 'snapshotId cannot be modified on root device',
  });
  const [second] = await launch(image, [{ DeviceName: '/dev/sdb', Ebs: { SnapshotId: sealed } }]);
  assert.deepEqual(
    [second!.SnapshotId, second!.Encrypted, second!.VolumeType, second!.Size, second!.Attachments![0]!.DeleteOnTermination],
    [sealed, true, 'gp3', 8, false],
  );
});
