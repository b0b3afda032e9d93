/** Channels: what comes into a stream on demand lies in a bucket of S3 within the time that was told. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as K from '@aws-sdk/client-kinesis';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { home, kinesisOf, makeStream } from './streams-at-hand.ts';

const fiveMinutes = 300_000;
let cloud: LiveCloud;
let client: K.KinesisClient;
let s3: S3Client;
let iam: IAMClient;
let ServiceExecutionRoleARN: string;

const trusting = (Service: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }] });

before(async () => {
  cloud = await startCloud();
  client = kinesisOf(cloud);
  const credentials = rootOf(home);
  s3 = cloud.client(S3Client, { credentials });
  iam = cloud.client(IAMClient, { credentials });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'carrier', AssumeRolePolicyDocument: trusting('kinesis.amazonaws.com') }),
  );
  const Statement = [{ Effect: 'Allow', Action: ['s3:PutObject', 'kms:*'], Resource: '*' }];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'carrier', PolicyName: 'carry', PolicyDocument }));
  ServiceExecutionRoleARN = Role!.Arn!;
});
after(() => cloud.close());

const onDemand = { StreamModeDetails: { StreamMode: 'ON_DEMAND' as const } };
const storage = (more: Partial<K.S3StorageConfiguration> = {}): K.S3StorageConfiguration => ({
  BucketARN: 'arn:aws:s3:::lake',
  ExpectedBucketOwner: home,
  CompressionType: 'NONE',
  ...more,
});

type Made = { name: string; arn: string; stream: string };

/** A stream on demand with a channel, both ready. */
async function made(
  name: string,
  StorageConfiguration = storage(),
  RecordFormatType: K.RecordFormatType = 'STRING',
  more: Partial<K.CreateChannelCommandInput> = {},
): Promise<Made> {
  const stream = await makeStream(cloud, client, `${name}-stream`, onDemand);
  const { ChannelDescription } = await client.send(
    new K.CreateChannelCommand({
      ChannelName: name,
      ServiceExecutionRoleARN,
      StreamConfigurationList: [{ StreamARN: stream, RecordConfiguration: { RecordFormatType } }],
      S3DestinationConfiguration: { StorageConfiguration },
      ...more,
    }),
  );
  assert.equal(ChannelDescription!.ChannelStatus, 'CREATING');
  await cloud.cloud.settled();
  const arn = ChannelDescription!.ChannelARN!;
  assert.equal((await described(arn)).ChannelStatus, 'ACTIVE');
  return { name, arn, stream };
}

const described = async (ChannelARN: string): Promise<K.ChannelDescription> =>
  (await client.send(new K.DescribeChannelCommand({ ChannelARN }))).ChannelDescription!;

const put = (StreamARN: string, ...texts: string[]): Promise<unknown> =>
  client.send(new K.PutRecordsCommand({ StreamARN, Records: texts.map((text) => ({ PartitionKey: 'one', Data: Buffer.from(text) })) }));

async function objects(Prefix: string): Promise<[key: string, body: Buffer][]> {
  await cloud.cloud.settled();
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'lake', Prefix }));
  const found: [string, Buffer][] = [];
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key: Key! }));
    found.push([Key!, Buffer.from(await Body!.transformToByteArray())]);
  }
  return found;
}

test('records that came after the channel are delivered within its time, once', async () => {
  const { arn, stream } = await made('first');
  const { ChannelId } = await described(arn);
  const prefix = `kinesis-channel/first/${ChannelId}/`;
  await put(stream, 'a', 'b\n');
  await cloud.advance(fiveMinutes - 1_000);
  assert.deepEqual(await objects(prefix), []);
  await put(stream, 'c');
  await cloud.advance(2_000);
  const [[key, body], ...others] = (await objects(prefix)) as [[string, Buffer], ...unknown[]];
  assert.equal(others.length, 0);
  assert.match(key, /\/\d{4}\/\d\d\/\d\d\/\d\d\/first-[\w-]+-\d{4}-\d\d-\d\d-\d\d-\d\d-\d{6}-\d+$/);
  assert.equal(body.toString(), 'a\nb\nc\n');
  await cloud.advance(2 * fiveMinutes);
  assert.equal((await objects(prefix)).length, 1);
  await put(stream, 'd');
  await cloud.advance(fiveMinutes);
  assert.deepEqual((await objects(prefix)).map(([, bytes]) => bytes.toString()).toSorted(), ['a\nb\nc\n', 'd\n']);
});

test('objects are named by the template, packed and stored as asked; bytes stay as they are', async () => {
  const OutputKeyTemplate = 'in/!{stream-name}/!{yyyy}/part!{extension}';
  const packed = await made(
    'packed',
    storage({ CompressionType: 'ZSTD', StorageClass: 'INTELLIGENT_TIERING', OutputKeyTemplate }),
    'BYTE_ARRAY',
  );
  const plain = await made('zipped', storage({ CompressionType: 'GZIP', OutputKeyTemplate: 'gz/!{channel-name}!{extension:.txt}' }));
  await put(packed.stream, 'one', 'two');
  await put(plain.stream, 'text');
  await cloud.advance(fiveMinutes);
  const [[key, body]] = (await objects('in/packed-stream/')) as [[string, Buffer]];
  assert.match(key, /^in\/packed-stream\/\d{4}\/part-\d{6}-\d+\.zst$/);
  assert.equal(zstdDecompressSync(body).toString(), 'onetwo');
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket: 'lake', Key: key }))).StorageClass, 'INTELLIGENT_TIERING');
  const [[name, bytes]] = (await objects('gz/')) as [[string, Buffer]];
  assert.match(name, /^gz\/zipped-\d{6}-\d+\.txt$/);
  assert.equal(gunzipSync(bytes).toString(), 'text\n');
});

test('what is no JSON lies below the prefix for errors, and other shards are carried after a split', async () => {
  const DeadLetterQueueS3Configuration = { BucketARN: 'arn:aws:s3:::lake', ExpectedBucketOwner: home, ErrorOutputPrefix: 'bad/' };
  const StorageConfiguration = storage({ OutputKeyTemplate: 'json/!{channel-name}' });
  const { stream } = await made('json', StorageConfiguration, 'JSON', {
    S3DestinationConfiguration: { StorageConfiguration, DeadLetterQueueS3Configuration },
  });
  await put(stream, '{"a":1}', 'nonsense', '[2]');
  await cloud.advance(fiveMinutes);
  assert.deepEqual(
    (await objects('json/')).map(([, body]) => body.toString()),
    ['{"a":1}\n[2]\n'],
  );
  const [[, bad]] = (await objects('bad/')) as [[string, Buffer]];
  const { rawData, errorCode } = JSON.parse(bad.toString()) as { rawData: string; errorCode: string };
  assert.deepEqual([Buffer.from(rawData, 'base64').toString(), errorCode], ['nonsense', 'InvalidJson']);
  await client.send(new K.UpdateStreamModeCommand({ StreamARN: stream, StreamModeDetails: { StreamMode: 'PROVISIONED' } }));
  await cloud.cloud.settled();
  await client.send(new K.UpdateShardCountCommand({ StreamARN: stream, TargetShardCount: 8, ScalingType: 'UNIFORM_SCALING' }));
  await cloud.cloud.settled();
  await put(stream, '{"after":"split"}');
  await cloud.advance(fiveMinutes);
  const delivered = (await objects('json/')).map(([, body]) => body.toString());
  assert.deepEqual(delivered.toSorted(), ['{"a":1}\n[2]\n', '{"after":"split"}\n']);
});

test('a bucket that is not there yet is waited for, and nothing is lost', async () => {
  const { stream } = await made('patient', storage({ BucketARN: 'arn:aws:s3:::later', OutputKeyTemplate: 'x/!{channel-name}' }));
  await put(stream, 'kept');
  await cloud.advance(fiveMinutes);
  await s3.send(new CreateBucketCommand({ Bucket: 'later' }));
  await cloud.advance(2_000);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'later' }));
  assert.equal(Contents!.length, 1);
  await refused(s3.send(new DeleteBucketCommand({ Bucket: 'later' })), 'BucketNotEmpty');
});

test('a role is taken on when there is something to carry, and not before', async () => {
  const { stream } = await made('seldom', storage({ OutputKeyTemplate: 'seldom/!{channel-name}' }));
  const trail = cloud.client(CloudTrailClient, { credentials: rootOf(home) });
  const taken = async (): Promise<number> => {
    const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'AssumeRole' }];
    const { Events } = await trail.send(new LookupEventsCommand({ LookupAttributes, MaxResults: 50 }));
    return Events!.filter(({ CloudTrailEvent: event }) => event!.includes('"seldom"')).length;
  };
  await put(stream, 'one');
  await cloud.advance(3_000);
  await cloud.cloud.settled();
  assert.equal(await taken(), 0);
  await cloud.advance(fiveMinutes);
  assert.equal((await objects('seldom/')).length, 1);
  assert.equal(await taken(), 1);
});

test('a record behind much of other shards is carried', async () => {
  const { stream } = await made('quiet', storage({ OutputKeyTemplate: 'quiet/!{channel-name}' }));
  const { Shards } = await client.send(new K.ListShardsCommand({ StreamARN: stream }));
  const [quiet, ...busy] = Shards!.map(({ HashKeyRange }) => HashKeyRange!.StartingHashKey!);
  const record = (ExplicitHashKey: string, text: string) => ({ PartitionKey: 'any', ExplicitHashKey, Data: Buffer.from(text) });
  const Records = busy.map((hash) => record(hash, ''));
  for (let second = 0; second < 3; second++) {
    await Promise.all(Array.from({ length: 900 }, () => client.send(new K.PutRecordsCommand({ StreamARN: stream, Records }))));
    await cloud.advance(1_000);
  }
  await client.send(new K.PutRecordsCommand({ StreamARN: stream, Records: [record(quiet!, 'at last')] }));
  await cloud.advance(fiveMinutes);
  assert.ok((await objects('quiet/')).some(([, body]) => body.toString() === 'at last\n'));
});

test('channels are listed, changed and deleted; a stream that has one is not', async () => {
  const { arn, stream } = await made('changed');
  const StreamFilter = [{ StreamARN: stream }];
  const { ChannelSummaries } = await client.send(new K.ListChannelsCommand({ StreamFilter }));
  assert.deepEqual(
    ChannelSummaries!.map(({ ChannelName, ChannelDestinationType }) => [ChannelName, ChannelDestinationType]),
    [['changed', 'S3']],
  );
  const first = await client.send(new K.ListChannelsCommand({ MaxResults: 1 }));
  const rest = await client.send(new K.ListChannelsCommand({ NextToken: first.NextToken! }));
  assert.ok(
    rest.ChannelSummaries!.length > 1 &&
      rest.ChannelSummaries!.every(({ ChannelName }) => ChannelName !== first.ChannelSummaries![0]!.ChannelName),
  );
  const update = (DataFreshnessInSeconds: number) =>
    client.send(new K.UpdateChannelCommand({ ChannelARN: arn, S3DestinationConfiguration: { DataFreshnessInSeconds } }));
  assert.equal((await update(900)).ChannelDescription!.ChannelStatus, 'UPDATING');
  await cloud.cloud.settled();
  const { ChannelStatus, S3DestinationConfiguration } = await described(arn);
  assert.deepEqual([ChannelStatus, S3DestinationConfiguration!.DataFreshnessInSeconds], ['ACTIVE', 900]);
  await refused(update(10), 'InvalidArgumentException');
  await refused(client.send(new K.DeleteStreamCommand({ StreamARN: stream })), { code: 'ResourceInUseException', message: /changed/ });
  await client.send(new K.DeleteChannelCommand({ ChannelARN: arn }));
  await refused(described(arn), 'ResourceNotFoundException');
  await client.send(new K.DeleteStreamCommand({ StreamARN: stream }));
});

test('what is asked wrongly is refused, and what is not built says so', async () => {
  const { stream } = await made('strict');
  const fixed = await makeStream(cloud, client, 'fixed');
  const create = (more: Partial<K.CreateChannelCommandInput>, StreamARN = fixed) =>
    client.send(
      new K.CreateChannelCommand({
        ChannelName: 'wrong',
        ServiceExecutionRoleARN,
        StreamConfigurationList: [{ StreamARN, RecordConfiguration: { RecordFormatType: 'STRING' } }],
        S3DestinationConfiguration: { StorageConfiguration: storage() },
        ...more,
      }),
    );
  await refused(create({}), { code: 'InvalidArgumentException', message: /on-demand/ });
  await refused(create({ ChannelName: 'strict' }, stream), 'ResourceInUseException');
  await refused(create({}, stream), 'LimitExceededException');
  await refused(create({ S3DestinationConfiguration: undefined }, stream), 'InvalidArgumentException');
  const S3DestinationConfiguration = { StorageConfiguration: storage({ OutputKeyTemplate: '!{nonsense}' }) };
  await refused(create({ S3DestinationConfiguration }, stream), { code: 'InvalidArgumentException', message: /nonsense/ });
  const DeadLetterQueueS3Configuration = { BucketARN: 'arn:aws:s3:::lake', ExpectedBucketOwner: home };
  const S3TablesDestinationConfiguration = { DeadLetterQueueS3Configuration, S3TablesConfigurationList: [] };
  await refused(create({ S3DestinationConfiguration: undefined, S3TablesDestinationConfiguration }, stream), 'NotImplemented');
  await refused(create({ LoggingConfiguration: { CloudWatchLogs: { Enabled: true } } }, stream), 'NotImplemented');
  await refused(client.send(new K.DescribeChannelCommand({ ChannelARN: `${fixed}/x` })), 'InvalidArgumentException');
});
