/** A month of real use, gone through on the clock, adds up to the cent of what was computed by hand. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  AllocateAddressCommand,
  CreateVolumeCommand,
  DescribeImagesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { monthOf } from '../../../framework/billing/month.ts';
import { setFreeTier } from '../../../framework/billing/settings.ts';
import { createTable } from '../../../../tests/ready-table.ts';

const account = '666666666666';
const credentials = rootOf(account);
const hour = 3_600_000;
const megabyte = 2 ** 20;

let cloud: LiveCloud;
before(async () => {
  cloud = await startCloud({ host: simulatedHost() });
  const now = cloud.cloud.clock.now();
  await cloud.advance(monthOf(now).to - now);
  await cloud.cloud.store.write((tx) => setFreeTier(tx, 'none'));
});
after(() => cloud.close());

test('a bucket, a table, a key, a stream, an instance, a volume and an address for a month', async () => {
  const first = cloud.cloud.clock.now();
  const { hours, to } = monthOf(first);
  const s3 = cloud.client(S3Client, { credentials });
  const dynamodb = cloud.client(DynamoDBClient, { credentials });
  const ec2 = cloud.client(EC2Client, { credentials });
  await s3.send(new CreateBucketCommand({ Bucket: 'billed' }));
  await s3.send(new PutObjectCommand({ Bucket: 'billed', Key: 'a', Body: Buffer.alloc(8 * megabyte) }));
  for (let n = 0; n < 3; n++) await (await s3.send(new GetObjectCommand({ Bucket: 'billed', Key: 'a' }))).Body!.transformToByteArray();
  await createTable(
    dynamodb,
    new CreateTableCommand({
      ...{ TableName: 'things', AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }] },
      ...{ KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }], BillingMode: 'PAY_PER_REQUEST' },
    }),
  );
  for (let n = 0; n < 8; n++) await dynamodb.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: String(n) } } }));
  await cloud.client(KMSClient, { credentials }).send(new CreateKeyCommand({}));
  const kinesis = cloud.client(KinesisClient, { credentials });
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 2, StreamModeDetails: { StreamMode: 'PROVISIONED' } }));
  const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
  const run = { ImageId: Images![0]!.ImageId!, InstanceType: 'm5.large', MinCount: 1, MaxCount: 1 } as const;
  const { Instances } = await ec2.send(new RunInstancesCommand(run));
  await ec2.send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 50, VolumeType: 'gp3' }));
  await ec2.send(new AllocateAddressCommand({}));
  await cloud.cloud.settled();
  await cloud.advance(100 * hour);
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [Instances![0]!.InstanceId!] }));
  await cloud.cloud.settled();
  for (let now = cloud.cloud.clock.now(); now < to + hour; now = cloud.cloud.clock.now())
    await cloud.advance(Math.min(72 * hour, to + hour - now));

  const explorer = cloud.client(CostExplorerClient, { credentials });
  const day = (moment: number): string => new Date(moment).toISOString().slice(0, 10);
  const { ResultsByTime } = await explorer.send(
    new GetCostAndUsageCommand({
      ...{ TimePeriod: { Start: day(first), End: day(to) }, Granularity: 'MONTHLY', Metrics: ['UnblendedCost'] },
      GroupBy: [{ Type: 'DIMENSION', Key: 'USAGE_TYPE' }],
    }),
  );
  const charged = Object.fromEntries(
    ResultsByTime![0]!.Groups!.map(({ Keys, Metrics }) => [Keys![0], Number(Metrics!['UnblendedCost']!.Amount)]),
  );
  /** Within so many dollars: seconds pass between a call and the next, on a clock that stands still they do not. */
  const near = (usageType: string, dollars: number, within = 1e-9): void =>
    assert.ok(Math.abs((charged[usageType] ?? 0) - dollars) <= within, `${usageType}: ${charged[usageType]}, not ${dollars}`);
  near('TimedStorage-ByteHrs', (8 / 1024) * 0.023, 1e-6);
  near('Requests-Tier1', 2 * 0.000_005);
  near('Requests-Tier2', 3 * 0.000_000_4);
  near('DataTransfer-Out-Bytes', ((3 * 8) / 1024) * 0.09);
  near('WriteRequestUnits', 8 * 0.000_000_625);
  near('us-east-1-KMS-Keys', 1, 1e-3);
  near('Storage-ShardHour', 2 * 0.015 * hours, 0.031);
  near('BoxUsage:m5.large', 100 * 0.096, 1e-3);
  // And the instance's own disk, for 100 hours.
  const disk = charged['EBS:VolumeUsage.gp3']! - 50 * 0.08;
  assert.ok(disk > -0.01 && disk < 0.5, `${disk}`);
  near('PublicIPv4:IdleAddress', 0.005 * hours, 0.006);
});
