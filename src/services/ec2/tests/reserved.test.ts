/** Reserved instances through the SDK: offerings, purchases, modifications, and what they do to the meter. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { refused } from '../../../../tests/refused.ts';
import { stateOf, type ReservedInstances } from '../reserved-instances/reserved-instances.ts';
import { ec2Of, startWithImage, userWith } from './cast.ts';

const { cloud, ec2, ImageId } = await startWithImage();
after(() => cloud.close());

const yearSeconds = 31_536_000;
const AvailabilityZone = 'us-east-1a';

type Client = Ec2.EC2Client;

async function offerings(input: Ec2.DescribeReservedInstancesOfferingsCommandInput = {}): Promise<Ec2.ReservedInstancesOffering[]> {
  return (await ec2.send(new Ec2.DescribeReservedInstancesOfferingsCommand(input))).ReservedInstancesOfferings!;
}

async function offering(input: Ec2.DescribeReservedInstancesOfferingsCommandInput = {}): Promise<Ec2.ReservedInstancesOffering> {
  const Filters = [{ Name: 'scope', Values: [input.AvailabilityZone ? 'Availability Zone' : 'Region'] }];
  const found = await offerings({
    ...{ InstanceType: 'm5.large', OfferingClass: 'standard', OfferingType: 'No Upfront', MaxDuration: yearSeconds, Filters },
    ...input,
  });
  assert.equal(found.length, 1);
  return found[0]!;
}

async function buy(one: Ec2.ReservedInstancesOffering, count = 1, client: Client = ec2, more = {}): Promise<string> {
  const input = { ReservedInstancesOfferingId: one.ReservedInstancesOfferingId!, InstanceCount: count, ...more };
  const { ReservedInstancesId } = await client.send(new Ec2.PurchaseReservedInstancesOfferingCommand(input));
  await cloud.cloud.settled();
  return ReservedInstancesId!;
}

async function reserved(id: string, client: Client = ec2): Promise<Ec2.ReservedInstances> {
  return (await client.send(new Ec2.DescribeReservedInstancesCommand({ ReservedInstancesIds: [id] }))).ReservedInstances![0]!;
}

async function launch(client: Client, input: Partial<Ec2.RunInstancesCommandInput>): Promise<string[]> {
  const call = { ImageId, MinCount: 1, MaxCount: 1, Placement: { AvailabilityZone }, ...input };
  const { Instances } = await client.send(new Ec2.RunInstancesCommand(call));
  await cloud.cloud.settled();
  return Instances!.map((row) => row.InstanceId!);
}

async function end(client: Client, InstanceIds: string[]): Promise<void> {
  await client.send(new Ec2.TerminateInstancesCommand({ InstanceIds }));
  await cloud.cloud.settled();
}

/** Units of a usage type by rate, to a thousandth. */
async function usageOf(account: string, usageType: string): Promise<Record<string, number>> {
  const usage = await cloud.cloud.meter.query(account, 0, cloud.cloud.clock.now() + 3_600_000);
  const sums: Record<string, number> = {};
  for (const { rate = 'listed', quantity, usageType: name } of usage)
    if (name === usageType) sums[rate] = (sums[rate] ?? 0) + quantity * 1000;
  return Object.fromEntries(Object.entries(sums).map(([rate, sum]) => [rate, Math.round(sum) / 1000]));
}

test('offerings have AWS’s prices, keep their ids, and come in pages', async () => {
  const one = await offering();
  assert.deepEqual(
    [one.FixedPrice, one.RecurringCharges, one.Duration, one.Scope, one.Marketplace, one.CurrencyCode, one.ProductDescription],
    [0, [{ Amount: 0.06048, Frequency: 'Hourly' }], yearSeconds, 'Region', false, 'USD', 'Linux/UNIX'],
  );
  const upfront = await offering({ OfferingType: 'All Upfront' });
  assert.deepEqual([upfront.FixedPrice, upfront.RecurringCharges], [496, []]);
  const again = await offerings({ ReservedInstancesOfferingIds: [one.ReservedInstancesOfferingId!] });
  assert.deepEqual(again, [one]);
  const zonal = await offerings({ InstanceType: 'm5.large', AvailabilityZone });
  assert.equal(zonal.length, 12);
  assert.ok(zonal.every((row) => row.AvailabilityZone === AvailabilityZone && row.Scope === 'Availability Zone'));
  const page = await ec2.send(new Ec2.DescribeReservedInstancesOfferingsCommand({ MaxResults: 5 }));
  const next = await ec2.send(new Ec2.DescribeReservedInstancesOfferingsCommand({ MaxResults: 5, NextToken: page.NextToken! }));
  assert.equal(next.ReservedInstancesOfferings!.length, 5);
  assert.ok(
    !page.ReservedInstancesOfferings!.some(
      (row) => row.ReservedInstancesOfferingId === next.ReservedInstancesOfferings![0]!.ReservedInstancesOfferingId,
    ),
  );
  assert.deepEqual(await offerings({ ProductDescription: 'Windows' }), []);
  assert.deepEqual(await offerings({ Filters: [{ Name: 'marketplace', Values: ['true'] }] }), []);
  await refused(offerings({ NextToken: 'x' }), 'InvalidParameterValue');
  await refused(offerings({ ReservedInstancesOfferingIds: ['none'] }), 'InvalidReservedInstancesOfferingId');
});

test('a regional reservation pays for sizes of its family, hour by hour, and what exceeds it is on demand', async () => {
  const account = '222233334444';
  const client = ec2Of(cloud, account);
  const id = await buy(await offering({ OfferingType: 'Partial Upfront' }), 2, client);
  assert.equal((await reserved(id, client)).State, 'active');
  // From a full hour on: each hour has its own reserved seconds, also where it is not a whole one.
  await cloud.advance(3_600_000 - (cloud.cloud.clock.now() % 3_600_000));
  const before = (await usageOf(account, 'HeavyUsage:m5.large'))['0.0288'] ?? 0;
  const ids = await launch(client, { InstanceType: 'm5.xlarge', MinCount: 2, MaxCount: 2 });
  await cloud.advance(10 * 3_600_000);
  await end(client, ids);
  // Two large ones are one xlarge: of two that run, one is paid.
  assert.deepEqual(await usageOf(account, 'BoxUsage:m5.xlarge'), { 0: 36_000, listed: 36_000 });
  const heavy = await usageOf(account, 'HeavyUsage:m5.large');
  assert.deepEqual(heavy, { 252: 2, '0.0288': before + 2 * 36_000 });
});

test('a zonal reservation pays for its type in its zone, and none for spot instances', async () => {
  const account = '333344445555';
  const client = ec2Of(cloud, account);
  await buy(await offering({ AvailabilityZone, InstanceType: 'c5.large' }), 1, client);
  const ids = await launch(client, { InstanceType: 'c5.large', Placement: { AvailabilityZone: 'us-east-1b' } });
  ids.push(...(await launch(client, { InstanceType: 'c5.large', InstanceMarketOptions: { MarketType: 'spot' } })));
  await cloud.advance(3_600_000);
  await end(client, ids);
  assert.deepEqual(await usageOf(account, 'BoxUsage:c5.large'), { listed: 3600 });
  assert.equal((await usageOf(account, 'SpotUsage:c5.large'))['0'], undefined);
  const [here] = await launch(client, { InstanceType: 'c5.large' });
  await cloud.advance(1_800_000);
  await end(client, [here!]);
  assert.deepEqual(await usageOf(account, 'BoxUsage:c5.large'), { 0: 1800, listed: 3600 });
});

test('a reservation is modified within its footprint, and keeps its term', async () => {
  const account = '444455556667';
  const client = ec2Of(cloud, account);
  const id = await buy(await offering({ InstanceType: 'm5.xlarge' }), 1, client);
  const modify = (TargetConfigurations: Ec2.ReservedInstancesConfiguration[], ReservedInstancesIds = [id]) =>
    client.send(new Ec2.ModifyReservedInstancesCommand({ ReservedInstancesIds, TargetConfigurations }));
  await refused(modify([{ InstanceCount: 1, InstanceType: 'm5.large' }]), 'InvalidParameterValue');
  await refused(modify([{ InstanceCount: 1, InstanceType: 'c5.xlarge' }]), 'InvalidParameterValue');
  await refused(modify([{ InstanceCount: 1, Scope: 'Availability Zone' }]), 'MissingParameter');
  const { ReservedInstancesModificationId: modification } = await modify([
    { InstanceCount: 1, InstanceType: 'm5.large', AvailabilityZone, Scope: 'Availability Zone' },
    { InstanceCount: 1, InstanceType: 'm5.large' },
  ]);
  assert.equal((await reserved(id, client)).State, 'retired');
  const { ReservedInstancesModifications } = await client.send(
    new Ec2.DescribeReservedInstancesModificationsCommand({ ReservedInstancesModificationIds: [modification!] }),
  );
  const results = ReservedInstancesModifications![0]!.ModificationResults!;
  const parts = await Promise.all(results.map((one) => reserved(one.ReservedInstancesId!, client)));
  assert.deepEqual(
    parts.map((row) => [row.InstanceType, row.State, row.Scope, row.AvailabilityZone, row.RecurringCharges![0]!.Amount]),
    [
      ['m5.large', 'active', 'Availability Zone', AvailabilityZone, 0.06048],
      ['m5.large', 'active', 'Region', undefined, 0.06048],
    ],
  );
  await refused(modify([{ InstanceCount: 1 }]), 'IncorrectState');
  const { Start, End } = parts[0]!;
  assert.ok(Math.abs(End!.getTime() - Start!.getTime() - yearSeconds * 1000) < 1000, 'a modification does not lengthen the term');
  await cloud.advance(3_600_000);
  assert.deepEqual(await usageOf(account, 'HeavyUsage:m5.large'), { '0.06048': 2 * 3600 });
});

test('a state is a matter of the time', () => {
  const row = { start: 10, end: 20 } as ReservedInstances;
  assert.deepEqual(
    [
      stateOf(row, 9),
      stateOf(row, 10),
      stateOf(row, 19),
      stateOf(row, 20),
      stateOf({ ...row, replaced: 12 }, 15),
      stateOf({ ...row, unqueued: true }, 9),
    ],
    ['queued', 'active', 'active', 'retired', 'retired', 'queued-deleted'],
  );
});

test('a purchase waits in the queue until its time, or is taken out', async () => {
  const account = '555566667778';
  const client = ec2Of(cloud, account);
  const PurchaseTime = new Date(cloud.cloud.clock.now() + 3_600_000);
  const id = await buy(await offering(), 1, client, { PurchaseTime });
  const gone = await buy(await offering(), 1, client, { PurchaseTime });
  assert.equal((await reserved(id, client)).State, 'queued');
  const deleted = await client.send(new Ec2.DeleteQueuedReservedInstancesCommand({ ReservedInstancesIds: [gone, 'none'] }));
  assert.deepEqual(deleted.SuccessfulQueuedPurchaseDeletions, [{ ReservedInstancesId: gone }]);
  assert.equal(deleted.FailedQueuedPurchaseDeletions![0]!.Error!.Code, 'reserved-instances-id-invalid');
  await cloud.advance(3_600_000);
  assert.deepEqual([(await reserved(id, client)).State, (await reserved(gone, client)).State], ['active', 'queued-deleted']);
  await cloud.advance(3_600_000);
  assert.deepEqual(await usageOf(account, 'HeavyUsage:m5.large'), { '0.06048': 3600 });
});

test('wrong purchases and listings are refused', async () => {
  const one = await offering();
  const more = (input: object) => buy(one, 1, ec2, input);
  await refused(buy(one, 0), 'InvalidParameterValue');
  await refused(buy(one, 21), 'ReservedInstancesLimitExceeded');
  await refused(buy({ ReservedInstancesOfferingId: 'none' }), 'InvalidReservedInstancesOfferingId');
  await refused(more({ PurchaseTime: new Date(0) }), 'InvalidParameterValue');
  await refused(
    buy(await offering({ OfferingType: 'All Upfront' }), 1, ec2, { LimitPrice: { Amount: 100, CurrencyCode: 'USD' } }),
    'InvalidParameterValue',
  );
  await refused(reserved('none'), 'InvalidReservedInstancesId');
  const id = await buy(one);
  const listing = {
    ReservedInstancesId: id,
    InstanceCount: 1,
    PriceSchedules: [{ Price: 1, Term: 1, CurrencyCode: 'USD' as const }],
    ClientToken: 'x',
  };
  await refused(ec2.send(new Ec2.CreateReservedInstancesListingCommand(listing)), 'UnsupportedOperation');
  assert.deepEqual((await ec2.send(new Ec2.DescribeReservedInstancesListingsCommand({}))).ReservedInstancesListings, []);
  const guest = await userWith(cloud, 'guest', { Action: 'ec2:DescribeReservedInstances*' });
  await refused(buy(one, 1, guest), 'UnauthorizedOperation');
});
