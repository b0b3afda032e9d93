/** EC2 fleets and placement scores through the SDK, on a simulated machine. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { setSpotPrices } from '../../../framework/spot-faults.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { refused } from '../../../../tests/refused.ts';
import { fleets } from '../fleets/fleet.ts';
import { home, startWithImage, userWith } from './cast.ts';

const host = simulatedHost();
const { cloud, ec2, ImageId } = await startWithImage(host);
let LaunchTemplateId: string;

before(async () => {
  const LaunchTemplateData = {
    ImageId,
    InstanceType: 't3.micro' as const,
    TagSpecifications: [{ ResourceType: 'instance' as const, Tags: [{ Key: 'from', Value: 'template' }] }],
  };
  const made = await ec2.send(new Ec2.CreateLaunchTemplateCommand({ LaunchTemplateName: 'fleet', LaunchTemplateData }));
  LaunchTemplateId = made.LaunchTemplate!.LaunchTemplateId!;
});
after(() => cloud.close());

type Overrides = Ec2.FleetLaunchTemplateOverridesRequest[];
const configs = (Overrides: Overrides = []) => [{ LaunchTemplateSpecification: { LaunchTemplateId, Version: '$Latest' }, Overrides }];

function create(total: number, kind: 'spot' | 'on-demand', more: Partial<Ec2.CreateFleetCommandInput> = {}, overrides?: Overrides) {
  const TargetCapacitySpecification = { TotalTargetCapacity: total, DefaultTargetCapacityType: kind };
  return ec2.send(new Ec2.CreateFleetCommand({ LaunchTemplateConfigs: configs(overrides), TargetCapacitySpecification, ...more }));
}

async function look(id: string): Promise<Ec2.FleetData> {
  return (await ec2.send(new Ec2.DescribeFleetsCommand({ FleetIds: [id] }))).Fleets![0]!;
}

async function members(FleetId: string): Promise<string[]> {
  const { ActiveInstances } = await ec2.send(new Ec2.DescribeFleetInstancesCommand({ FleetId }));
  return ActiveInstances!.map((one) => one.InstanceId!).toSorted();
}

async function instancesOf(ids: readonly string[]): Promise<Ec2.Instance[]> {
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [...ids] }));
  return Reservations!.flatMap(({ Instances }) => Instances!);
}

const remove = async (FleetId: string, TerminateInstances = true) => {
  const answer = await ec2.send(new Ec2.DeleteFleetsCommand({ FleetIds: [FleetId], TerminateInstances }));
  await cloud.cloud.settled();
  return answer;
};
const price = (zone: string, type: string, dollarsPerHour: number) =>
  cloud.cloud.store.write((tx) => setSpotPrices.put(tx, { zone, type, at: cloud.cloud.clock.now(), dollarsPerHour }));
const zone = 'us-east-1a';

test('an instant fleet is there when its call returns: on demand and spot, from its overrides, with tags of both', async () => {
  await price(zone, 't3.small', 0.002);
  await price(zone, 't3.medium', 0.001);
  const overrides: Overrides = [
    { InstanceType: 't3.small', AvailabilityZone: zone },
    { InstanceType: 't3.medium', AvailabilityZone: zone },
  ];
  const TargetCapacitySpecification = { TotalTargetCapacity: 3, OnDemandTargetCapacity: 1, DefaultTargetCapacityType: 'spot' as const };
  const call = {
    ...{ Type: 'instant' as const, LaunchTemplateConfigs: configs(overrides), TargetCapacitySpecification, ClientToken: 'once' },
    TagSpecifications: [
      { ResourceType: 'fleet' as const, Tags: [{ Key: 'name', Value: 'quick' }] },
      { ResourceType: 'instance' as const, Tags: [{ Key: 'role', Value: 'worker' }] },
    ],
  };
  const made = await ec2.send(new Ec2.CreateFleetCommand(call));
  assert.deepEqual(made.Errors, []);
  assert.deepEqual(made.Instances!.map((one) => [one.Lifecycle, one.InstanceType, one.InstanceIds!.length]).toSorted(), [
    ['on-demand', 't3.small', 1],
    ['spot', 't3.medium', 2],
  ]);
  const ids = made.Instances!.flatMap((one) => one.InstanceIds!);
  for (const one of await instancesOf(ids)) {
    const tags = Object.fromEntries(one.Tags!.map(({ Key, Value }) => [Key, Value]));
    assert.deepEqual([tags['role'], tags['from'], tags['aws:ec2:fleet-id']], ['worker', 'template', made.FleetId]);
  }
  const again = await ec2.send(new Ec2.CreateFleetCommand(call));
  assert.equal(again.FleetId, made.FleetId);
  assert.deepEqual(again.Instances!.flatMap((one) => one.InstanceIds!).toSorted(), ids.toSorted());
  await refused(ec2.send(new Ec2.CreateFleetCommand({ ...call, Type: 'request', TagSpecifications: [] })), 'IdempotentParameterMismatch');
  const fleet = await look(made.FleetId!);
  assert.deepEqual([fleet.Type, fleet.FleetState, fleet.FulfilledCapacity, fleet.FulfilledOnDemandCapacity], ['instant', 'active', 3, 1]);
  assert.deepEqual(fleet.Tags, [{ Key: 'name', Value: 'quick' }]);
  const { Fleets } = await ec2.send(new Ec2.DescribeFleetsCommand({}));
  assert.deepEqual(Fleets, [], 'instant ones are shown where they are named');
  await refused(ec2.send(new Ec2.DescribeFleetInstancesCommand({ FleetId: made.FleetId! })), 'UnsupportedOperation');
  const kept = await remove(made.FleetId!, false);
  assert.equal(kept.UnsuccessfulFleetDeletions![0]!.Error!.Code, 'fleetNotInDeletableState');
  await remove(made.FleetId!);
  assert.equal((await look(made.FleetId!)).FleetState, 'deleted');
  assert.ok((await instancesOf(ids)).every((one) => one.State!.Name === 'terminated'));
});

test('what cannot be launched is told, and below its minimum nothing of an instant fleet stays', async () => {
  await price(zone, 'm5.large', 0.05);
  const dear: Overrides = [{ InstanceType: 'm5.large', AvailabilityZone: zone, MaxPrice: '0.01' }];
  const none = await create(2, 'spot', { Type: 'instant' }, dear);
  assert.deepEqual([none.Instances, none.Errors!.map((one) => one.ErrorCode)], [[], ['SpotMaxPriceTooLow']]);
  const SpotOptions = { MaxTotalPrice: '0.12', SingleInstanceType: true };
  const some = await create(5, 'spot', { Type: 'instant', SpotOptions }, [{ InstanceType: 'm5.large', AvailabilityZone: zone }]);
  assert.equal(some.Instances![0]!.InstanceIds!.length, 2, 'two of 5 cents are within 12 cents');
  await remove(some.FleetId!);
  const short = await create(5, 'spot', { Type: 'instant', SpotOptions: { ...SpotOptions, MinTargetCapacity: 5 } }, [
    { InstanceType: 'm5.large', AvailabilityZone: zone },
  ]);
  assert.deepEqual(short.Instances, []);
});

test('a fleet that maintains its target replaces what ends, grows and shrinks, and goes with its instances', async () => {
  const made = await create(2, 'on-demand', { Type: 'maintain' });
  const id = made.FleetId!;
  await cloud.cloud.settled();
  const first = await members(id);
  assert.equal(first.length, 2);
  assert.deepEqual([(await look(id)).FleetState, (await look(id)).ActivityStatus], ['active', 'fulfilled']);
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [first[0]!] }));
  await cloud.cloud.settled();
  const second = await members(id);
  assert.equal(second.length, 2);
  assert.ok(second.includes(first[1]!) && !second.includes(first[0]!));
  const target = (TotalTargetCapacity: number) =>
    ec2.send(
      new Ec2.ModifyFleetCommand({
        FleetId: id,
        TargetCapacitySpecification: { TotalTargetCapacity, DefaultTargetCapacityType: 'on-demand' },
      }),
    );
  await target(4);
  await cloud.cloud.settled();
  assert.equal((await members(id)).length, 4);
  await target(1);
  await cloud.cloud.settled();
  assert.equal((await members(id)).length, 1);
  const StartTime = new Date(0);
  const { HistoryRecords } = await ec2.send(new Ec2.DescribeFleetHistoryCommand({ FleetId: id, StartTime, EventType: 'instance-change' }));
  const count = (what: string) => HistoryRecords!.filter((one) => one.EventInformation!.EventSubType === what).length;
  assert.deepEqual([count('launched'), count('terminated')], [5, 4]);
  const left = await members(id);
  const { SuccessfulFleetDeletions: deleted } = await remove(id, false);
  assert.deepEqual([deleted![0]!.PreviousFleetState, deleted![0]!.CurrentFleetState], ['active', 'deleted_running']);
  assert.equal((await instancesOf(left))[0]!.State!.Name, 'running');
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: left }));
  await cloud.cloud.settled();
  assert.equal((await look(id)).FleetState, 'deleted');
  await cloud.advance(49 * 3_600_000);
  await refused(look(id), 'InvalidFleetId.NotFound');
});

test('a fleet that requests launches its target once, of weighted types over several pools', async () => {
  const overrides: Overrides = ['t3.large', 't3.xlarge'].map((type, at) => ({
    ...{ InstanceType: type as Ec2._InstanceType, AvailabilityZone: 'us-east-1b', WeightedCapacity: at + 1 },
  }));
  for (const { InstanceType } of overrides) await price('us-east-1b', InstanceType!, 0.01);
  const SpotOptions = { AllocationStrategy: 'diversified' as const };
  const OnDemandOptions = { AllocationStrategy: 'lowestPrice' as Ec2.FleetOnDemandAllocationStrategy };
  const { FleetId } = await create(3, 'spot', { Type: 'request', SpotOptions, OnDemandOptions }, overrides);
  const rules = await look(FleetId!);
  assert.deepEqual([rules.SpotOptions!.AllocationStrategy, rules.OnDemandOptions!.AllocationStrategy], ['diversified', 'lowestPrice']);
  await cloud.cloud.settled();
  const ids = await members(FleetId!);
  assert.deepEqual((await instancesOf(ids)).map((one) => one.InstanceType).toSorted(), ['t3.large', 't3.xlarge']);
  assert.ok((await instancesOf(ids)).every((one) => one.InstanceLifecycle === 'spot'));
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: ids }));
  await cloud.cloud.settled();
  assert.deepEqual(await members(FleetId!), []);
  await refused(
    ec2.send(new Ec2.ModifyFleetCommand({ FleetId: FleetId!, TargetCapacitySpecification: { TotalTargetCapacity: 5 } })),
    'UnsupportedOperation',
  );
});

test('a fleet waits for its time, for a price, and a launch that a crash broke off is made once', async () => {
  const now = cloud.cloud.clock.now();
  const hour = 3_600_000;
  const times = { ValidFrom: new Date(now + hour), ValidUntil: new Date(now + 3 * hour), TerminateInstancesWithExpiration: true };
  const dear = 0.02;
  await price('us-east-1c', 't3.large', dear);
  const { FleetId } = await create(1, 'spot', times, [{ InstanceType: 't3.large', AvailabilityZone: 'us-east-1c', MaxPrice: '0.01' }]);
  await cloud.cloud.settled();
  assert.deepEqual([(await look(FleetId!)).FleetState, await members(FleetId!)], ['submitted', []]);
  await cloud.advance(hour);
  assert.deepEqual([(await look(FleetId!)).ActivityStatus, await members(FleetId!)], ['error', []]);
  await price('us-east-1c', 't3.large', 0.005);
  await cloud.advance(60_000);
  const [only] = await members(FleetId!);
  assert.ok(only);
  // As it is when the launch was made and not yet written down.
  await cloud.cloud.store.write(async (tx) => {
    const row = (await fleets.get(tx, home, 'us-east-1', FleetId!))!;
    const launching = {
      config: 0,
      override: { InstanceType: 't3.large' as const, AvailabilityZone: 'us-east-1c' },
      lifecycle: 'on-demand' as const,
    };
    await fleets.put(tx, {
      ...row,
      launching: { ...launching, token: 'broken-off', count: 1, weight: 1 },
      targets: { ...row.targets, total: 2, onDemand: 1 },
    });
  });
  await cloud.cloud.settled();
  assert.equal((await members(FleetId!)).length, 2);
  await cloud.advance(2 * hour);
  assert.deepEqual(await members(FleetId!), []);
});

test('what is wrong or not built is refused by name', async () => {
  const wrong = (input: Partial<Ec2.CreateFleetCommandInput>, code: string, overrides?: Overrides) =>
    refused(create(1, 'spot', input, overrides), code);
  await wrong({ LaunchTemplateConfigs: [] }, 'MissingParameter');
  await wrong(
    { LaunchTemplateConfigs: [{ LaunchTemplateSpecification: { LaunchTemplateName: 'none', Version: '1' } }] },
    'InvalidLaunchTemplateName.NotFoundException',
  );
  await wrong({ TargetCapacitySpecification: { TotalTargetCapacity: 1, SpotTargetCapacity: 2 } }, 'InvalidParameterValue');
  await wrong({ TargetCapacitySpecification: { TotalTargetCapacity: 1, TargetCapacityUnitType: 'vcpu' } }, 'NotImplemented');
  await wrong({ SpotOptions: { InstanceInterruptionBehavior: 'hibernate' } }, 'NotImplemented');
  await wrong({ SpotOptions: { AllocationStrategy: 'diversified', InstancePoolsToUseCount: 2 } }, 'InvalidParameterCombination');
  await wrong({ SpotOptions: { MinTargetCapacity: 1 } }, 'InvalidParameterCombination');
  await wrong({ ValidUntil: new Date(0) }, 'InvalidParameterValue');
  await wrong({ TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }] }, 'InvalidParameterValue');
  await wrong({}, 'InvalidParameterValue', [{ InstanceType: 'x9.huge' as Ec2._InstanceType }]);
  await wrong({}, 'InvalidSubnetID.NotFound', [{ SubnetId: 'subnet-00000000000000001' }]);
  await refused(look('fleet-1'), 'InvalidFleetId.Malformed');
  const { UnsuccessfulFleetDeletions } = await ec2.send(
    new Ec2.DeleteFleetsCommand({ FleetIds: ['fleet-1', 'fleet-00000000-0000-4000-8000-000000000000'], TerminateInstances: true }),
  );
  assert.deepEqual(
    UnsuccessfulFleetDeletions!.map((one) => one.Error!.Code),
    ['fleetIdMalformed', 'fleetIdDoesNotExist'],
  );
  const nobody = await userWith(cloud, 'nobody', { Action: 'ec2:DescribeFleets' });
  const TargetCapacitySpecification = { TotalTargetCapacity: 1 };
  await refused(
    nobody.send(new Ec2.CreateFleetCommand({ LaunchTemplateConfigs: configs(), TargetCapacitySpecification })),
    'UnauthorizedOperation',
  );
  const half = await userWith(cloud, 'half', { Action: 'ec2:CreateFleet', Resource: '*' });
  const without = await half.send(
    new Ec2.CreateFleetCommand({ Type: 'instant', LaunchTemplateConfigs: configs(), TargetCapacitySpecification }),
  );
  assert.ok(
    without.Errors!.length > 0 && without.Errors!.every((one) => one.ErrorCode === 'UnauthorizedOperation'),
    'who may not run instances gets none',
  );
});

test('placement scores are higher where there is more room', async () => {
  const ask = async (input: Partial<Ec2.GetSpotPlacementScoresCommandInput>) =>
    (
      await ec2.send(
        new Ec2.GetSpotPlacementScoresCommand({ TargetCapacity: 10, InstanceTypes: ['m5.large', 'c5.large', 'r5.large'], ...input }),
      )
    ).SpotPlacementScores!;
  assert.deepEqual(await ask({ RegionNames: ['us-east-1'] }), [{ Region: 'us-east-1', Score: 10 }]);
  const zones = await ask({ RegionNames: ['us-east-1'], SingleAvailabilityZone: true, TargetCapacity: 240 });
  assert.ok(zones.every((one) => one.Score === 5 && /^use1-az\d$/.test(one.AvailabilityZoneId!)));
  assert.deepEqual(await ask({ RegionNames: ['us-east-1'], InstanceTypes: ['m5.large'] }), [{ Region: 'us-east-1', Score: 3 }]);
  assert.equal((await ask({ TargetCapacity: 1_000_000, TargetCapacityUnitType: 'vcpu' }))[0]!.Score, 1);
  assert.equal((await ask({})).length, 10);
  await refused(ask({ TargetCapacity: 0 }), 'InvalidParameterValue');
  await refused(ask({ RegionNames: ['nowhere-1'] }), 'InvalidParameterValue');
});
