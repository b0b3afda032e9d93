/** A zone that is taken down, through the SDK on a simulated machine: what EC2 says and refuses meanwhile, and what comes back. */

import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { changeZone } from '../../../framework/zone-faults.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { ec2Of, startWithImage } from './cast.ts';

const host = simulatedHost();
const zone = 'us-east-1a';
const other = 'us-east-1b';

const started = await startWithImage(host);
let { cloud, ec2 } = started;
const { ImageId } = started;
afterEach(() => change(zone, false));
after(() => cloud.close());

async function change(name: string, down: boolean): Promise<void> {
  await cloud.cloud.store.write((tx) => changeZone(tx, { zone: name, down, destroy: false, now: cloud.cloud.clock.now() }));
  await cloud.cloud.settled();
}

async function launch(AvailabilityZone?: string): Promise<string> {
  const Placement = AvailabilityZone === undefined ? {} : { Placement: { AvailabilityZone } };
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...Placement }),
  );
  await cloud.cloud.settled();
  return Instances![0]!.InstanceId!;
}

async function look(id: string): Promise<Ec2.Instance> {
  return (await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations![0]!.Instances![0]!;
}
const statusOf = async (id: string): Promise<Ec2.InstanceStatus> =>
  (await ec2.send(new Ec2.DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true }))).InstanceStatuses![0]!;
const zoneState = async (): Promise<Ec2.AvailabilityZone> =>
  (await ec2.send(new Ec2.DescribeAvailabilityZonesCommand({ ZoneNames: [zone] }))).AvailabilityZones![0]!;
const isCut = (id: string): boolean =>
  host.networks.wanted.vpcs.flatMap(({ ports }) => ports).some((port) => port.namespace === host.networks.namespaceOf(id) && port.cut);

async function volumeIn(AvailabilityZone: string): Promise<string> {
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone, Size: 1 }));
  await cloud.cloud.settled();
  return VolumeId!;
}

test('a zone that is down says so, and its instances are impaired and cut off; up brings the same machines back', async () => {
  const [id, spared] = [await launch(zone), await launch(other)];
  const machine = await host.machines.look(id);
  await change(zone, true);
  const { State, Messages } = await zoneState();
  assert.equal(State, 'unavailable');
  assert.match(Messages![0]!.Message!, /^us-east-1a has been unavailable since \d{4}-/);
  const { AvailabilityZones } = await ec2.send(
    new Ec2.DescribeAvailabilityZonesCommand({ Filters: [{ Name: 'state', Values: ['available'] }] }),
  );
  assert.ok(AvailabilityZones!.length > 0 && AvailabilityZones!.every(({ ZoneName }) => ZoneName !== zone));
  assert.equal((await look(id)).State!.Name, 'running');
  const { InstanceStatus, SystemStatus, AttachedEbsStatus } = await statusOf(id);
  for (const summary of [InstanceStatus!, SystemStatus!, AttachedEbsStatus!]) {
    assert.equal(summary.Status, 'impaired');
    assert.equal(summary.Details![0]!.Status, 'failed');
    assert.ok(summary.Details![0]!.ImpairedSince);
  }
  const Filters = [{ Name: 'system-status.status', Values: ['impaired'] }];
  const { InstanceStatuses } = await ec2.send(new Ec2.DescribeInstanceStatusCommand({ Filters }));
  assert.deepEqual(
    InstanceStatuses!.map((one) => one.InstanceId),
    [id],
  );
  assert.equal((await statusOf(spared)).SystemStatus!.Status, 'ok');
  assert.deepEqual([isCut(id), isCut(spared)], [true, false]);
  await change(zone, false);
  assert.equal((await zoneState()).State, 'available');
  assert.equal((await statusOf(id)).InstanceStatus!.Status, 'ok');
  assert.equal(isCut(id), false);
  assert.deepEqual(await host.machines.look(id), machine);
});

test('nothing is started or made in it, and what is to be reached there is refused', async () => {
  const id = await launch(zone);
  const stopped = await launch(zone);
  const [free, held] = [await volumeIn(zone), await volumeIn(zone)];
  await ec2.send(new Ec2.AttachVolumeCommand({ InstanceId: id, VolumeId: held, Device: '/dev/sdf' }));
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [stopped] }));
  await cloud.cloud.settled();
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: [zone] }] }));
  await change(zone, true);
  const noRoom = { code: 'InsufficientInstanceCapacity', status: 500 };
  const run = { ImageId, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  await refused(launch(zone), { ...noRoom, message: /sufficient t3\.micro capacity .* \(us-east-1a\).* choosing us-east-1b,/ });
  await refused(ec2.send(new Ec2.RunInstancesCommand({ ...run, SubnetId: Subnets![0]!.SubnetId! })), noRoom);
  await refused(ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [stopped] })), noRoom);
  await refused(volumeIn(zone), { code: 'InsufficientVolumeCapacity', status: 500 });
  const away = { code: 'Unavailable', status: 503 };
  await refused(ec2.send(new Ec2.AttachVolumeCommand({ InstanceId: id, VolumeId: free, Device: '/dev/sdg' })), away);
  await refused(ec2.send(new Ec2.DetachVolumeCommand({ VolumeId: held })), away);
  await refused(ec2.send(new Ec2.ModifyVolumeCommand({ VolumeId: free, Size: 2 })), away);
  await refused(ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId: free })), away);
  await refused(ec2.send(new Ec2.CreateImageCommand({ InstanceId: id, Name: 'of-the-lost', NoReboot: true })), away);
  const { VolumeStatuses } = await ec2.send(new Ec2.DescribeVolumeStatusCommand({ VolumeIds: [held] }));
  assert.equal(VolumeStatuses![0]!.VolumeStatus!.Status, 'impaired');
  const there = await Promise.all([launch(), launch(), launch(), launch()]);
  for (const one of there) assert.notEqual((await look(one)).Placement!.AvailabilityZone, zone, 'who names no zone gets one that is up');
  await change(zone, false);
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [stopped] }));
  await cloud.cloud.settled();
  assert.equal((await look(stopped)).State!.Name, 'running');
});

test('what is asked of its instances waits until it is up, and a NAT gateway that is being made there too', async () => {
  const [stopping, ending] = [await launch(zone), await launch(zone)];
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: [zone] }] }));
  await change(zone, true);
  const wish = { SubnetId: Subnets![0]!.SubnetId!, ConnectivityType: 'private' as const };
  const { NatGateway } = await ec2.send(new Ec2.CreateNatGatewayCommand(wish));
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [stopping] }));
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [ending] }));
  host.machines.end(stopping, { kind: 'reboot' });
  await cloud.cloud.settled();
  const nat = async (): Promise<string> =>
    (await ec2.send(new Ec2.DescribeNatGatewaysCommand({ NatGatewayIds: [NatGateway!.NatGatewayId!] }))).NatGateways![0]!.State!;
  assert.deepEqual(
    [(await look(stopping)).State!.Name, (await look(ending)).State!.Name, await nat()],
    ['stopping', 'shutting-down', 'pending'],
  );
  assert.equal((await host.machines.look(ending))!.state, 'running');
  await change(zone, false);
  assert.deepEqual(
    [(await look(stopping)).State!.Name, (await look(ending)).State!.Name, await nat()],
    ['stopped', 'terminated', 'available'],
  );
});

test('a zone stays down over a restart, with what is in it', async () => {
  const id = await launch(zone);
  await change(zone, true);
  await cloud.close({ keep: true });
  cloud = await startCloud({ host, dataDirectory: cloud.dataDirectory });
  ec2 = ec2Of(cloud);
  assert.equal((await statusOf(id)).SystemStatus!.Status, 'impaired');
  await cloud.cloud.settled();
  assert.equal(isCut(id), true);
});
