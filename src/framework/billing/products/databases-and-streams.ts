/** DynamoDB, Kinesis and Firehose. */

import { flat, flatIn, forOne, terabytes, type Price, type Product } from '../price.ts';

const million = (dollars: string): string => forOne(dollars, 6);

const readHours = flatIn({
  ...{ 'us-west-1': '0.000145', 'eu-west-1': '0.000147', 'eu-central-1': '0.0001586', 'ap-northeast-1': '0.0001484' },
  ...{ 'ap-northeast-2': '0.00014098', 'ap-southeast-1': '0.000148' },
});
const writeHours = flatIn({
  ...{ 'us-west-1': '0.000725', 'eu-west-1': '0.000735', 'eu-central-1': '0.000793', 'ap-northeast-1': '0.000742' },
  ...{ 'ap-northeast-2': '0.0007049', 'ap-southeast-1': '0.00074' },
});
const stored = flatIn({
  ...{ 'us-west-1': '0.28', 'eu-west-1': '0.283', 'eu-central-1': '0.306', 'ap-northeast-1': '0.285' },
  ...{ 'ap-northeast-2': '0.27075', 'ap-southeast-1': '0.285' },
});

/** 25 units of each kind for all hours of a month of 31 days: https://aws.amazon.com/dynamodb/pricing/provisioned/ */
const freeUnitHours = 25 * 744;

/** https://aws.amazon.com/dynamodb/pricing/ */
const dynamodbPrices: readonly Price[] = [
  { usageType: 'ReadRequestUnits', unit: 'ReadRequestUnits', about: 'on-demand reads', tiers: flat(million('0.125')) },
  { usageType: 'WriteRequestUnits', unit: 'WriteRequestUnits', about: 'on-demand writes', tiers: flat(million('0.625')) },
  { usageType: 'ReplWriteRequestUnits', unit: 'WriteRequestUnits', about: 'on-demand writes of replicas', tiers: flat(million('0.625')) },
  {
    ...{ usageType: 'ReadCapacityUnit-Hrs', unit: 'ReadCapacityUnit-Hrs', about: 'provisioned read capacity', tiers: flat('0.00013') },
    ...{ elsewhere: readHours, free: [{ units: freeUnitHours, from: 'always' }] },
  },
  {
    ...{ usageType: 'WriteCapacityUnit-Hrs', unit: 'WriteCapacityUnit-Hrs', about: 'provisioned write capacity', tiers: flat('0.00065') },
    ...{ elsewhere: writeHours, free: [{ units: freeUnitHours, from: 'always' }] },
  },
  {
    usageType: 'IA-ReadRequestUnits',
    unit: 'ReadRequestUnits',
    about: 'on-demand reads, infrequent access',
    tiers: flat(million('0.155')),
  },
  {
    usageType: 'IA-WriteRequestUnits',
    unit: 'WriteRequestUnits',
    about: 'on-demand writes, infrequent access',
    tiers: flat(million('0.78')),
  },
  {
    usageType: 'IA-ReadCapacityUnit-Hrs',
    unit: 'ReadCapacityUnit-Hrs',
    about: 'provisioned read capacity, infrequent access',
    tiers: flat('0.00016'),
  },
  {
    usageType: 'IA-WriteCapacityUnit-Hrs',
    unit: 'WriteCapacityUnit-Hrs',
    about: 'provisioned write capacity, infrequent access',
    tiers: flat('0.00081'),
  },
  {
    ...{ usageType: 'TimedStorage-ByteHrs', unit: 'GB-Mo', about: 'storage', tiers: flat('0.25'), elsewhere: stored },
    free: [{ units: 25, from: 'always' }],
  },
  { usageType: 'IA-TimedStorage-ByteHrs', unit: 'GB-Mo', about: 'storage, infrequent access', tiers: flat('0.1') },
  { usageType: 'TimedPITRStorage-ByteHrs', unit: 'GB-Mo', about: 'point-in-time recovery', tiers: flat('0.2') },
  { usageType: 'TimedBackupStorage-ByteHrs', unit: 'GB-Mo', about: 'on-demand backups', tiers: flat('0.1') },
  { usageType: 'ExportDataSize-Bytes', unit: 'GB', about: 'export to S3', tiers: flat('0.1') },
  { usageType: 'ImportDataSize-Bytes', unit: 'GB', about: 'import from S3', tiers: flat('0.15') },
  {
    ...{ usageType: 'Streams-Requests', unit: 'Requests', about: 'reads of streams', tiers: flat('0.0000002') },
    free: [{ units: 2_500_000, from: 'always' }],
  },
];

export const dynamodb: Product = {
  ...{ code: 'AmazonDynamoDB', name: 'Amazon DynamoDB', family: 'Amazon DynamoDB PayPerRequest Throughput' },
  prices: dynamodbPrices,
};

/** https://aws.amazon.com/kinesis/data-streams/pricing/ */
export const kinesis: Product = {
  ...{ code: 'AmazonKinesis', name: 'Amazon Kinesis', family: 'Kinesis Streams' },
  prices: [
    { usageType: 'Storage-ShardHour', unit: 'ShardHour', about: 'shards', tiers: flat('0.015') },
    { usageType: 'Extended-ShardHour', unit: 'ShardHour', about: 'shards that keep data for more than a day', tiers: flat('0.02') },
    { usageType: 'PutRequestPayloadUnits', unit: 'PutRequest', about: 'PUT payload units of 25 KB', tiers: flat(million('0.014')) },
    { usageType: 'OnDemand-StreamHour', unit: 'StreamHr', about: 'on-demand streams', tiers: flat('0.04') },
    { usageType: 'OnDemand-BilledIncomingBytes', unit: 'GB', about: 'data into on-demand streams', tiers: flat('0.08') },
    { usageType: 'OnDemand-BilledOutgoingBytes', unit: 'GB', about: 'data out of on-demand streams', tiers: flat('0.04') },
  ],
};

/** https://aws.amazon.com/firehose/pricing/ */
export const firehose: Product = {
  ...{ code: 'AmazonKinesisFirehose', name: 'Amazon Kinesis Firehose', family: 'Kinesis Firehose' },
  prices: [
    {
      ...{ usageType: 'BilledBytes', unit: 'GB', about: 'data ingested, in steps of 5 KB a record' },
      tiers: [['0.029', terabytes(500)], ['0.025', terabytes(2000)], ['0.02']],
    },
  ],
};
