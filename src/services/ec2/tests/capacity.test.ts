/** Capacity reservations, dedicated instances and dedicated hosts, through the SDK. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { refused } from '../../../../tests/refused.ts';
import { home, startWithImage, userWith } from './cast.ts';

const { cloud, ec2, ImageId } = await startWithImage();
after(() => cloud.close());

const AvailabilityZone = 'us-east-1a';
type RunInput = Partial<Ec2.RunInstancesCommandInput>;

async function launch({ Placement, ...input }: RunInput = {}): Promise<Ec2.Instance[]> {
  const call = {
    ImageId,
    InstanceType: 'm5.large' as const,
    MinCount: 1,
    MaxCount: 1,
    Placement: { AvailabilityZone, ...Placement },
    ...input,
  };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(call));
  await cloud.cloud.settled();
  return Instances!;
}

const idsOf = (rows: Ec2.Instance[]): string[] => rows.map((row) => row.InstanceId!);

async function look(id: string): Promise<Ec2.Instance> {
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations![0]!.Instances![0]!;
}

async function stop(...InstanceIds: string[]): Promise<void> {
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds }));
  await cloud.cloud.settled();
}

async function start(...InstanceIds: string[]): Promise<void> {
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds }));
  await cloud.cloud.settled();
}

async function end(...InstanceIds: string[]): Promise<void> {
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds }));
  await cloud.cloud.settled();
}

async function reserve(input: Partial<Ec2.CreateCapacityReservationCommandInput> = {}): Promise<Ec2.CapacityReservation> {
  const kind = { InstanceType: 'm5.large', InstancePlatform: 'Linux/UNIX', AvailabilityZone, InstanceCount: 1 } as const;
  return (await ec2.send(new Ec2.CreateCapacityReservationCommand({ ...kind, ...input }))).CapacityReservation!;
}

async function reservation(id: string): Promise<Ec2.CapacityReservation> {
  const found = await ec2.send(new Ec2.DescribeCapacityReservationsCommand({ CapacityReservationIds: [id] }));
  return found.CapacityReservations![0]!;
}

async function unitsOf(usageType: string, id: string): Promise<number> {
  const usage = await cloud.cloud.meter.query(home, 0, cloud.cloud.clock.now() + 3_600_000);
  const mine = usage.filter((one) => one.usageType === usageType && one.resource.endsWith(id));
  return Math.round(mine.reduce((sum, { quantity }) => sum + quantity * 1000, 0)) / 1000;
}

test('an open reservation takes what fits, running instances first, and what is not used is metered', async () => {
  const [early] = idsOf(await launch());
  const made = await reserve({
    InstanceCount: 3,
    TagSpecifications: [{ ResourceType: 'capacity-reservation', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  const id = made.CapacityReservationId!;
  assert.deepEqual(
    [made.State, made.TotalInstanceCount, made.AvailableInstanceCount, made.EndDateType, made.InstanceMatchCriteria, made.Tags],
    ['active', 3, 2, 'unlimited', 'open', [{ Key: 'a', Value: 'b' }]],
  );
  assert.equal(made.CapacityReservationArn, `arn:aws:ec2:us-east-1:${home}:capacity-reservation/${id}`);
  assert.equal((await look(early!)).CapacityReservationId, id);
  const more = await launch({ MinCount: 2, MaxCount: 2, CapacityReservationSpecification: { CapacityReservationPreference: 'none' } });
  assert.ok(more.every((row) => row.CapacityReservationId === undefined));
  const three = await launch({ MinCount: 3, MaxCount: 3 });
  assert.deepEqual(
    three.map((row) => row.CapacityReservationId),
    [id, id, undefined],
  );
  const { InstanceUsages } = await ec2.send(new Ec2.GetCapacityReservationUsageCommand({ CapacityReservationId: id }));
  assert.deepEqual(InstanceUsages, [{ AccountId: home, UsedInstanceCount: 3 }]);
  const only = { CapacityReservationPreference: 'capacity-reservations-only' as const };
  await refused(launch({ CapacityReservationSpecification: only }), {
    code: 'ReservationCapacityExceeded',
    message: 'The requested reservation does not have sufficient compatible and available capacity for this request.',
  });
  await cloud.advance(600_000);
  assert.equal(await unitsOf('UnusedBox:m5.large', id), 0);
  await end(early!, ...idsOf(three), ...idsOf(more));
  assert.equal((await reservation(id)).AvailableInstanceCount, 3);
  await cloud.advance(3_600_000);
  assert.equal(await unitsOf('UnusedBox:m5.large', id), 3 * 3600);
  await ec2.send(new Ec2.CancelCapacityReservationCommand({ CapacityReservationId: id }));
  await cloud.cloud.settled();
  assert.deepEqual([(await reservation(id)).State, (await reservation(id)).AvailableInstanceCount], ['cancelled', 0]);
  await refused(ec2.send(new Ec2.CancelCapacityReservationCommand({ CapacityReservationId: id })), 'IncorrectState');
  await cloud.advance(3_600_000);
  assert.equal(await unitsOf('UnusedBox:m5.large', id), 3 * 3600);
  await refused(reservation(id), 'InvalidCapacityReservationId.NotFound');
});

test('a targeted reservation takes those that name it, also when they are started again', async () => {
  const { CapacityReservationId: id } = await reserve({ InstanceMatchCriteria: 'targeted' });
  const CapacityReservationSpecification = { CapacityReservationTarget: { CapacityReservationId: id } };
  const [elsewhere] = await launch();
  assert.equal(elsewhere!.CapacityReservationId, undefined);
  const [mine] = await launch({ CapacityReservationSpecification });
  assert.equal(mine!.CapacityReservationId, id);
  assert.deepEqual(mine!.CapacityReservationSpecification, CapacityReservationSpecification);
  await refused(launch({ CapacityReservationSpecification }), 'ReservationCapacityExceeded');
  await refused(launch({ CapacityReservationSpecification, InstanceType: 'm5.xlarge' }), 'ReservationCapacityExceeded');
  const InstanceId = mine!.InstanceId!;
  await stop(InstanceId);
  const [other] = idsOf(await launch({ CapacityReservationSpecification }));
  await refused(ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [InstanceId] })), 'ReservationCapacityExceeded');
  await refused(
    ec2.send(new Ec2.ModifyCapacityReservationCommand({ CapacityReservationId: id!, InstanceCount: 0 })),
    'InvalidParameterValue',
  );
  await refused(
    ec2.send(new Ec2.ModifyCapacityReservationCommand({ CapacityReservationId: id!, InstanceMatchCriteria: 'open' })),
    'IncorrectState',
  );
  await ec2.send(new Ec2.ModifyCapacityReservationCommand({ CapacityReservationId: id!, InstanceCount: 2 }));
  await start(InstanceId);
  assert.equal((await look(InstanceId)).CapacityReservationId, id);
  await stop(InstanceId);
  await ec2.send(
    new Ec2.ModifyInstanceCapacityReservationAttributesCommand({
      InstanceId,
      CapacityReservationSpecification: { CapacityReservationPreference: 'none' },
    }),
  );
  await start(InstanceId);
  const free = await look(InstanceId);
  assert.equal(free.CapacityReservationId, undefined);
  assert.deepEqual(free.CapacityReservationSpecification, { CapacityReservationPreference: 'none' });
  await refused(
    ec2.send(
      new Ec2.ModifyInstanceCapacityReservationAttributesCommand({
        InstanceId,
        CapacityReservationSpecification: { CapacityReservationPreference: 'open' },
      }),
    ),
    'IncorrectInstanceState',
  );
  await end(InstanceId, other!, elsewhere!.InstanceId!);
});

test('a reservation ends at its date, and its instances run on', async () => {
  const EndDate = new Date(cloud.cloud.clock.now() + 3_600_000);
  const { CapacityReservationId: id } = await reserve({ EndDateType: 'limited', EndDate });
  const [InstanceId] = idsOf(await launch());
  assert.equal((await look(InstanceId!)).CapacityReservationId, id);
  await cloud.advance(3_600_000);
  assert.equal((await reservation(id!)).State, 'expired');
  assert.deepEqual([(await look(InstanceId!)).State!.Name, (await look(InstanceId!)).CapacityReservationId], ['running', undefined]);
  await end(InstanceId!);
});

test('reserved capacity counts as used, and only within it is a launch beyond the quota allowed', async () => {
  const { CapacityReservationId: id } = await reserve({ InstanceType: 'm5.24xlarge', InstanceCount: 11 });
  const big = { InstanceType: 'm5.24xlarge' as const };
  await refused(
    launch({ ...big, CapacityReservationSpecification: { CapacityReservationPreference: 'none' }, MinCount: 2, MaxCount: 2 }),
    'VcpuLimitExceeded',
  );
  await refused(reserve({ InstanceType: 'm5.24xlarge', InstanceCount: 2 }), 'VcpuLimitExceeded');
  const eleven = await launch({ ...big, MinCount: 11, MaxCount: 13 });
  assert.equal(eleven.filter((row) => row.CapacityReservationId === id).length, 11);
  await end(...idsOf(eleven));
  await ec2.send(new Ec2.CancelCapacityReservationCommand({ CapacityReservationId: id! }));
});

test('wrong reservations are refused', async () => {
  await refused(reserve({ InstanceCount: 0 }), 'InvalidParameterValue');
  await refused(reserve({ InstanceType: 't9.huge' }), 'InvalidParameterValue');
  await refused(reserve({ AvailabilityZone: 'us-east-1z' }), 'InvalidParameterValue');
  await refused(reserve({ EndDateType: 'limited' }), 'InvalidParameterCombination');
  await refused(reserve({ EndDate: new Date(0) }), 'InvalidParameterValue');
  await refused(reserve({ InstancePlatform: 'Windows' }), 'NotImplemented');
  const target = (id: string) => launch({ CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: id } } });
  await refused(target('cr-0123456789abcdef0'), 'InvalidCapacityReservationId.NotFound');
  await refused(target('cr-x'), 'InvalidCapacityReservationId.Malformed');
  const guest = await userWith(cloud, 'guest', { Action: 'ec2:Describe*' });
  const kind = { InstanceType: 'm5.large', InstancePlatform: 'Linux/UNIX', AvailabilityZone, InstanceCount: 1 } as const;
  await refused(guest.send(new Ec2.CreateCapacityReservationCommand(kind)), 'UnauthorizedOperation');
  await refused(guest.send(new Ec2.AllocateHostsCommand({ InstanceType: 'm5.large', AvailabilityZone })), 'UnauthorizedOperation');
});

async function allocate(input: Partial<Ec2.AllocateHostsCommandInput> = {}): Promise<string[]> {
  const { HostIds } = await ec2.send(new Ec2.AllocateHostsCommand({ AvailabilityZone, Quantity: 1, ...input }));
  await cloud.cloud.settled();
  return HostIds!;
}

async function hostOf(id: string): Promise<Ec2.Host> {
  return (await ec2.send(new Ec2.DescribeHostsCommand({ HostIds: [id] }))).Hosts![0]!;
}

test('a dedicated host holds instances of its family, and is released when it is empty', async () => {
  const [id] = await allocate({
    InstanceFamily: 'm5',
    TagSpecifications: [{ ResourceType: 'dedicated-host', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  const empty = await hostOf(id!);
  assert.deepEqual(
    [empty.State, empty.AutoPlacement, empty.AllowsMultipleInstanceTypes, empty.AvailableCapacity!.AvailableVCpus, empty.Tags],
    ['available', 'on', 'on', 96, [{ Key: 'a', Value: 'b' }]],
  );
  assert.deepEqual(empty.HostProperties, { Cores: 48, InstanceFamily: 'm5', Sockets: 2, TotalVCpus: 96 });
  const onHost = { Tenancy: 'host' as const };
  const four = await launch({ Placement: onHost, InstanceType: 'm5.4xlarge', MinCount: 4, MaxCount: 4 });
  assert.ok(
    four.every((row) => row.Placement!.HostId === id && row.Placement!.Tenancy === 'host' && row.Placement!.Affinity === 'default'),
  );
  const full = await hostOf(id!);
  assert.deepEqual([full.Instances!.length, full.AvailableCapacity!.AvailableVCpus], [4, 32]);
  const room = full.AvailableCapacity!.AvailableInstanceCapacity!.find((one) => one.InstanceType === 'm5.4xlarge');
  assert.deepEqual(room, { AvailableCapacity: 2, InstanceType: 'm5.4xlarge', TotalCapacity: 6 });
  assert.equal((await launch({ Placement: onHost, InstanceType: 'm5.4xlarge', MinCount: 1, MaxCount: 5 })).length, 2);
  await refused(launch({ Placement: { ...onHost, HostId: id! } }), {
    code: 'InsufficientCapacityOnHost',
    message: `Dedicated host ${id} has insufficient capacity to launch the instances in this request.`,
  });
  await refused(launch({ Placement: onHost, InstanceType: 'c5.large' }), 'InsufficientCapacityOnHost');
  const occupied = await ec2.send(new Ec2.ReleaseHostsCommand({ HostIds: [id!, 'h-0123456789abcdef0'] }));
  assert.deepEqual(
    occupied.Unsuccessful!.map((one) => [one.ResourceId, one.Error!.Code]),
    [
      [id, 'Client.InvalidHost.Occupied'],
      ['h-0123456789abcdef0', 'Client.InvalidHostID.NotFound'],
    ],
  );
  await cloud.advance(3_600_000);
  assert.equal(await unitsOf('HostUsage:m5', id!), 3600);
  assert.equal(await unitsOf('HostBoxUsage:m5.4xlarge', four[0]!.InstanceId!), 3600);
  await end(...full.Instances!.map((one) => one.InstanceId!), ...(await hostOf(id!)).Instances!.map((one) => one.InstanceId!));
  const released = await ec2.send(new Ec2.ReleaseHostsCommand({ HostIds: [id!] }));
  assert.deepEqual([released.Successful, released.Unsuccessful], [[id], []]);
  assert.equal((await hostOf(id!)).State, 'released');
  await cloud.advance(3_600_001);
  await refused(hostOf(id!), { code: 'InvalidHostID.NotFound', message: `The host ID '${id}' does not exist` });
  assert.equal(await unitsOf('HostUsage:m5', id!), 3600);
});

test('an instance with affinity goes back to its host, and one without it to any', async () => {
  const [first, second] = await allocate({ InstanceType: 'm5.12xlarge', Quantity: 2 });
  const big = { InstanceType: 'm5.12xlarge' as const };
  const [bound] = idsOf(await launch({ ...big, Placement: { Tenancy: 'host', HostId: first!, Affinity: 'host' } }));
  const [other] = idsOf(await launch({ ...big, Placement: { Tenancy: 'host', HostId: first! } }));
  assert.equal((await look(bound!)).Placement!.Affinity, 'host');
  await stop(bound!);
  const [third] = idsOf(await launch({ ...big, Placement: { Tenancy: 'host', HostId: first! } }));
  await refused(ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [bound!] })), 'InsufficientCapacityOnHost');
  await ec2.send(new Ec2.ModifyInstancePlacementCommand({ InstanceId: bound!, HostId: second!, Affinity: 'host' }));
  await start(bound!);
  assert.equal((await look(bound!)).Placement!.HostId, second);
  await refused(ec2.send(new Ec2.ModifyInstancePlacementCommand({ InstanceId: bound!, HostId: first! })), 'IncorrectInstanceState');
  const modify = (input: Partial<Ec2.ModifyHostsCommandInput>) =>
    ec2.send(new Ec2.ModifyHostsCommand({ HostIds: [first!, second!], ...input }));
  assert.deepEqual((await modify({ AutoPlacement: 'off', HostRecovery: 'on' })).Successful, [first, second]);
  assert.deepEqual([(await hostOf(first!)).AutoPlacement, (await hostOf(first!)).HostRecovery], ['off', 'on']);
  await refused(launch({ ...big, Placement: { Tenancy: 'host' } }), 'InsufficientCapacityOnHost');
  assert.equal((await modify({ InstanceType: 'm5.large' })).Unsuccessful!.length, 2);
  assert.equal((await modify({ InstanceFamily: 'm5' })).Successful!.length, 2);
  await end(bound!, other!, third!);
  await ec2.send(new Ec2.ReleaseHostsCommand({ HostIds: [first!, second!] }));
});

test('dedicated instances are metered as such, and tenancies do not mix', async () => {
  const [row] = await launch({ Placement: { Tenancy: 'dedicated' } });
  assert.equal(row!.Placement!.Tenancy, 'dedicated');
  await cloud.advance(60_000);
  assert.equal((await unitsOf('DedicatedUsage:m5.large', row!.InstanceId!)) >= 60, true);
  const from = cloud.cloud.clock.now();
  await cloud.advance(2 * 3_600_000);
  const used = await cloud.cloud.meter.query(home, from - 3_600_000, cloud.cloud.clock.now() + 1);
  const fees = used.filter(({ usageType }) => usageType === 'DedicatedRegionFee');
  assert.ok(fees.length > 0 && fees.every(({ quantity }) => quantity <= 3600), 'one fee, whatever runs');
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.9.0.0/16', InstanceTenancy: 'dedicated' }));
  const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId: Vpc!.VpcId!, CidrBlock: '10.9.0.0/24', AvailabilityZone }));
  const [within] = await launch({ SubnetId: Subnet!.SubnetId! });
  assert.equal(within!.Placement!.Tenancy, 'dedicated');
  await refused(launch({ Placement: { Affinity: 'host' } }), {
    code: 'InvalidParameterCombination',
    message: `The parameter affinity cannot be used without specifying a tenancy of 'host'`,
  });
  await refused(launch({ Placement: { Tenancy: 'mine' as never } }), 'InvalidParameterValue');
  await ec2.send(new Ec2.CreatePlacementGroupCommand({ GroupName: 'near', Strategy: 'partition' }));
  await refused(launch({ Placement: { Tenancy: 'host', GroupName: 'near' } }), 'InvalidParameterCombination');
  await stop(row!.InstanceId!);
  const move = (input: Partial<Ec2.ModifyInstancePlacementCommandInput>) =>
    ec2.send(new Ec2.ModifyInstancePlacementCommand({ InstanceId: row!.InstanceId!, ...input }));
  await move({ GroupName: 'near', PartitionNumber: 2 });
  assert.deepEqual(
    [(await look(row!.InstanceId!)).Placement!.GroupName, (await look(row!.InstanceId!)).Placement!.PartitionNumber],
    ['near', 2],
  );
  await refused(move({ Tenancy: 'host' }), 'InvalidParameterCombination');
  await move({ GroupName: '' });
  await move({ Tenancy: 'host' });
  await refused(move({ Tenancy: 'default' }), 'InvalidRequest');
  await refused(move({}), 'MissingParameter');
  await refused(allocate({ InstanceType: 't2.micro' }), 'InvalidParameterValue');
  await refused(allocate({ InstanceType: 'm5.large', InstanceFamily: 'm5' }), 'InvalidParameterCombination');
  await refused(allocate({}), 'MissingParameter');
  await refused(allocate({ InstanceFamily: 'm5', AvailabilityZoneId: 'use1-az2' }), 'InvalidParameterCombination');
  await refused(allocate({ InstanceFamily: 'm5', Quantity: 0 }), 'InvalidParameterValue');
  const [once] = await allocate({ InstanceFamily: 'm5', ClientToken: 'one' });
  assert.deepEqual(await allocate({ InstanceFamily: 'm5', ClientToken: 'one' }), [once]);
});
