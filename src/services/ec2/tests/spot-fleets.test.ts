/** Spot fleets through the SDK, on a simulated machine. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import * as Iam from '@aws-sdk/client-iam';
import { setSpotPrices } from '../../../framework/spot-faults.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { home, startWithImage, userWith } from './cast.ts';

const { cloud, ec2, ImageId } = await startWithImage(simulatedHost());
after(() => cloud.close());
const iam = cloud.client(Iam.IAMClient, { credentials: rootOf(home) });
const zone = 'us-east-1a';
const day = 86_400_000;

async function roleFor(name: string, Service: string, policy?: string): Promise<string> {
  const Statement = [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  const { Role } = await iam.send(new Iam.CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
  if (policy) await iam.send(new Iam.AttachRolePolicyCommand({ RoleName: name, PolicyArn: policy }));
  return Role!.Arn!;
}

const taggingPolicy = 'arn:aws:iam::aws:policy/service-role/AmazonEC2SpotFleetTaggingRole';
let IamFleetRole: string;
before(async () => {
  IamFleetRole = await roleFor('fleet', 'spotfleet.amazonaws.com', taggingPolicy);
});

type Config = Ec2.SpotFleetRequestConfigData;
const specification = (more: Partial<Ec2.SpotFleetLaunchSpecification> = {}): Ec2.SpotFleetLaunchSpecification => ({
  ...{ ImageId, InstanceType: 't3.micro', Placement: { AvailabilityZone: zone } },
  ...more,
});

async function ask(TargetCapacity: number, more: Partial<Config> = {}, client = ec2): Promise<string> {
  const launches = more.LaunchTemplateConfigs ? {} : { LaunchSpecifications: [specification()] };
  const config: Config = { IamFleetRole, TargetCapacity, ...launches, ...more };
  const { SpotFleetRequestId } = await client.send(new Ec2.RequestSpotFleetCommand({ SpotFleetRequestConfig: config }));
  await cloud.cloud.settled();
  return SpotFleetRequestId!;
}

async function look(id: string): Promise<Ec2.SpotFleetRequestConfig> {
  const { SpotFleetRequestConfigs } = await ec2.send(new Ec2.DescribeSpotFleetRequestsCommand({ SpotFleetRequestIds: [id] }));
  return SpotFleetRequestConfigs![0]!;
}
const state = async (id: string) => (await look(id)).SpotFleetRequestState;

async function members(SpotFleetRequestId: string): Promise<Ec2.ActiveInstance[]> {
  const { ActiveInstances } = await ec2.send(new Ec2.DescribeSpotFleetInstancesCommand({ SpotFleetRequestId }));
  return ActiveInstances!;
}
const idsOf = async (id: string): Promise<string[]> => (await members(id)).map((one) => one.InstanceId!);

async function instancesOf(InstanceIds: string[]): Promise<Ec2.Instance[]> {
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds }));
  return Reservations!.flatMap(({ Instances }) => Instances!);
}

async function history(SpotFleetRequestId: string, EventType?: Ec2.EventType): Promise<(string | undefined)[]> {
  const asked = { SpotFleetRequestId, StartTime: new Date(0), ...(EventType && { EventType }) };
  const { HistoryRecords } = await ec2.send(new Ec2.DescribeSpotFleetRequestHistoryCommand(asked));
  return HistoryRecords!.map((one) => one.EventInformation!.EventSubType);
}

async function cancel(id: string, TerminateInstances: boolean): Promise<Ec2.CancelSpotFleetRequestsCommandOutput> {
  const answer = await ec2.send(new Ec2.CancelSpotFleetRequestsCommand({ SpotFleetRequestIds: [id], TerminateInstances }));
  await cloud.cloud.settled();
  return answer;
}

const price = async (type: string, dollarsPerHour: number): Promise<void> => {
  await cloud.cloud.store.write((tx) => setSpotPrices.put(tx, { zone, type, at: cloud.cloud.clock.now(), dollarsPerHour }));
  await cloud.cloud.settled();
};

test('a fleet of launch specifications has its instances, replaces them, grows, shrinks and is cancelled with them', async () => {
  const UserData = Buffer.from('#!/bin/sh\n').toString('base64');
  const tagged = (ResourceType: 'instance' | 'spot-fleet-request', Value: string) => [{ ResourceType, Tags: [{ Key: 'for', Value }] }];
  const LaunchSpecifications = [specification({ UserData, SpotPrice: '0.01', TagSpecifications: tagged('instance', 'work') })];
  const id = await ask(2, { LaunchSpecifications, TagSpecifications: tagged('spot-fleet-request', 'batch'), ClientToken: 'one' });
  assert.match(id, /^sfr-[0-9a-f-]{36}$/);
  assert.equal(await ask(2, { LaunchSpecifications, TagSpecifications: tagged('spot-fleet-request', 'batch'), ClientToken: 'one' }), id);
  const fleet = await look(id);
  assert.deepEqual([fleet.SpotFleetRequestState, fleet.ActivityStatus], ['active', 'fulfilled']);
  assert.deepEqual(fleet.Tags, [{ Key: 'for', Value: 'batch' }]);
  const config = fleet.SpotFleetRequestConfig!;
  assert.deepEqual(
    [config.Type, config.AllocationStrategy, config.TargetCapacity, config.FulfilledCapacity, config.ExcessCapacityTerminationPolicy],
    ['maintain', 'lowestPrice', 2, 2, 'default'],
  );
  assert.deepEqual(config.LaunchSpecifications, LaunchSpecifications);
  const first = await members(id);
  assert.equal(first.length, 2);
  const [one] = await instancesOf([first[0]!.InstanceId!]);
  const tags = Object.fromEntries(one!.Tags!.map(({ Key, Value }) => [Key, Value]));
  assert.deepEqual([one!.InstanceLifecycle, tags['for'], tags['aws:ec2spot:fleet-request-id']], ['spot', 'work', id]);
  assert.equal(one!.SpotInstanceRequestId, first[0]!.SpotInstanceRequestId);
  const attribute = { InstanceId: one!.InstanceId!, Attribute: 'userData' as const };
  assert.equal((await ec2.send(new Ec2.DescribeInstanceAttributeCommand(attribute))).UserData!.Value, UserData);

  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [first[0]!.InstanceId!] }));
  await cloud.cloud.settled();
  const second = await idsOf(id);
  assert.ok(second.length === 2 && !second.includes(first[0]!.InstanceId!));
  for (const TargetCapacity of [4, 1]) {
    await ec2.send(new Ec2.ModifySpotFleetRequestCommand({ SpotFleetRequestId: id, TargetCapacity }));
    await cloud.cloud.settled();
    assert.equal((await idsOf(id)).length, TargetCapacity);
    assert.equal((await look(id)).SpotFleetRequestConfig!.TargetCapacity, TargetCapacity);
  }
  const count = async (what: string) => (await history(id, 'instanceChange')).filter((event) => event === what).length;
  assert.deepEqual([await count('launched'), await count('terminated')], [5, 4]);
  const left = await idsOf(id);
  const { SuccessfulFleetRequests: done } = await cancel(id, true);
  assert.deepEqual([done![0]!.PreviousSpotFleetRequestState, done![0]!.CurrentSpotFleetRequestState], ['active', 'cancelled_terminating']);
  assert.equal(await state(id), 'cancelled');
  assert.ok((await instancesOf(left)).every((row) => row.State!.Name === 'terminated'));
  const changes = await history(id, 'fleetRequestChange');
  assert.deepEqual([changes[0], changes[1], changes.at(-1)], ['submitted', 'active', 'cancelled_terminating']);
  const again = await cancel(id, true);
  assert.equal(again.UnsuccessfulFleetRequests![0]!.Error!.Code, 'fleetRequestNotInCancellableState');
  await cloud.advance(3 * day);
  await refused(look(id), { code: 'InvalidSpotFleetRequestId.NotFound', message: `The spot fleet request ID '${id}' does not exist` });
});

test('a fleet of a launch template asks once, on demand and spot, of weighted types, and its instances may outlive it', async () => {
  const LaunchTemplateData = { ImageId, InstanceType: 't3.small' as const };
  const made = await ec2.send(new Ec2.CreateLaunchTemplateCommand({ LaunchTemplateName: 'spot', LaunchTemplateData }));
  const LaunchTemplateSpecification = { LaunchTemplateId: made.LaunchTemplate!.LaunchTemplateId!, Version: '1' };
  const Overrides = [
    { InstanceType: 't3.small' as const, AvailabilityZone: zone, WeightedCapacity: 1, Priority: 1 },
    { InstanceType: 't3.large' as const, AvailabilityZone: zone, WeightedCapacity: 2, Priority: 2 },
  ];
  await price('t3.small', 0.01);
  await price('t3.large', 0.01);
  const LaunchTemplateConfigs = [{ LaunchTemplateSpecification, Overrides }];
  const AllocationStrategy = 'diversified';
  const id = await ask(4, { Type: 'request', LaunchTemplateConfigs, OnDemandTargetCapacity: 1, AllocationStrategy });
  assert.deepEqual((await look(id)).SpotFleetRequestConfig!.LaunchTemplateConfigs, LaunchTemplateConfigs);
  const rows = await instancesOf(await idsOf(id));
  assert.deepEqual(rows.map((row) => [row.InstanceType, row.InstanceLifecycle ?? 'on-demand']).toSorted(), [
    ['t3.large', 'spot'],
    ['t3.small', 'on-demand'],
    ['t3.small', 'spot'],
  ]);
  await refused(ec2.send(new Ec2.ModifySpotFleetRequestCommand({ SpotFleetRequestId: id, TargetCapacity: 5 })), 'InvalidParameterValue');
  assert.deepEqual((await ec2.send(new Ec2.DescribeFleetsCommand({}))).Fleets, [], 'it is no EC2 fleet');
  await refused(ec2.send(new Ec2.DescribeFleetsCommand({ FleetIds: [id] })), 'InvalidFleetId.Malformed');
  await ec2.send(new Ec2.CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'a', Value: 'b' }] }));
  const { Tags } = await ec2.send(new Ec2.DescribeTagsCommand({ Filters: [{ Name: 'resource-id', Values: [id] }] }));
  assert.deepEqual(
    Tags!.map((tag) => [tag.ResourceType, tag.Key]),
    [['spot-fleet-request', 'a']],
  );
  await cancel(id, false);
  assert.equal(await state(id), 'cancelled_running');
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: rows.map((row) => row.InstanceId!) }));
  await cloud.cloud.settled();
  assert.equal(await state(id), 'cancelled');
});

test('a fleet waits for its price and its time, and ends with its instances when it expires', async () => {
  const now = cloud.cloud.clock.now();
  await price('t3.medium', 0.02);
  const LaunchSpecifications = [specification({ InstanceType: 't3.medium' })];
  const times = { ValidFrom: new Date(now + day), ValidUntil: new Date(now + 3 * day), TerminateInstancesWithExpiration: true };
  const id = await ask(1, { LaunchSpecifications, SpotPrice: '0.01', ...times });
  assert.deepEqual([await state(id), await idsOf(id)], ['submitted', []]);
  await cloud.advance(day);
  assert.deepEqual([(await look(id)).ActivityStatus, await idsOf(id)], ['error', []]);
  await price('t3.medium', 0.005);
  await cloud.advance(60_000);
  assert.equal((await idsOf(id)).length, 1);
  await cloud.advance(2 * day);
  assert.deepEqual([await state(id), await idsOf(id)], ['cancelled', []]);
  assert.ok((await history(id)).includes('expired'));
});

test('a fleet launches and terminates as its role, and says so when the role may not', async () => {
  const weak = await roleFor('weak', 'spotfleet.amazonaws.com');
  const id = await ask(1, { IamFleetRole: weak });
  assert.deepEqual([await idsOf(id), (await history(id, 'error'))[0]], [[], 'iamFleetRoleInvalid']);
  await iam.send(new Iam.AttachRolePolicyCommand({ RoleName: 'weak', PolicyArn: taggingPolicy }));
  await cloud.advance(60_000);
  const [only] = await idsOf(id);
  assert.ok(only);
  await iam.send(new Iam.DetachRolePolicyCommand({ RoleName: 'weak', PolicyArn: taggingPolicy }));
  await cancel(id, true);
  assert.deepEqual([await state(id), (await instancesOf([only]))[0]!.State!.Name], ['cancelled_terminating', 'running']);
  await iam.send(new Iam.DeleteRoleCommand({ RoleName: 'weak' }));
  const other = await ask(1);
  assert.equal((await idsOf(other)).length, 1, 'the other fleets are looked after');
  await cancel(other, true);
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [only] }));
  await cloud.advance(60_000);
  assert.equal((await instancesOf([only]))[0]!.State!.Name, 'terminated');
});

test('what is wrong or not built is refused by name', async () => {
  const wrong = (more: Partial<Config>, code: string) => refused(ask(1, more), code);
  const invalid = (member: string) => ({
    code: 'InvalidSpotFleetRequestConfig',
    message: `Parameter: SpotFleetRequestConfig.${member} is invalid.`,
  });
  const stranger = await roleFor('stranger', 'ec2.amazonaws.com');
  for (const role of ['fleet', `arn:aws:iam::${home}:role/nobody`, stranger])
    await refused(ask(1, { IamFleetRole: role }), invalid('IamFleetRole'));
  await refused(ask(-1), invalid('TargetCapacity'));
  await refused(ask(0, { Type: 'request' }), invalid('TargetCapacity'));
  await refused(ask(1, { OnDemandTargetCapacity: 2 }), invalid('OnDemandTargetCapacity'));
  await refused(ask(1, { Type: 'instant' }), invalid('Type'));
  await refused(ask(1, { LaunchSpecifications: [] }), invalid('LaunchSpecifications'));
  await refused(ask(1, { LaunchSpecifications: [{ InstanceType: 't3.micro' }] }), invalid('LaunchSpecifications.ImageId'));
  await wrong({ LaunchSpecifications: [specification({ InstanceType: 'x9.huge' as never })] }, 'InvalidParameterValue');
  await wrong({ LaunchSpecifications: [specification({ SubnetId: 'subnet-00000000000000001' })] }, 'InvalidSubnetID.NotFound');
  await wrong({ LaunchSpecifications: [specification({ SpotPrice: 'cheap' })] }, 'InvalidParameterValue');
  await wrong({ InstanceInterruptionBehavior: 'stop' }, 'NotImplemented');
  await wrong({ ReplaceUnhealthyInstances: true }, 'NotImplemented');
  await wrong({ LaunchSpecifications: [specification({ KernelId: 'aki-1' })] }, 'NotImplemented');
  await wrong({ ValidUntil: new Date(0) }, 'InvalidParameterValue');
  await refused(look('sfr-1'), 'InvalidSpotFleetRequestId.Malformed');
  const nowhere = 'sfr-00000000-0000-4000-8000-000000000000';
  const { UnsuccessfulFleetRequests } = await ec2.send(
    new Ec2.CancelSpotFleetRequestsCommand({ SpotFleetRequestIds: ['sfr-1', nowhere], TerminateInstances: true }),
  );
  assert.deepEqual(
    UnsuccessfulFleetRequests!.map((one) => one.Error!.Code),
    ['fleetRequestIdMalformed', 'fleetRequestIdDoesNotExist'],
  );
  const half = await userWith(cloud, 'half', { Action: 'ec2:RequestSpotFleet' });
  await refused(ask(1, {}, half), 'UnauthorizedOperation');
});
