/** Spot instances through the SDK: requests, the market, the notice in the metadata, the interruption, and what comes after it. */

import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { rm } from 'node:fs/promises';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { setSpotPrices, spotReclaims, spotSeeds } from '../../../framework/spot-faults.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { ec2Of, home, startWithImage, userWith } from './cast.ts';

const host = simulatedHost();
const { cloud, ec2, ImageId } = await startWithImage(host);
after(() => cloud.close());

const zone = 'us-east-1a';
type RequestInput = Omit<Ec2.RequestSpotInstancesCommandInput, 'LaunchSpecification'> & { launch?: Ec2.RequestSpotLaunchSpecification };

async function ask({ launch, ...input }: RequestInput = {}): Promise<Ec2.SpotInstanceRequest> {
  const LaunchSpecification = { ImageId, InstanceType: 't3.micro' as const, Placement: { AvailabilityZone: zone }, ...launch };
  const { SpotInstanceRequests } = await ec2.send(new Ec2.RequestSpotInstancesCommand({ ...input, LaunchSpecification }));
  await cloud.cloud.settled();
  return SpotInstanceRequests![0]!;
}

async function request(id: string, client = ec2): Promise<Ec2.SpotInstanceRequest> {
  const { SpotInstanceRequests } = await client.send(new Ec2.DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id] }));
  return SpotInstanceRequests![0]!;
}

async function instance(id: string, client = ec2): Promise<Ec2.Instance> {
  const { Reservations } = await client.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id] }));
  return Reservations![0]!.Instances![0]!;
}

const summary = ({ State, Status }: Ec2.SpotInstanceRequest) => [State, Status!.Code];

async function reclaim(id: string): Promise<void> {
  const at = cloud.cloud.clock.now();
  await cloud.cloud.store.write((tx) => spotReclaims.put(tx, { instance: id, at }));
  await cloud.cloud.settled();
}

/** The price of t3.micro in the zone of the tests; without one it is the market's again. */
async function setPrice(dollarsPerHour?: number, type = 't3.micro'): Promise<void> {
  const row = { zone, type, at: cloud.cloud.clock.now(), ...(dollarsPerHour !== undefined && { dollarsPerHour }) };
  await cloud.cloud.store.write((tx) => setSpotPrices.put(tx, row));
  await cloud.cloud.settled();
}

async function metadata(from: Ec2.Instance, path: string): Promise<{ status: number; body: string }> {
  const at = { vpc: from.VpcId!, address: '169.254.169.254', port: 80 };
  const asked = { rawPath: `/latest/meta-data/${path}`, headers: {}, method: 'GET' };
  const { status, body } = await host.networks.ask(at, from.PrivateIpAddress!, asked);
  return { status, body: body instanceof Readable ? await text(body) : String(body) };
}

/** To a millisecond: hours are summed as fractions. */
const total = (records: readonly { quantity: number }[]): number =>
  Math.round(records.reduce((sum, { quantity }) => sum + quantity * 1000, 0)) / 1000;

const secondsText = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

test('a request is fulfilled, and its instance is taken back with a notice of two minutes', async () => {
  const made = await ask({ TagSpecifications: [{ ResourceType: 'spot-instances-request', Tags: [{ Key: 'for', Value: 'batch' }] }] });
  assert.match(made.SpotInstanceRequestId!, /^sir-/);
  assert.deepEqual(summary(made), ['open', 'pending-evaluation']);
  const id = made.SpotInstanceRequestId!;
  const filled = await request(id);
  assert.deepEqual(summary(filled), ['active', 'fulfilled']);
  assert.deepEqual(
    [filled.Type, filled.SpotPrice, filled.InstanceInterruptionBehavior, filled.LaunchedAvailabilityZone, filled.Tags],
    ['one-time', '0.010400', 'terminate', zone, [{ Key: 'for', Value: 'batch' }]],
  );
  const row = await instance(filled.InstanceId!);
  assert.deepEqual([row.State!.Name, row.InstanceLifecycle, row.SpotInstanceRequestId], ['running', 'spot', id]);
  assert.equal((await metadata(row, 'instance-life-cycle')).body, 'spot');
  for (const path of ['spot/instance-action', 'spot/termination-time', 'events/recommendations/rebalance'])
    assert.equal((await metadata(row, path)).status, 404, path);

  await reclaim(row.InstanceId!);
  const due = secondsText(cloud.cloud.clock.now() + 120_000);
  assert.deepEqual(summary(await request(id)), ['active', 'marked-for-termination']);
  assert.deepEqual(JSON.parse((await metadata(row, 'spot/instance-action')).body), { action: 'terminate', time: due });
  assert.equal((await metadata(row, 'spot/termination-time')).body, due);
  const { noticeTime } = JSON.parse((await metadata(row, 'events/recommendations/rebalance')).body);
  assert.equal(noticeTime, secondsText(cloud.cloud.clock.now()));
  await cloud.advance(119_000);
  assert.equal((await instance(row.InstanceId!)).State!.Name, 'running');
  await cloud.advance(1_000);
  const ended = await instance(row.InstanceId!);
  assert.equal(ended.State!.Name, 'terminated');
  assert.equal(ended.StateReason!.Code, 'Server.SpotInstanceTermination');
  assert.match(ended.StateTransitionReason!, /^Service initiated \(/);
  assert.deepEqual(summary(await request(id)), ['closed', 'instance-terminated-no-capacity']);
  const usage = await cloud.cloud.meter.query(home, 0, cloud.cloud.clock.now() + 3_600_000);
  const seconds = usage.filter((one) => one.usageType === 'SpotUsage:t3.micro' && one.resource.endsWith(row.InstanceId!));
  assert.equal(seconds.length > 0, true);
  assert.equal(total(seconds), 0, 'an interruption in the first hour is free');
  await cloud.advance(4 * 3_600_000);
  await refused(ec2.send(new Ec2.DescribeSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id] })), {
    code: 'InvalidSpotInstanceRequestID.NotFound',
    message: `The spot instance request ID '${id}' does not exist`,
  });
});

test('a price above the maximum interrupts, and a persistent request is open until the price falls', async () => {
  await setPrice(0.004);
  const { SpotInstanceRequestId: id } = await ask({ Type: 'persistent', SpotPrice: '0.005' });
  const first = (await request(id!)).InstanceId!;
  await cloud.advance(2 * 3_600_000);
  await setPrice(0.0047);
  assert.equal((await metadata(await instance(first), 'events/recommendations/rebalance')).status, 200, 'the price comes near');
  assert.equal((await metadata(await instance(first), 'spot/instance-action')).status, 404);
  await setPrice(0.006);
  assert.deepEqual(summary(await request(id!)), ['active', 'marked-for-termination']);
  await cloud.advance(120_000);
  const open = await request(id!);
  assert.equal(open.State, 'open');
  assert.equal(open.InstanceId, undefined);
  assert.deepEqual(
    [open.Status!.Code, open.Status!.Message],
    ['price-too-low', 'Your Spot request price of 0.005 is lower than the minimum required Spot request fulfillment price of 0.006.'],
  );
  assert.equal((await instance(first)).State!.Name, 'terminated');
  const usage = await cloud.cloud.meter.query(home, 0, cloud.cloud.clock.now() + 3_600_000);
  const seconds = usage.filter((one) => one.usageType === 'SpotUsage:t3.micro' && one.resource.endsWith(first));
  assert.equal(total(seconds), 2 * 3600 + 120);
  assert.ok(seconds.length >= 3, 'each hour has its own record');
  assert.ok(seconds.every(({ rate }) => ['0.004', '0.0047', '0.006'].includes(rate!)));
  await setPrice(0.004);
  const again = await request(id!);
  assert.deepEqual(summary(again), ['active', 'fulfilled']);
  assert.notEqual(again.InstanceId, first);

  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [again.InstanceId!] }));
  await cloud.cloud.settled();
  const third = await request(id!);
  assert.deepEqual(summary(third), ['active', 'fulfilled'], 'terminating the instance of a persistent request brings another one');
  const { CancelledSpotInstanceRequests: gone } = await ec2.send(
    new Ec2.CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id!] }),
  );
  assert.deepEqual(gone, [{ SpotInstanceRequestId: id, State: 'cancelled' }]);
  assert.deepEqual(summary(await request(id!)), ['cancelled', 'request-canceled-and-instance-running']);
  assert.equal((await instance(third.InstanceId!)).State!.Name, 'running');
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [third.InstanceId!] }));
  await cloud.cloud.settled();
  assert.deepEqual(summary(await request(id!)), ['cancelled', 'instance-terminated-by-user']);
  await setPrice();
});

test('an instance that is stopped by EC2 is started by EC2, in place', async () => {
  await setPrice(0.004);
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({
      ...{ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, Placement: { AvailabilityZone: zone } },
      InstanceMarketOptions: {
        MarketType: 'spot',
        SpotOptions: { SpotInstanceType: 'persistent', InstanceInterruptionBehavior: 'stop', MaxPrice: '0.005' },
      },
    }),
  );
  const { InstanceId: id, SpotInstanceRequestId: sir } = Instances![0]!;
  await cloud.cloud.settled();
  await setPrice(0.006);
  const row = await instance(id!);
  assert.equal(JSON.parse((await metadata(row, 'spot/instance-action')).body).action, 'stop');
  assert.equal((await metadata(row, 'spot/termination-time')).status, 404);
  await cloud.advance(120_000);
  const stopped = await instance(id!);
  assert.deepEqual([stopped.State!.Name, stopped.StateReason!.Code], ['stopped', 'Server.SpotInstanceShutdown']);
  assert.deepEqual(summary(await request(sir!)), ['disabled', 'instance-stopped-by-price']);
  await refused(ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [id!] })), 'IncorrectSpotRequestState');
  await setPrice(0.003);
  assert.deepEqual(summary(await request(sir!)), ['active', 'fulfilled']);
  const back = await instance(id!);
  assert.equal(back.State!.Name, 'running');
  assert.equal((await metadata(back, 'spot/instance-action')).status, 404);

  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [id!] }));
  await cloud.cloud.settled();
  assert.deepEqual(summary(await request(sir!)), ['disabled', 'instance-stopped-by-user']);
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [id!] }));
  await cloud.cloud.settled();
  assert.deepEqual(summary(await request(sir!)), ['active', 'fulfilled']);
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [id!] }));
  await cloud.cloud.settled();
  await ec2.send(new Ec2.CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [sir!] }));
  await cloud.cloud.settled();
  assert.equal((await instance(id!)).State!.Name, 'terminated', 'a stopped instance does not outlive its request');
  assert.deepEqual(summary(await request(sir!)), ['cancelled', 'instance-terminated-by-service']);
  await setPrice();
});

test('a cloud that ends between notice and interruption goes on where it was', async () => {
  const apart = simulatedHost();
  const first = await startCloud({ host: apart });
  const { SpotInstanceRequests } = await ec2Of(first).send(
    new Ec2.RequestSpotInstancesCommand({
      ...{ Type: 'persistent', InstanceCount: 2 },
      LaunchSpecification: { ImageId, InstanceType: 't3.micro', UserData: Buffer.from('#!/bin/sh\n').toString('base64') },
    }),
  );
  const [id, other] = SpotInstanceRequests!.map((one) => one.SpotInstanceRequestId!) as [string, string];
  await first.cloud.settled();
  const { InstanceId } = await request(id, ec2Of(first));
  await first.cloud.store.write((tx) => spotReclaims.put(tx, { instance: InstanceId!, at: 0 }));
  await first.cloud.settled();
  await first.close({ keep: true });

  const second = await startCloud({ host: apart, dataDirectory: first.dataDirectory });
  try {
    const client = ec2Of(second);
    assert.deepEqual(summary(await request(id, client)), ['active', 'marked-for-termination']);
    await second.advance(120_000);
    assert.deepEqual(summary(await request(id, client)), ['open', 'instance-terminated-no-capacity']);
    assert.equal((await instance(InstanceId!, client)).State!.Name, 'terminated');
    await second.advance(300_000);
    const back = await request(id, client);
    assert.deepEqual(summary(back), ['active', 'fulfilled']);
    assert.equal(back.LaunchSpecification!.UserData, Buffer.from('#!/bin/sh\n').toString('base64'));
    const attribute = { InstanceId: back.InstanceId!, Attribute: 'userData' as const };
    assert.ok((await client.send(new Ec2.DescribeInstanceAttributeCommand(attribute))).UserData!.Value);
    assert.deepEqual(summary(await request(other, client)), ['active', 'fulfilled']);
  } finally {
    await second.close();
    await rm(first.dataDirectory, { recursive: true, force: true });
  }
});

test('a request has its time, and what cannot be launched fails it', async () => {
  const now = cloud.cloud.clock.now();
  const ValidFrom = new Date(now + 3_600_000);
  const { SpotInstanceRequestId: later } = await ask({ ValidFrom });
  assert.deepEqual(summary(await request(later!)), ['open', 'not-scheduled-yet']);
  await cloud.advance(3_600_000);
  assert.deepEqual(summary(await request(later!)), ['active', 'fulfilled']);

  const { SpotInstanceRequestId: cheap } = await ask({ SpotPrice: '0.001' });
  assert.equal((await request(cheap!)).Status!.Code, 'price-too-low');
  const { SpotInstanceRequestId: open } = await ask({ SpotPrice: '0.001' });
  await ec2.send(new Ec2.CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [open!] }));
  assert.deepEqual(summary(await request(open!)), ['cancelled', 'canceled-before-fulfillment']);
  const { SpotInstanceRequestId: wrong } = await ask({ launch: { SubnetId: 'subnet-0123456789abcdef0' } });
  const failed = await request(wrong!);
  assert.deepEqual([failed.State, failed.Status!.Code, failed.Fault!.Code], ['failed', 'bad-parameters', 'InvalidSubnetID.NotFound']);
  await cloud.advance(7 * 86_400_000);
  const { SpotInstanceRequests } = await ec2.send(
    new Ec2.DescribeSpotInstanceRequestsCommand({ Filters: [{ Name: 'status-code', Values: ['schedule-expired'] }] }),
  );
  assert.deepEqual(
    SpotInstanceRequests!.map((one) => one.SpotInstanceRequestId),
    [cheap],
  );
});

test('prices follow the seed, the hour and the load, and are told for ninety days', async () => {
  const history = async (input: Partial<Ec2.DescribeSpotPriceHistoryCommandInput> = {}) =>
    ec2.send(new Ec2.DescribeSpotPriceHistoryCommand({ InstanceTypes: ['m5.large'], ProductDescriptions: ['Linux/UNIX'], ...input }));
  const now = new Date(cloud.cloud.clock.now());
  const current = async () => Number((await history({ StartTime: now, AvailabilityZone: zone })).SpotPriceHistory![0]!.SpotPrice);
  const { SpotPriceHistory: one } = await history({ StartTime: now, EndTime: now });
  assert.deepEqual(
    one!.map((row) => row.AvailabilityZone),
    ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => `us-east-1${letter}`),
  );
  assert.ok(one!.every((row) => Number(row.SpotPrice) > 0 && Number(row.SpotPrice) <= 0.096 && row.Timestamp! <= now));
  assert.ok(new Set(one!.map((row) => row.SpotPrice)).size > 1);
  const pages: Ec2.SpotPrice[] = [];
  for (let NextToken: string | undefined; ;) {
    const page = await history({ AvailabilityZone: zone, MaxResults: 50, ...(NextToken && { NextToken }) });
    pages.push(...page.SpotPriceHistory!);
    NextToken = page.NextToken || undefined;
    if (!NextToken) break;
  }
  const whole = (await history({ AvailabilityZone: zone })).SpotPriceHistory!;
  const told = (rows: Ec2.SpotPrice[]) => rows.map((row) => `${row.Timestamp!.toISOString()} ${row.SpotPrice}`).join('\n');
  assert.ok(told(pages) === told(whole), 'pages are the whole');
  assert.ok(whole.length > 90 && whole.length < 1000, String(whole.length));
  assert.ok(
    whole.every((row, at) => at === 0 || (row.Timestamp! < whole[at - 1]!.Timestamp! && row.SpotPrice !== whole[at - 1]!.SpotPrice)),
  );
  const before = await current();
  await cloud.cloud.store.write((tx) => spotSeeds.put(tx, { name: 'market', seed: 7 }));
  assert.notEqual(await current(), before);
  await cloud.cloud.store.write((tx) => spotSeeds.put(tx, { name: 'market', seed: 1 }));
  assert.equal(await current(), before);

  const call = { ImageId, InstanceType: 'm5.large' as const, MinCount: 10, MaxCount: 10, Placement: { AvailabilityZone: zone } };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(call));
  await cloud.cloud.settled();
  assert.equal(await current(), before, 'the price of this hour is made');
  await cloud.advance(3_600_000);
  const later = new Date(cloud.cloud.clock.now());
  const [loaded] = (await history({ StartTime: later, AvailabilityZone: zone })).SpotPriceHistory!;
  assert.ok(Number(loaded!.SpotPrice) > before * 1.2, `${loaded!.SpotPrice} after ${before}`);
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: Instances!.map((row) => row.InstanceId!) }));
  await cloud.cloud.settled();
  await refused(history({ InstanceTypes: ['t9.huge' as never] }), 'InvalidInstanceType');
  await refused(history({ AvailabilityZone: 'us-east-1z' }), 'InvalidParameterValue');
  await refused(history({ NextToken: 'x' }), 'InvalidParameterValue');
  assert.deepEqual((await history({ ProductDescriptions: ['Windows'] })).SpotPriceHistory, []);
});

test('terms that AWS does not take are refused, and what is not built says so', async () => {
  const run = (SpotOptions: Ec2.SpotMarketOptions) =>
    ec2.send(
      new Ec2.RunInstancesCommand({
        ...{ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 },
        InstanceMarketOptions: { MarketType: 'spot', SpotOptions },
      }),
    );
  await refused(run({ MaxPrice: '0.001' }), 'SpotMaxPriceTooLow');
  await refused(run({ MaxPrice: '0.0001' }), 'InvalidParameterValue');
  await refused(run({ MaxPrice: 'cheap' }), 'InvalidParameterValue');
  await refused(run({ SpotInstanceType: 'persistent' }), 'InvalidParameterCombination');
  await refused(run({ InstanceInterruptionBehavior: 'stop' }), 'InvalidParameterCombination');
  await refused(run({ ValidUntil: new Date(cloud.cloud.clock.now() + 60_000) }), 'InvalidParameterCombination');
  await refused(run({ InstanceInterruptionBehavior: 'hibernate' }), 'InvalidParameterCombination');
  await refused(run({ SpotInstanceType: 'persistent', InstanceInterruptionBehavior: 'hibernate' }), 'UnsupportedHibernationConfiguration');
  await refused(run({ SpotInstanceType: 'persistent', InstanceInterruptionBehavior: 'sleep' as never }), 'InvalidParameterValue');
  await refused(ask({ LaunchGroup: 'together' }), 'NotImplemented');
  await refused(ask({ launch: { AddressingType: 'public' } }), 'NotImplemented');
  await refused(ask({ launch: { ImageId: 'ami-0123456789abcdef0' } }), 'InvalidAMIID.NotFound');
  await refused(ask({ InstanceCount: 0 }), 'InvalidParameterValue');
  await refused(ask({ ValidUntil: new Date(0) }), 'InvalidParameterValue');
  const cancel = (id: string) => ec2.send(new Ec2.CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id] }));
  await refused(cancel('sir-0123456789abcdef0'), 'InvalidSpotInstanceRequestID.NotFound');
  await refused(cancel('sir-x'), 'InvalidSpotInstanceRequestID.Malformed');
  const { Instances } = await run({});
  await cloud.cloud.settled();
  const InstanceIds = [Instances![0]!.InstanceId!];
  await refused(ec2.send(new Ec2.StopInstancesCommand({ InstanceIds })), 'UnsupportedOperation');
  const guest = await userWith(cloud, 'guest', { Action: 'ec2:DescribeSpotInstanceRequests' });
  await refused(
    guest.send(new Ec2.RequestSpotInstancesCommand({ LaunchSpecification: { ImageId, InstanceType: 't3.micro' } })),
    'UnauthorizedOperation',
  );
});

test('a machine without memory takes spot instances back for a launch on demand', async () => {
  const apart = simulatedHost();
  const full = await startCloud({ host: apart });
  try {
    const client = ec2Of(full);
    const launch = (InstanceMarketOptions?: Ec2.InstanceMarketOptionsRequest) =>
      client.send(
        new Ec2.RunInstancesCommand({
          ...{ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 },
          ...(InstanceMarketOptions && { InstanceMarketOptions }),
        }),
      );
    const kept = (await launch({ MarketType: 'spot' })).Instances![0]!;
    const cheap = (await launch({ MarketType: 'spot', SpotOptions: { MaxPrice: '0.0102' } })).Instances![0]!;
    await full.cloud.settled();
    apart.setFreeMemory(192 * 1024 ** 2);
    await refused(launch({ MarketType: 'spot' }), 'InsufficientInstanceCapacity');
    const LaunchSpecification = { ImageId, InstanceType: 't3.micro' as const };
    const { SpotInstanceRequests } = await client.send(new Ec2.RequestSpotInstancesCommand({ LaunchSpecification }));
    await full.cloud.settled();
    const waiting = SpotInstanceRequests![0]!.SpotInstanceRequestId!;
    assert.deepEqual(summary(await request(waiting, client)), ['open', 'capacity-not-available']);
    assert.equal((await request(kept.SpotInstanceRequestId!, client)).Status!.Code, 'fulfilled');
    await refused(launch(), 'InsufficientInstanceCapacity');
    await full.cloud.settled();
    assert.equal((await request(cheap.SpotInstanceRequestId!, client)).Status!.Code, 'marked-for-termination');
    assert.equal((await request(kept.SpotInstanceRequestId!, client)).Status!.Code, 'fulfilled');
    await full.advance(120_000);
    assert.equal((await request(cheap.SpotInstanceRequestId!, client)).Status!.Code, 'instance-terminated-no-capacity');
    apart.setFreeMemory(1024 ** 3);
    const again = { ImageId, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, ClientToken: 'again' };
    const made = await client.send(new Ec2.RunInstancesCommand(again));
    apart.setFreeMemory(0);
    const same = await client.send(new Ec2.RunInstancesCommand(again));
    assert.equal(same.Instances![0]!.InstanceId, made.Instances![0]!.InstanceId, 'a repeated call needs no room');
    apart.setFreeMemory(1024 ** 3);
    await full.advance(60_000);
    assert.deepEqual(summary(await request(waiting, client)), ['active', 'fulfilled']);
  } finally {
    await full.close();
  }
});

test('a call that is made again with its token gives the same requests', async () => {
  const first = await ask({ ClientToken: 'once', SpotPrice: '0.001' });
  const second = await ask({ ClientToken: 'once', SpotPrice: '0.001' });
  assert.equal(second.SpotInstanceRequestId, first.SpotInstanceRequestId);
  await refused(ask({ ClientToken: 'once', SpotPrice: '0.002' }), 'IdempotentParameterMismatch');
});
