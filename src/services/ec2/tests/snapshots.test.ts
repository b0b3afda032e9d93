/** What can be done with snapshots besides making volumes of them: locks, the archive, fast restores, and public sharing that is blocked. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { refused } from '../../../../tests/refused.ts';
import { fastRestores } from '../snapshots/fast-restores.ts';
import { abroad, ec2Of, startSimulated, userWith } from './cast.ts';

const host = simulatedHost();
const AvailabilityZone = 'us-east-1a';
const hour = 3_600_000;
const day = 24 * hour;

const cloud = await startSimulated(host);
const ec2 = ec2Of(cloud);
after(() => cloud.close());

async function volume(more: Partial<Ec2.CreateVolumeCommandInput> = {}): Promise<string> {
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone, ...(!more.SnapshotId && { Size: 1 }), ...more }));
  await cloud.cloud.settled();
  return VolumeId!;
}

async function snapshot(): Promise<string> {
  const { SnapshotId } = await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId: await volume() }));
  await cloud.cloud.settled();
  return SnapshotId!;
}

const remove = (SnapshotId: string) => ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId }));

test('a lock in governance mode keeps a snapshot until it is taken off or ends', async () => {
  const SnapshotId = await snapshot();
  const locked = await ec2.send(new Ec2.LockSnapshotCommand({ SnapshotId, LockMode: 'governance', LockDuration: 2 }));
  assert.deepEqual([locked.LockState, locked.LockDuration], ['governance', 2]);
  assert.equal(locked.LockExpiresOn!.getTime() - locked.LockCreatedOn!.getTime(), 2 * day);
  await refused(remove(SnapshotId), 'OperationNotPermitted');
  const { Snapshots } = await ec2.send(
    new Ec2.DescribeLockedSnapshotsCommand({ Filters: [{ Name: 'lock-state', Values: ['governance'] }] }),
  );
  assert.deepEqual(
    Snapshots!.map((one) => one.SnapshotId),
    [SnapshotId],
  );
  await ec2.send(new Ec2.UnlockSnapshotCommand({ SnapshotId }));
  await refused(ec2.send(new Ec2.UnlockSnapshotCommand({ SnapshotId })), 'InvalidParameterValue');
  await ec2.send(new Ec2.LockSnapshotCommand({ SnapshotId, LockMode: 'governance', LockDuration: 1 }));
  await cloud.advance(day);
  const ended = await ec2.send(new Ec2.DescribeLockedSnapshotsCommand({ SnapshotIds: [SnapshotId] }));
  assert.equal(ended.Snapshots![0]!.LockState, 'expired');
  await remove(SnapshotId);
});

test('a lock in compliance mode can be taken off while it cools off, and only made longer afterwards', async () => {
  const SnapshotId = await snapshot();
  const lock = (more: Partial<Ec2.LockSnapshotCommandInput>) =>
    ec2.send(new Ec2.LockSnapshotCommand({ SnapshotId, LockMode: 'compliance', LockDuration: 10, ...more }));
  await refused(lock({ LockMode: 'governance', CoolOffPeriod: 1 }), 'InvalidParameterCombination');
  await refused(lock({ CoolOffPeriod: 73 }), 'InvalidParameterValue');
  await refused(lock({ ExpirationDate: new Date() }), 'InvalidParameterCombination');
  assert.equal((await lock({ CoolOffPeriod: 24 })).LockState, 'compliance-cooloff');
  await ec2.send(new Ec2.UnlockSnapshotCommand({ SnapshotId }));
  await lock({ CoolOffPeriod: 24 });
  await cloud.advance(day);
  await refused(ec2.send(new Ec2.UnlockSnapshotCommand({ SnapshotId })), 'OperationNotPermitted');
  await refused(lock({ LockDuration: 5 }), 'OperationNotPermitted');
  await refused(lock({ LockMode: 'governance' }), 'OperationNotPermitted');
  assert.equal((await lock({ LockDuration: 20 })).LockState, 'compliance');
  await refused(remove(SnapshotId), 'OperationNotPermitted');
  await cloud.advance(20 * day);
  await remove(SnapshotId);
});

test('an archived snapshot is used again when it was restored, for some days or for good', async () => {
  const SnapshotId = await snapshot();
  const status = async () => {
    const Filters = [{ Name: 'snapshot-id', Values: [SnapshotId] }];
    const [one] = (await ec2.send(new Ec2.DescribeSnapshotTierStatusCommand({ Filters }))).SnapshotTierStatuses!;
    return [one!.StorageTier, one!.LastTieringOperationStatus, one!.LastTieringProgress];
  };
  const restore = (more: Partial<Ec2.RestoreSnapshotTierCommandInput>) =>
    ec2.send(new Ec2.RestoreSnapshotTierCommand({ SnapshotId, ...more }));
  await refused(restore({ PermanentRestore: true }), 'IncorrectState');
  await ec2.send(new Ec2.ModifySnapshotTierCommand({ SnapshotId, StorageTier: 'archive' }));
  assert.deepEqual(await status(), ['standard', 'archival-in-progress', 0]);
  await refused(ec2.send(new Ec2.ModifySnapshotTierCommand({ SnapshotId })), 'IncorrectState');
  await cloud.advance(day);
  assert.deepEqual(await status(), ['archive', 'archival-completed', 100]);
  const { Snapshots } = await ec2.send(
    new Ec2.DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [{ Name: 'storage-tier', Values: ['archive'] }] }),
  );
  assert.deepEqual(
    Snapshots!.map((one) => [one.SnapshotId, one.StorageTier]),
    [[SnapshotId, 'archive']],
  );
  await refused(volume({ SnapshotId }), 'IncorrectState');
  await refused(restore({}), 'InvalidParameterCombination');
  await refused(restore({ TemporaryRestoreDays: 181 }), 'InvalidParameterValue');
  const begun = await restore({ TemporaryRestoreDays: 2 });
  assert.deepEqual([begun.RestoreDuration, begun.IsPermanentRestore], [2, false]);
  await cloud.advance(12 * hour);
  assert.deepEqual(await status(), ['archive', 'temporary-restore-in-progress', 50]);
  await cloud.advance(12 * hour);
  assert.deepEqual(await status(), ['archive', 'temporary-restore-completed', 100]);
  await volume({ SnapshotId });
  await cloud.advance(2 * day);
  assert.deepEqual(await status(), ['archive', 'archival-completed', 100]);
  await restore({ PermanentRestore: true });
  await cloud.advance(day);
  assert.deepEqual(await status(), ['standard', 'permanent-restore-completed', 100]);
  await volume({ SnapshotId });
});

test('fast restores are enabled zone by zone, on the clock', async () => {
  const SnapshotId = await snapshot();
  const AvailabilityZones = ['us-east-1a', 'us-east-1b'];
  const made = await ec2.send(
    new Ec2.EnableFastSnapshotRestoresCommand({ AvailabilityZones, SourceSnapshotIds: [SnapshotId, 'snap-00000000000000000'] }),
  );
  assert.deepEqual(
    made.Successful!.map((one) => [one.AvailabilityZone, one.State]),
    AvailabilityZones.map((zone) => [zone, 'enabling']),
  );
  assert.equal(made.Unsuccessful![0]!.FastSnapshotRestoreStateErrors![0]!.Error!.Code, 'InvalidSnapshot.NotFound');
  const states = async (): Promise<(string | undefined)[]> => {
    const Filters = [{ Name: 'snapshot-id', Values: [SnapshotId] }];
    const { FastSnapshotRestores } = await ec2.send(new Ec2.DescribeFastSnapshotRestoresCommand({ Filters }));
    return FastSnapshotRestores!.map((one) => one.State);
  };
  await cloud.advance(60_000);
  assert.deepEqual(await states(), ['optimizing', 'optimizing']);
  await cloud.advance(60_000);
  assert.deepEqual(await states(), ['enabled', 'enabled']);
  const off = { AvailabilityZones: ['us-east-1b'], SourceSnapshotIds: [SnapshotId] };
  assert.equal((await ec2.send(new Ec2.DisableFastSnapshotRestoresCommand(off))).Successful!.length, 1);
  assert.equal((await ec2.send(new Ec2.DisableFastSnapshotRestoresCommand(off))).Unsuccessful!.length, 1);
  assert.deepEqual(await states(), ['enabled', 'disabled']);
  await refused(
    ec2.send(new Ec2.EnableFastSnapshotRestoresCommand({ ...off, AvailabilityZones: ['us-east-1z'] })),
    'InvalidParameterValue',
  );
  await remove(SnapshotId);
  assert.deepEqual(await states(), ['disabled', 'disabled']);
});

test('public sharing is blocked for new snapshots, or for all', async () => {
  const SnapshotId = await snapshot();
  const other = ec2Of(cloud, abroad);
  const share = () => ec2.send(new Ec2.ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission: { Add: [{ Group: 'all' }] } }));
  const seen = async () =>
    (await other.send(new Ec2.DescribeSnapshotsCommand({ Filters: [{ Name: 'snapshot-id', Values: [SnapshotId] }] }))).Snapshots!.length;
  const state = async () => (await ec2.send(new Ec2.GetSnapshotBlockPublicAccessStateCommand({}))).State;
  assert.equal(await state(), 'unblocked');
  await share();
  assert.equal(await seen(), 1);
  await ec2.send(new Ec2.EnableSnapshotBlockPublicAccessCommand({ State: 'block-new-sharing' }));
  await refused(share(), 'OperationNotPermitted');
  assert.equal(await seen(), 1);
  await ec2.send(new Ec2.EnableSnapshotBlockPublicAccessCommand({ State: 'block-all-sharing' }));
  assert.equal(await state(), 'block-all-sharing');
  assert.equal(await seen(), 0);
  await refused(other.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] })), 'InvalidSnapshot.NotFound');
  await ec2.send(new Ec2.DisableSnapshotBlockPublicAccessCommand({}));
  assert.equal(await seen(), 1);
});

test('snapshots of all volumes of an instance are begun at once', async () => {
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({
      ...{ ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, Placement: { AvailabilityZone } },
      BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 2 } }],
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'of', Value: 'volume' }] }],
    }),
  );
  const InstanceId = Instances![0]!.InstanceId!;
  await cloud.cloud.settled();
  const take = async (more: Partial<Ec2.InstanceSpecification> = {}) => {
    const InstanceSpecification = { InstanceId, ...more };
    const { Snapshots } = await ec2.send(
      new Ec2.CreateSnapshotsCommand({ InstanceSpecification, CopyTagsFromSource: 'volume', Description: 'together' }),
    );
    return Snapshots!;
  };
  const both = await take();
  assert.equal(both.length, 2);
  assert.deepEqual(both[0]!.Tags, [{ Key: 'of', Value: 'volume' }]);
  await cloud.cloud.settled();
  const { Snapshots } = await ec2.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: both.map((one) => one.SnapshotId!) }));
  assert.deepEqual(
    Snapshots!.map((one) => [one.State, one.Description]),
    both.map(() => ['completed', 'together']),
  );
  const [data] = await take({ ExcludeBootVolume: true });
  assert.equal(data!.VolumeSize, 2);
  await refused(take({ ExcludeDataVolumeIds: ['vol-00000000000000000'] }), 'InvalidParameterValue');
  await refused(take({ ExcludeBootVolume: true, ExcludeDataVolumeIds: [data!.VolumeId!] }), 'InvalidParameterValue');
  const nobody = await userWith(cloud, 'nobody', { Action: 'ec2:CreateSnapshots', Resource: 'arn:aws:ec2:*::snapshot/*' });
  await refused(nobody.send(new Ec2.CreateSnapshotsCommand({ InstanceSpecification: { InstanceId } })), 'UnauthorizedOperation');
});

test('fast restores come in pages, also where a page ends with what was read at once', async () => {
  const region = 'eu-west-1';
  const zones = Array.from({ length: 501 }, (_, at) => `zone-${1000 + at}`);
  await cloud.cloud.store.write(async (tx) => {
    const row = { account: abroad, region, snapshot: 'snap-00000000000000001', owner: abroad, gibibytes: 1, enabled: 0, disabled: 1 };
    for (const zone of zones) await fastRestores.put(tx, { ...row, zone });
  });
  const client = ec2Of(cloud, abroad, region);
  const first = await client.send(new Ec2.DescribeFastSnapshotRestoresCommand({}));
  assert.equal(first.FastSnapshotRestores!.length, 500);
  const { FastSnapshotRestores: rest, NextToken } = await client.send(
    new Ec2.DescribeFastSnapshotRestoresCommand({ NextToken: first.NextToken }),
  );
  assert.deepEqual([rest!.map((one) => one.AvailabilityZone), NextToken], [['zone-1500'], undefined]);
});
