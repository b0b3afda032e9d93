/** Cost Explorer over what the meter has counted: every sum is computed by hand. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CostExplorerClient,
  GetCostAndUsageCommand,
  GetCostAndUsageWithResourcesCommand,
  GetCostForecastCommand,
  GetDimensionValuesCommand,
  GetTagsCommand,
  GetUsageForecastCommand,
  type GetCostAndUsageCommandInput,
} from '@aws-sdk/client-cost-explorer';
import { CreateUserCommand, CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { monthOf } from '../../../framework/billing/month.ts';
import { setFreeTier } from '../../../framework/billing/settings.ts';

const day = 86_400_000;
const gigabyte = 2 ** 30;
const account = '222222222222';
const queueArn = `arn:aws:sqs:us-east-1:${account}:orders`;

let cloud: LiveCloud;
let explorer: CostExplorerClient;
/** The first of a month of 30 or 31 days, at midnight. */
let first: number;

const text = (moment: number): string => new Date(moment).toISOString().slice(0, 10);

before(async () => {
  cloud = await startCloud();
  // Into the month after this one, so that it is looked at from its beginning; February is as good as any.
  const start = monthOf(cloud.cloud.clock.now()).to;
  await cloud.advance(start - cloud.cloud.clock.now());
  first = start;
  const credentials = rootOf(account);
  await cloud.client(SQSClient, { credentials }).send(new CreateQueueCommand({ QueueName: 'orders', tags: { team: 'shop' } }));
  explorer = cloud.client(CostExplorerClient, { credentials });
  await cloud.cloud.store.write((tx) => setFreeTier(tx, 'none'));
  const use = (at: number, part: Partial<Parameters<typeof cloud.cloud.meter.record>[0]>): void =>
    cloud.cloud.meter.record({
      ...{ account, region: 'us-east-1', service: 's3', operation: 'StandardStorage', usageType: 'TimedStorage-ByteHrs' },
      ...{ unit: 'ByteHours', quantity: 0, at },
      ...part,
    });
  const hours = monthOf(first).hours;
  // Three days: 24 hours of 30 GB in S3, an instance for 10 hours in Seoul, a million messages.
  for (let n = 0; n < 3; n++) {
    const at = first + n * day;
    use(at, { quantity: 30 * gigabyte * hours, resource: 'arn:aws:s3:::data' });
    use(at, {
      ...{ service: 'ec2', region: 'ap-northeast-2', operation: 'RunInstances', usageType: 'BoxUsage:t3.micro', unit: 'Seconds' },
      ...{ quantity: 36_000, resource: `arn:aws:ec2:ap-northeast-2:${account}:instance/i-1` },
    });
    use(at, {
      service: 'sqs',
      operation: 'SendMessage',
      usageType: 'Requests-RBP',
      unit: 'Requests',
      quantity: 1_000_000,
      resource: queueArn,
    });
  }
  await cloud.advance(3 * day);
});
after(() => cloud.close());

async function costs(input: Partial<GetCostAndUsageCommandInput>) {
  const { ResultsByTime } = await explorer.send(
    new GetCostAndUsageCommand({
      ...{ TimePeriod: { Start: text(first), End: text(first + 3 * day) }, Granularity: 'MONTHLY', Metrics: ['UnblendedCost'] },
      ...input,
    }),
  );
  return ResultsByTime!;
}

async function grouped(Key: string, Type: 'DIMENSION' | 'TAG' = 'DIMENSION', input: Partial<GetCostAndUsageCommandInput> = {}) {
  const [month] = await costs({ GroupBy: [{ Type, Key }], ...input });
  return Object.fromEntries(month!.Groups!.map(({ Keys, Metrics }) => [Keys!.join(' '), Metrics!['UnblendedCost']!.Amount]));
}

test('the total of a span, by month and by day', async () => {
  const [month] = await costs({ Metrics: ['UnblendedCost', 'BLENDED_COST'] });
  assert.deepEqual(month!.Total, {
    UnblendedCost: { Amount: '3.6600004', Unit: 'USD' },
    BlendedCost: { Amount: '3.6600004', Unit: 'USD' },
  });
  assert.deepEqual([month!.Estimated, month!.Groups], [true, []]);
  const days = await costs({ Granularity: 'DAILY' });
  assert.deepEqual(
    days.map(({ TimePeriod, Total }) => [TimePeriod!.Start, Total!['UnblendedCost']!.Amount]),
    [
      [text(first), '1.2200004'],
      [text(first + day), '1.22'],
      [text(first + 2 * day), '1.22'],
    ],
  );
  const [before_] = await costs({ TimePeriod: { Start: text(first - 40 * day), End: text(first - 39 * day) } });
  assert.deepEqual(before_!.Total, { UnblendedCost: { Amount: '0', Unit: 'USD' } });
});

test('grouped by each dimension it adds up to the same', async () => {
  assert.deepEqual(await grouped('SERVICE'), {
    'Amazon Elastic Compute Cloud - Compute': '0.39',
    'Amazon Simple Queue Service': '1.2000004',
    'Amazon Simple Storage Service': '2.07',
  });
  assert.deepEqual(await grouped('USAGE_TYPE'), {
    'APN2-BoxUsage:t3.micro': '0.39',
    'Requests-RBP': '1.2000004',
    'TimedStorage-ByteHrs': '2.07',
  });
  assert.deepEqual(await grouped('REGION'), { 'ap-northeast-2': '0.39', 'us-east-1': '3.2700004' });
  assert.deepEqual(await grouped('OPERATION'), {
    CreateQueue: '0.0000004',
    RunInstances: '0.39',
    SendMessage: '1.2',
    StandardStorage: '2.07',
  });
  assert.deepEqual(await grouped('LINKED_ACCOUNT'), { [account]: '3.6600004' });
  assert.deepEqual(await grouped('INSTANCE_TYPE'), { NoInstanceType: '3.2700004', 't3.micro': '0.39' });
  assert.deepEqual(await grouped('team', 'TAG'), { team$: '2.4600004', team$shop: '1.2' });
});

test('two groups and usage quantities', async () => {
  const [month] = await costs({
    ...{
      GroupBy: [
        { Type: 'DIMENSION', Key: 'REGION' },
        { Type: 'DIMENSION', Key: 'USAGE_TYPE' },
      ],
      Metrics: ['UsageQuantity'],
    },
    Filter: { Dimensions: { Key: 'SERVICE', Values: ['Amazon Elastic Compute Cloud - Compute'] } },
  });
  assert.deepEqual(month!.Groups, [
    { Keys: ['ap-northeast-2', 'APN2-BoxUsage:t3.micro'], Metrics: { UsageQuantity: { Amount: '30', Unit: 'Hrs' } } },
  ]);
});

test('filters: and, or, not, tags, and how values are matched', async () => {
  const storage = { Dimensions: { Key: 'SERVICE' as const, Values: ['Amazon Simple Storage Service'] } };
  const seoul = { Dimensions: { Key: 'REGION' as const, Values: ['ap-'], MatchOptions: ['STARTS_WITH' as const] } };
  assert.deepEqual(await grouped('REGION', 'DIMENSION', { Filter: { Or: [storage, seoul] } }), {
    'ap-northeast-2': '0.39',
    'us-east-1': '2.07',
  });
  assert.deepEqual(await grouped('REGION', 'DIMENSION', { Filter: { And: [storage, seoul] } }), {});
  assert.deepEqual(await grouped('REGION', 'DIMENSION', { Filter: { Not: { Tags: { Key: 'team', MatchOptions: ['ABSENT'] } } } }), {
    'us-east-1': '1.2',
  });
});

test('resources are told of the last fortnight', async () => {
  const asked = {
    ...{ Granularity: 'MONTHLY' as const, GroupBy: [{ Type: 'DIMENSION' as const, Key: 'RESOURCE_ID' }] },
    Filter: { Dimensions: { Key: 'RECORD_TYPE' as const, Values: ['Usage'] } },
  };
  const { ResultsByTime } = await explorer.send(
    new GetCostAndUsageWithResourcesCommand({ ...asked, TimePeriod: { Start: text(first), End: text(first + 3 * day) } }),
  );
  assert.deepEqual(
    ResultsByTime![0]!.Groups!.map(({ Keys, Metrics }) => [Keys![0], Metrics!['UnblendedCost']!.Amount]),
    [
      ['NoResourceId', '0.0000004'],
      ['arn:aws:ec2:ap-northeast-2:222222222222:instance/i-1', '0.39'],
      ['arn:aws:s3:::data', '2.07'],
      [queueArn, '1.2'],
    ],
  );
  await assert.rejects(
    explorer.send(new GetCostAndUsageWithResourcesCommand({ ...asked, TimePeriod: { Start: text(first - 20 * day), End: text(first) } })),
    { name: 'DataUnavailableException' },
  );
});

test('the values of dimensions and tags', async () => {
  const TimePeriod = { Start: text(first), End: text(first + 3 * day) };
  const values = async (Dimension: 'REGION' | 'SERVICE', more = {}) =>
    (await explorer.send(new GetDimensionValuesCommand({ TimePeriod, Dimension, ...more }))).DimensionValues!.map(({ Value }) => Value);
  assert.deepEqual(await values('REGION'), ['ap-northeast-2', 'us-east-1']);
  assert.deepEqual(await values('SERVICE', { SearchString: 'queue' }), ['Amazon Simple Queue Service']);
  const page = await explorer.send(new GetDimensionValuesCommand({ TimePeriod, Dimension: 'REGION', MaxResults: 1 }));
  assert.deepEqual([page.ReturnSize, page.TotalSize], [1, 2]);
  assert.deepEqual(await values('REGION', { NextPageToken: page.NextPageToken }), ['us-east-1']);
  assert.deepEqual((await explorer.send(new GetTagsCommand({ TimePeriod }))).Tags, ['team']);
  assert.deepEqual((await explorer.send(new GetTagsCommand({ TimePeriod, TagKey: 'team' }))).Tags, ['', 'shop']);
});

test('the forecast goes on as it went, and rates what is to come by the month', async () => {
  const TimePeriod = { Start: text(first + 3 * day), End: text(first + 13 * day) };
  const { Total, ForecastResultsByTime } = await explorer.send(
    new GetCostForecastCommand({ TimePeriod, Metric: 'UNBLENDED_COST', Granularity: 'DAILY', PredictionIntervalLevel: 80 }),
  );
  // Ten days of 1.22, and of the one request in three days.
  assert.equal(Number(Total!.Amount).toFixed(4), '12.2000');
  assert.equal(ForecastResultsByTime!.length, 10);
  const { MeanValue, PredictionIntervalLowerBound: low, PredictionIntervalUpperBound: high } = ForecastResultsByTime![4]!;
  assert.ok(Number(low) <= Number(MeanValue) && Number(MeanValue) <= Number(high));
  const usage = await explorer.send(
    new GetUsageForecastCommand({
      ...{ TimePeriod, Metric: 'USAGE_QUANTITY', Granularity: 'MONTHLY' },
      Filter: { Dimensions: { Key: 'USAGE_TYPE', Values: ['APN2-BoxUsage:t3.micro'] } },
    }),
  );
  assert.deepEqual(usage.Total, { Amount: '100', Unit: 'Hrs' });
  await assert.rejects(explorer.send(new GetUsageForecastCommand({ TimePeriod, Metric: 'USAGE_QUANTITY', Granularity: 'MONTHLY' })), {
    name: 'UnresolvableUsageUnitException',
  });
  const stranger = cloud.client(CostExplorerClient, { credentials: rootOf('333333333333') });
  await assert.rejects(stranger.send(new GetCostForecastCommand({ TimePeriod, Metric: 'UNBLENDED_COST', Granularity: 'MONTHLY' })), {
    name: 'DataUnavailableException',
  });
});

test('what is wrong is refused in words, and what is not built says so', async () => {
  const refused = async (input: Partial<GetCostAndUsageCommandInput>, name: string): Promise<void> =>
    assert.rejects(costs(input), { name });
  await refused({ TimePeriod: { Start: '2026-13-01', End: '2026-13-02' } }, 'ValidationException');
  await refused({ TimePeriod: { Start: text(first + day), End: text(first) } }, 'ValidationException');
  await refused({ TimePeriod: { Start: text(first), End: text(first + 70 * day) } }, 'ValidationException');
  await refused({ Metrics: ['Dearness'] }, 'ValidationException');
  await refused({ Filter: {} }, 'ValidationException');
  await refused({ GroupBy: ['SERVICE', 'REGION', 'OPERATION'].map((Key) => ({ Type: 'DIMENSION', Key })) }, 'ValidationException');
  await refused({ GroupBy: [{ Type: 'DIMENSION', Key: 'RESOURCE_ID' }] }, 'ValidationException');
  await refused({ GroupBy: [{ Type: 'DIMENSION', Key: 'AZ' }] }, 'NotImplemented');
  await refused({ Granularity: 'HOURLY' }, 'NotImplemented');
  await refused({ NextPageToken: 'x' }, 'InvalidNextTokenException');
});

test('who has no permission is refused', async () => {
  const iam = cloud.client(IAMClient, { credentials: rootOf(account) });
  await iam.send(new CreateUserCommand({ UserName: 'clerk' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'clerk' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const clerk = cloud.client(CostExplorerClient, { credentials });
  await assert.rejects(
    clerk.send(
      new GetCostAndUsageCommand({
        ...{ TimePeriod: { Start: text(first), End: text(first + day) }, Granularity: 'DAILY', Metrics: ['UnblendedCost'] },
      }),
    ),
    /is not authorized to perform: ce:GetCostAndUsage on resource: arn:aws:ce:us-east-1:222222222222:\/GetCostAndUsage/,
  );
});
