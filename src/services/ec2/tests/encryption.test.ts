/** Encrypted volumes, snapshots and images through the SDKs of EC2, EBS and KMS, on simulated disks. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as Ebs from '@aws-sdk/client-ebs';
import * as Ec2 from '@aws-sdk/client-ec2';
import * as Kms from '@aws-sdk/client-kms';
import { blockContents, snapshotBlocks } from '../../../framework/ebs-snapshots/snapshot.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { abroad, ec2Of, home, userWith } from './cast.ts';

const host = simulatedHost();
const blockBytes = 524_288;
const AvailabilityZone = 'us-east-1a';
const secret = Buffer.from('tell nobody');
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let kms: Kms.KMSClient;
let ebs: Ebs.EBSClient;

before(async () => {
  cloud = await startCloud({ host });
  ec2 = ec2Of(cloud);
  kms = cloud.client(Kms.KMSClient, { credentials: rootOf(home) });
  ebs = cloud.client(Ebs.EBSClient, { credentials: rootOf(home) });
});
after(() => cloud.close());

async function newKey(): Promise<string> {
  return (await kms.send(new Kms.CreateKeyCommand({}))).KeyMetadata!.Arn!;
}

async function make(input: Partial<Ec2.CreateVolumeCommandInput> = {}): Promise<string> {
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone, ...(!input.SnapshotId && { Size: 1 }), ...input }));
  await cloud.cloud.settled();
  return VolumeId!;
}

const look = async (id: string): Promise<Ec2.Volume> => (await ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes![0]!;

async function snap(VolumeId: string): Promise<string> {
  const { SnapshotId } = await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId }));
  await cloud.cloud.settled();
  return SnapshotId!;
}

const lookAt = async (id: string, client = ec2): Promise<Ec2.Snapshot> =>
  (await client.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [id] }))).Snapshots![0]!;

/** What lies in the blob store of a snapshot's blocks. */
async function stored(snapshot: string): Promise<Buffer[]> {
  const { store, blobs } = cloud.cloud;
  const contents = await store.read(async (tx) => {
    const found = [];
    for (const { row } of await snapshotBlocks.scan(tx, [snapshot])) found.push((await blockContents.get(tx, row.hash))!);
    return found;
  });
  return Promise.all(contents.map(({ blob }) => blobs.bytes(blob)));
}

test('a volume is encrypted with the key of EBS or another one, its snapshots and what is made of them too', async () => {
  const KmsKeyId = await newKey();
  const ownKey = await make({ Encrypted: true });
  const VolumeId = await make({ Encrypted: true, KmsKeyId });
  const { KeyMetadata } = await kms.send(new Kms.DescribeKeyCommand({ KeyId: 'alias/aws/ebs' }));
  assert.deepEqual(
    [await look(ownKey), await look(VolumeId)].map((one) => [one.State, one.Encrypted, one.KmsKeyId]),
    [
      ['available', true, KeyMetadata!.Arn],
      ['available', true, KmsKeyId],
    ],
  );
  assert.ok(host.disks.isEncrypted(VolumeId));
  await host.disks.write(VolumeId, 3 * blockBytes, secret);
  host.disks.forgetKeys();
  const first = await snap(VolumeId);
  const second = await snap(VolumeId);
  const shown = await lookAt(first);
  assert.deepEqual([shown.State, shown.Encrypted, shown.KmsKeyId], ['completed', true, KmsKeyId]);
  const [bytes] = await stored(first);
  assert.ok(bytes!.length > blockBytes);
  assert.ok(!bytes!.includes(secret));
  const names = await cloud.cloud.store.read(async (tx) =>
    (await Promise.all([first, second].map((id) => snapshotBlocks.get(tx, id, 3)))).map((block) => block!.hash),
  );
  assert.equal(names[0], names[1], 'the same block of one lineage is stored once');

  const restored = await make({ SnapshotId: first });
  assert.deepEqual([(await look(restored)).Encrypted, (await look(restored)).KmsKeyId], [true, KmsKeyId]);
  assert.deepEqual(await host.disks.read(restored, 3 * blockBytes, secret.length), secret);
  const other = await newKey();
  const anew = await make({ SnapshotId: first, Encrypted: true, KmsKeyId: other });
  assert.equal((await look(anew)).KmsKeyId, other);
  assert.deepEqual(await host.disks.read(anew, 3 * blockBytes, secret.length), secret);
  await refused(make({ SnapshotId: first, Encrypted: false }), 'InvalidParameterValue');
  await refused(make({ Encrypted: true, KmsKeyId: 'alias/none' }), 'InvalidParameterValue');
  const { Volumes } = await ec2.send(
    new Ec2.DescribeVolumesCommand({ VolumeIds: [anew], Filters: [{ Name: 'encrypted', Values: ['true'] }] }),
  );
  assert.equal(Volumes!.length, 1);

  const grants = async () => (await kms.send(new Kms.ListGrantsCommand({ KeyId: other }))).Grants!.length;
  assert.equal(await grants(), 1);
  await ec2.send(new Ec2.DeleteVolumeCommand({ VolumeId: anew }));
  await cloud.cloud.settled();
  assert.equal(await grants(), 0);
});

test('a copy is encrypted for the first time, or anew', async () => {
  const plain = await make();
  await host.disks.write(plain, blockBytes, secret);
  const from = await snap(plain);
  assert.ok((await stored(from))[0]!.includes(secret));
  const KmsKeyId = await newKey();
  const source = { SourceRegion: 'us-east-1', SourceSnapshotId: from };
  const copy = async (input: Partial<Ec2.CopySnapshotCommandInput>, client = ec2): Promise<Ec2.Snapshot> => {
    const { SnapshotId } = await client.send(new Ec2.CopySnapshotCommand({ ...source, ...input }));
    await cloud.cloud.settled();
    return lookAt(SnapshotId!, client);
  };
  assert.equal((await copy({})).Encrypted, false);
  const sealed = await copy({ Encrypted: true, KmsKeyId });
  assert.deepEqual([sealed.State, sealed.Encrypted, sealed.KmsKeyId], ['completed', true, KmsKeyId]);
  assert.ok(!(await stored(sealed.SnapshotId!))[0]!.includes(secret));
  const again = await copy({ SourceSnapshotId: sealed.SnapshotId! });
  assert.notEqual(again.KmsKeyId, KmsKeyId);
  for (const { SnapshotId } of [sealed, again])
    assert.deepEqual(await host.disks.read(await make({ SnapshotId: SnapshotId! }), blockBytes, secret.length), secret);
  assert.equal((await kms.send(new Kms.ListGrantsCommand({ KeyId: KmsKeyId }))).Grants!.length, 1, 'of the volume alone');
  const seoul = await copy({ SourceSnapshotId: sealed.SnapshotId! }, ec2Of(cloud, home, 'ap-northeast-2'));
  assert.match(seoul.KmsKeyId!, /^arn:aws:kms:ap-northeast-2:/);
  await refused(copy({ KmsKeyId }), 'InvalidParameterDependency');
});

test('images are encrypted as they are copied, and copied into other regions though they are encrypted', async () => {
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const run = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  const InstanceId = (await ec2.send(new Ec2.RunInstancesCommand(run))).Instances![0]!.InstanceId!;
  await cloud.cloud.settled();
  const { ImageId: plain } = await ec2.send(new Ec2.CreateImageCommand({ InstanceId, Name: 'to-be-copied', NoReboot: true }));
  await cloud.cloud.settled();
  const copied = async (Name: string, SourceImageId: string, more: Partial<Ec2.CopyImageCommandInput> = {}, client = ec2) => {
    const asked = { Name, SourceImageId, SourceRegion: 'us-east-1', ...more };
    const { ImageId } = await client.send(new Ec2.CopyImageCommand(asked));
    await cloud.cloud.settled();
    const [image] = (await client.send(new Ec2.DescribeImagesCommand({ ImageIds: [ImageId!] }))).Images!;
    const { SnapshotId, Encrypted } = image!.BlockDeviceMappings![0]!.Ebs!;
    assert.deepEqual([image!.State, Encrypted], ['available', true]);
    return { image: image!, snapshot: await lookAt(SnapshotId!, client) };
  };
  const KmsKeyId = await newKey();
  const sealed = await copied('copied-sealed', plain!, { Encrypted: true, KmsKeyId });
  assert.deepEqual([sealed.snapshot.State, sealed.snapshot.KmsKeyId], ['completed', KmsKeyId]);
  assert.equal((await copied('copied-again', sealed.image.ImageId!)).snapshot.KmsKeyId, KmsKeyId);
  const seoul = ec2Of(cloud, home, 'ap-northeast-2');
  const there = await copied('copied-there', sealed.image.ImageId!, {}, seoul);
  assert.match(there.snapshot.KmsKeyId!, /^arn:aws:kms:ap-northeast-2:/);
  const started = await seoul.send(new Ec2.RunInstancesCommand({ ...run, ImageId: there.image.ImageId! }));
  await cloud.cloud.settled();
  const { Reservations } = await seoul.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [started.Instances![0]!.InstanceId!] }));
  assert.equal(Reservations![0]!.Instances![0]!.State!.Name, 'running');
  const wrong = { Name: 'wrong', SourceImageId: sealed.image.ImageId!, SourceRegion: 'us-east-1' };
  await refused(ec2.send(new Ec2.CopyImageCommand({ ...wrong, Encrypted: false })), 'InvalidParameterValue');
});

test('an account encrypts all by default, with a key of its own choice', async () => {
  const KmsKeyId = await newKey();
  const standing = async () => (await ec2.send(new Ec2.GetEbsEncryptionByDefaultCommand({}))).EbsEncryptionByDefault;
  assert.equal(await standing(), false);
  await ec2.send(new Ec2.EnableEbsEncryptionByDefaultCommand({}));
  assert.equal(await standing(), true);
  assert.equal((await ec2.send(new Ec2.GetEbsDefaultKmsKeyIdCommand({}))).KmsKeyId, 'alias/aws/ebs');
  assert.equal((await ec2.send(new Ec2.ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId }))).KmsKeyId, KmsKeyId);
  await refused(ec2.send(new Ec2.ModifyEbsDefaultKmsKeyIdCommand({ KmsKeyId: 'alias/none' })), 'InvalidParameterValue');
  assert.equal((await look(await make())).KmsKeyId, KmsKeyId);

  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const run = { InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, Placement: { AvailabilityZone } };
  const BlockDeviceMappings = [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1 } }];
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ ...run, ImageId: Images![0]!.ImageId!, BlockDeviceMappings }));
  await cloud.cloud.settled();
  const InstanceId = Instances![0]!.InstanceId!;
  const disksOf = async (id: string): Promise<Ec2.Volume[]> =>
    (await ec2.send(new Ec2.DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id] }] }))).Volumes!;
  const disks = await disksOf(InstanceId);
  assert.deepEqual(
    disks.map((one) => [one.State, one.KmsKeyId]),
    Array.from({ length: 2 }, () => ['in-use', KmsKeyId]),
  );

  // A start asks KMS again, and a key that may not be used stops it.
  const stateOf = async (): Promise<string> => {
    await cloud.cloud.settled();
    const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [InstanceId] }));
    return Reservations![0]!.Instances![0]!.State!.Name!;
  };
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [InstanceId] }));
  assert.equal(await stateOf(), 'stopped');
  host.disks.forgetKeys();
  await kms.send(new Kms.DisableKeyCommand({ KeyId: KmsKeyId }));
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [InstanceId] }));
  assert.equal(await stateOf(), 'stopped');
  await kms.send(new Kms.EnableKeyCommand({ KeyId: KmsKeyId }));
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [InstanceId] }));
  assert.equal(await stateOf(), 'running');
  for (const { VolumeId } of disks) await host.disks.read(VolumeId!, 0, 1);

  const { ImageId } = await ec2.send(new Ec2.CreateImageCommand({ InstanceId, Name: 'sealed', NoReboot: true }));
  await cloud.cloud.settled();
  await ec2.send(new Ec2.ResetEbsDefaultKmsKeyIdCommand({}));
  await ec2.send(new Ec2.DisableEbsEncryptionByDefaultCommand({}));
  const launched = await ec2.send(new Ec2.RunInstancesCommand({ ...run, ImageId: ImageId! }));
  await cloud.cloud.settled();
  const copies = await disksOf(launched.Instances![0]!.InstanceId!);
  assert.deepEqual(
    copies.map((one) => [one.State, one.KmsKeyId]),
    Array.from({ length: 2 }, () => ['in-use', KmsKeyId]),
  );
  assert.equal((await look(await make())).Encrypted, false);
});

test('the direct API opens and writes encrypted snapshots for those who may use their key', async () => {
  const KmsKeyId = await newKey();
  const started = await ebs.send(new Ebs.StartSnapshotCommand({ VolumeSize: 1, Encrypted: true, KmsKeyArn: KmsKeyId }));
  assert.deepEqual([started.SseType, started.KmsKeyArn], ['sse-kms', KmsKeyId]);
  const SnapshotId = started.SnapshotId!;
  const BlockData = Buffer.alloc(blockBytes, secret);
  const digest = createHash('sha256').update(BlockData).digest();
  const Checksum = digest.toString('base64');
  const sha256 = { ChecksumAlgorithm: 'SHA256' } as const;
  await ebs.send(new Ebs.PutSnapshotBlockCommand({ SnapshotId, BlockIndex: 4, BlockData, DataLength: blockBytes, Checksum, ...sha256 }));
  const row = await cloud.cloud.store.read((tx) => snapshotBlocks.get(tx, SnapshotId, 4));
  assert.ok(row!.hash !== Checksum && row!.checksum !== Checksum, 'nothing tells what the block is');
  const linear = {
    ...sha256,
    ChecksumAggregationMethod: 'LINEAR',
    Checksum: createHash('sha256').update(digest).digest('base64'),
  } as const;
  await ebs.send(new Ebs.CompleteSnapshotCommand({ SnapshotId, ChangedBlocksCount: 1, ...linear }));
  await cloud.cloud.settled();
  const { Blocks } = await ebs.send(new Ebs.ListSnapshotBlocksCommand({ SnapshotId }));
  const get = { SnapshotId, BlockIndex: 4, BlockToken: Blocks![0]!.BlockToken! };
  const got = await ebs.send(new Ebs.GetSnapshotBlockCommand(get));
  assert.equal(got.Checksum, Checksum);
  assert.ok(Buffer.from(await got.BlockData!.transformToByteArray()).equals(BlockData));
  const child = await ebs.send(new Ebs.StartSnapshotCommand({ VolumeSize: 1, ParentSnapshotId: SnapshotId }));
  assert.equal(child.KmsKeyArn, KmsKeyId);
  await refused(
    ebs.send(new Ebs.StartSnapshotCommand({ VolumeSize: 1, ParentSnapshotId: SnapshotId, Encrypted: true })),
    'ValidationException',
  );
  const volume = await make({ SnapshotId });
  assert.ok((await host.disks.read(volume, 4 * blockBytes, blockBytes)).equals(BlockData));

  const reader = await userWith(cloud, 'reader', { Action: ['ebs:*', 'ec2:*'] });
  const readers = cloud.client(Ebs.EBSClient, { credentials: await reader.config.credentials() });
  await assert.rejects(
    readers.send(new Ebs.GetSnapshotBlockCommand(get)),
    (error) => error instanceof Ebs.AccessDeniedException && error.Reason === 'DEPENDENCY_ACCESS_DENIED',
  );
  await refused(reader.send(new Ec2.CreateVolumeCommand({ AvailabilityZone, SnapshotId })), 'UnauthorizedOperation');
});

test('encrypted snapshots are shared with accounts unless the key is that of EBS, and never with all', async () => {
  const byDefault = await snap(await make({ Encrypted: true }));
  const own = await snap(await make({ Encrypted: true, KmsKeyId: await newKey() }));
  const share = (SnapshotId: string, Add: Ec2.CreateVolumePermission[]) =>
    ec2.send(new Ec2.ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission: { Add } }));
  await refused(share(byDefault, [{ UserId: abroad }]), 'OperationNotPermitted');
  await refused(share(own, [{ Group: 'all' }]), 'OperationNotPermitted');
  await share(own, [{ UserId: abroad }]);
});
