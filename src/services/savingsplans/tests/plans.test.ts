/** Savings plans through the SDK: offered, bought, queued and given back, and what they do to the bill. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ce from '@aws-sdk/client-cost-explorer';
import * as Ec2 from '@aws-sdk/client-ec2';
import * as S from '@aws-sdk/client-savingsplans';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const hour = 3_600_000;
const yearSeconds = 31_536_000;
let cloud: LiveCloud;
let plans: S.SavingsplansClient;

before(async () => {
  cloud = await startCloud({ host: simulatedHost() });
  plans = cloud.client(S.SavingsplansClient);
});
after(() => cloud.close());

async function offering(input: S.DescribeSavingsPlansOfferingsCommandInput, client = plans): Promise<S.SavingsPlanOffering> {
  const asked = { planTypes: ['Compute' as const], paymentOptions: ['No Upfront' as const], durations: [yearSeconds], ...input };
  const { searchResults } = await client.send(new S.DescribeSavingsPlansOfferingsCommand(asked));
  assert.equal(searchResults!.length, 1);
  return searchResults![0]!;
}

async function buy(input: Partial<S.CreateSavingsPlanCommandInput> = {}, wanted = {}, client = plans): Promise<string> {
  const { offeringId } = await offering(wanted, client);
  const given = { savingsPlanOfferingId: offeringId!, commitment: '0.1', ...input };
  return (await client.send(new S.CreateSavingsPlanCommand(given))).savingsPlanId!;
}

async function shown(id: string): Promise<S.SavingsPlan> {
  return (await plans.send(new S.DescribeSavingsPlansCommand({ savingsPlanIds: [id] }))).savingsPlans![0]!;
}

test('offerings are found by their terms, come in pages, and name the rates of types', async () => {
  const m5 = { planTypes: ['EC2Instance' as const], filters: [{ name: 'region' as const, values: ['eu-west-1'] }] };
  const one = await offering({ ...m5, filters: [...m5.filters, { name: 'instanceFamily', values: ['m5'] }] });
  assert.deepEqual(
    [one.description, one.usageType, one.serviceCode, one.productTypes, one.currency],
    ['1 year No Upfront m5 EC2 Instance Savings Plan', 'EU-EC2SP:m5.1yrNoUpfront', 'ComputeSavingsPlans', ['EC2'], 'USD'],
  );
  const first = await plans.send(new S.DescribeSavingsPlansOfferingsCommand({ planTypes: ['Compute'], maxResults: 4 }));
  const rest = await plans.send(
    new S.DescribeSavingsPlansOfferingsCommand({ planTypes: ['Compute'], maxResults: 4, nextToken: first.nextToken! }),
  );
  assert.deepEqual([first.searchResults!.length, rest.searchResults!.length, rest.nextToken], [4, 2, undefined]);
  const { searchResults } = await plans.send(
    new S.DescribeSavingsPlansOfferingRatesCommand({
      savingsPlanOfferingIds: [(await offering({})).offeringId!],
      filters: [
        { name: 'region', values: ['us-east-1'] },
        { name: 'instanceType', values: ['m5.large'] },
      ],
    }),
  );
  assert.deepEqual(
    searchResults!.map(({ rate, usageType }) => [rate, usageType]),
    [['0.06912', 'BoxUsage:m5.large']],
  );
  await refused(plans.send(new S.DescribeSavingsPlansOfferingsCommand({ nextToken: 'x' })), 'ValidationException');
});

test('a plan is bought by three kinds of payment, in a queue, once for each token, with tags', async () => {
  const id = await buy({ clientToken: 'once', tags: { team: 'a' } });
  assert.equal(await buy({ clientToken: 'once' }), id);
  await refused(buy({ clientToken: 'once', commitment: '0.2' }), 'ValidationException');
  const none = await shown(id);
  assert.deepEqual(
    [none.state, none.commitment, none.recurringPaymentAmount, none.upfrontPaymentAmount, none.termDurationInSeconds, none.tags],
    ['active', '0.10000000', '0.10000000', '0.00000000', yearSeconds, { team: 'a' }],
  );
  const all = await shown(await buy({}, { paymentOptions: ['All Upfront'], durations: [3 * yearSeconds] }));
  assert.deepEqual([all.upfrontPaymentAmount, all.recurringPaymentAmount], ['2628.00000000', '0.00000000']);
  const partial = { paymentOptions: ['Partial Upfront' as const] };
  const half = await shown(await buy({}, partial));
  assert.deepEqual([half.upfrontPaymentAmount, half.recurringPaymentAmount], ['438.00000000', '0.05000000']);
  await refused(buy({ upfrontPaymentAmount: '100' }, partial), 'ValidationException');
  await refused(buy({ upfrontPaymentAmount: '500' }), 'ValidationException');
  await refused(buy({ commitment: '0' }), 'ValidationException');
  await refused(buy({ commitment: 'much' }), 'ValidationException');
  await refused(
    plans.send(new S.CreateSavingsPlanCommand({ savingsPlanOfferingId: 'none', commitment: '1' })),
    'ResourceNotFoundException',
  );
  const purchaseTime = new Date(cloud.cloud.clock.now() + 5 * hour);
  const queued = await buy({ purchaseTime });
  assert.equal((await shown(queued)).state, 'queued');
  await plans.send(new S.DeleteQueuedSavingsPlanCommand({ savingsPlanId: queued }));
  assert.equal((await shown(queued)).state, 'queued-deleted');
  await refused(plans.send(new S.DeleteQueuedSavingsPlanCommand({ savingsPlanId: id })), 'ValidationException');
  const { searchResults } = await plans.send(
    new S.DescribeSavingsPlanRatesCommand({ savingsPlanId: id, filters: [{ name: 'instanceType', values: ['m5.large'] }] }),
  );
  assert.ok(searchResults!.length > 20 && searchResults!.some(({ rate }) => rate === '0.06912'));
  const resourceArn = none.savingsPlanArn!;
  await plans.send(new S.TagResourceCommand({ resourceArn, tags: { env: 'dev' } }));
  await plans.send(new S.UntagResourceCommand({ resourceArn, tagKeys: ['team'] }));
  assert.deepEqual((await plans.send(new S.ListTagsForResourceCommand({ resourceArn }))).tags, { env: 'dev' });
  await refused(plans.send(new S.ListTagsForResourceCommand({ resourceArn: `${resourceArn}0` })), 'ResourceNotFoundException');
  const active = await plans.send(
    new S.DescribeSavingsPlansCommand({ states: ['active'], filters: [{ name: 'term', values: [String(3 * yearSeconds)] }] }),
  );
  assert.deepEqual(
    active.savingsPlans!.map(({ savingsPlanId }) => savingsPlanId),
    [all.savingsPlanId],
  );
});

/** An account of its own, at the beginning of an hour, with so many m5.large for ten hours. */
async function running(account: string, plan: () => Promise<unknown>, count = 2) {
  await cloud.advance(hour - (cloud.cloud.clock.now() % hour));
  const from = cloud.cloud.clock.now();
  await plan();
  const ec2 = cloud.client(Ec2.EC2Client, { credentials: rootOf(account) });
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const wanted = { ImageId: Images![0]!.ImageId!, InstanceType: 'm5.large' as const, MinCount: count, MaxCount: count };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(wanted));
  await cloud.cloud.settled();
  await cloud.advance(10 * hour);
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: Instances!.map(({ InstanceId }) => InstanceId!) }));
  await cloud.cloud.settled();
  const day = (moment: number): string => new Date(moment).toISOString().slice(0, 10);
  return { Start: day(from), End: day(cloud.cloud.clock.now() + 24 * hour) };
}

async function bill(account: string, TimePeriod: Ce.DateInterval): Promise<Record<string, number>> {
  const explorer = cloud.client(Ce.CostExplorerClient, { credentials: rootOf(account) });
  const { ResultsByTime } = await explorer.send(
    new Ce.GetCostAndUsageCommand({
      ...{ TimePeriod, Granularity: 'MONTHLY', Metrics: ['UnblendedCost'] },
      GroupBy: [{ Type: 'DIMENSION', Key: 'USAGE_TYPE' }],
    }),
  );
  const sums: Record<string, number> = {};
  for (const { Groups } of ResultsByTime!)
    for (const { Keys, Metrics } of Groups!) sums[Keys![0]!] = (sums[Keys![0]!] ?? 0) + Number(Metrics!['UnblendedCost']!.Amount);
  return sums;
}

const near = (found: number | undefined, expected: number): void =>
  assert.ok(Math.abs((found ?? 0) - expected) < 1e-4, `${found} is not ${expected}`);

test('each hour’s commitment pays for instances, what exceeds it is on demand, and the plan costs its hours', async () => {
  const account = '222233334444';
  const client = cloud.client(S.SavingsplansClient, { credentials: rootOf(account) });
  const TimePeriod = await running(account, () => buy({ commitment: '0.07' }, {}, client));
  const costs = await bill(account, TimePeriod);
  near(costs['ComputeSP:1yrNoUpfront'], 0.7);
  // An hour of m5.large is 0.06912 dollars under the plan, 0.096 on demand.
  near(costs['BoxUsage:m5.large'], (20 - (10 * 0.07) / 0.06912) * 0.096);
  const explorer = cloud.client(Ce.CostExplorerClient, { credentials: rootOf(account) });
  const { Total, SavingsPlansUtilizationsByTime } = await explorer.send(
    new Ce.GetSavingsPlansUtilizationCommand({ TimePeriod, Granularity: 'DAILY' }),
  );
  near(Number(Total!.Utilization!.TotalCommitment), 0.7);
  near(Number(Total!.Utilization!.UtilizationPercentage), 100);
  near(Number(Total!.Savings!.NetSavings), ((10 * 0.07) / 0.06912) * 0.096 - 0.7);
  assert.ok(SavingsPlansUtilizationsByTime!.length >= 1);
  const { SavingsPlansCoverages } = await explorer.send(new Ce.GetSavingsPlansCoverageCommand({ TimePeriod, Granularity: 'MONTHLY' }));
  const coverage = SavingsPlansCoverages!.map(({ Coverage }) => Number(Coverage!.TotalCost)).reduce((sum, one) => sum + one, 0);
  near(coverage, 20 * 0.096);
  await refused(explorer.send(new Ce.GetSavingsPlansUtilizationCommand({ TimePeriod, SortBy: { Key: 'x' } })), 'NotImplemented');
});

test('reserved instances pay first; an unused commitment costs all the same', async () => {
  const account = '333344445555';
  const client = cloud.client(S.SavingsplansClient, { credentials: rootOf(account) });
  const ec2 = cloud.client(Ec2.EC2Client, { credentials: rootOf(account) });
  const TimePeriod = await running(account, async () => {
    await buy({ commitment: '1' }, {}, client);
    const { ReservedInstancesOfferings } = await ec2.send(
      new Ec2.DescribeReservedInstancesOfferingsCommand({
        ...{ InstanceType: 'm5.large', OfferingClass: 'standard', OfferingType: 'No Upfront', MaxDuration: yearSeconds },
        Filters: [{ Name: 'scope', Values: ['Region'] }],
      }),
    );
    const ReservedInstancesOfferingId = ReservedInstancesOfferings![0]!.ReservedInstancesOfferingId!;
    await ec2.send(new Ec2.PurchaseReservedInstancesOfferingCommand({ ReservedInstancesOfferingId, InstanceCount: 1 }));
    await cloud.cloud.settled();
  });
  const costs = await bill(account, TimePeriod);
  near(costs['BoxUsage:m5.large'], 0);
  near(costs['ComputeSP:1yrNoUpfront'], 10);
  const explorer = cloud.client(Ce.CostExplorerClient, { credentials: rootOf(account) });
  const { Total } = await explorer.send(new Ce.GetSavingsPlansUtilizationCommand({ TimePeriod }));
  near(Number(Total!.Utilization!.UsedCommitment), 10 * 0.06912);
});

test('a plan that is given back in time was never bought', async () => {
  const account = '444455556666';
  const client = cloud.client(S.SavingsplansClient, { credentials: rootOf(account) });
  // The first of a month, so that seven days are within it.
  const now = new Date(cloud.cloud.clock.now());
  await cloud.advance(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - now.getTime());
  let id = '';
  const TimePeriod = await running(
    account,
    async () => (id = await buy({ commitment: '0.07' }, { paymentOptions: ['All Upfront'] }, client)),
    1,
  );
  near((await bill(account, TimePeriod))['ComputeSP:1yrAllUpfront'], 0.07 * 8760);
  await client.send(new S.ReturnSavingsPlanCommand({ savingsPlanId: id }));
  await client.send(new S.ReturnSavingsPlanCommand({ savingsPlanId: id }));
  const costs = await bill(account, TimePeriod);
  near(costs['ComputeSP:1yrAllUpfront'], 0);
  near(costs['BoxUsage:m5.large'], 0.96);
  const late = await buy({}, {}, client);
  await cloud.advance(8 * 24 * hour);
  await refused(client.send(new S.ReturnSavingsPlanCommand({ savingsPlanId: late })), 'ValidationException');
  const dear = await buy({ commitment: '101' }, {}, client);
  await refused(client.send(new S.ReturnSavingsPlanCommand({ savingsPlanId: dear })), 'ValidationException');
  const { savingsPlans: queued } = await client.send(new S.DescribeSavingsPlansCommand({ states: ['returned'] }));
  assert.deepEqual(
    queued!.map(({ savingsPlanId }) => savingsPlanId),
    [id],
  );
});
