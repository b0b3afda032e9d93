/** CreateChannel, DescribeChannel, ListChannels, UpdateChannel, DeleteChannel. */

import type { Authorizer, Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { passRole } from '../../../framework/service-role.ts';
import { requestTagContext, tagsOf } from '../../../framework/tags.ts';
import { checkConstraints } from '../constraints.ts';
import { invalidArgument, limitExceeded, resourceInUse } from '../errors.ts';
import { channelFreshnessSecondsDefault, channelFreshnessSecondsMax, channelFreshnessSecondsMin } from '../limits.ts';
import { nextPosition } from '../records/reading.ts';
import type { Input, Operation } from '../sdk.ts';
import { requireActive } from '../streams/lookup.ts';
import { streamArn, streamOfArn, type NamedStream } from '../streams/stream.ts';
import { channelPlaces, channels, shards } from '../tables.ts';
import { checkedTags } from '../tags/tags.ts';
import { channelArn, channelOfArn, channelsOf, describeChannel, requireChannel, summariseChannel, type Channel } from './channel.ts';
import { checkTemplate } from './object-key.ts';

export const kinesisService = 'kinesis.amazonaws.com';

type Wish = Input<'CreateChannel'>;

const listedDefault = 100;

export const onCreateChannel: Authorizer<Wish> = (request, input) => {
  checkConstraints(request.operation, input);
  const { account, region } = request;
  const tags = tagsOf(input.Tags);
  const named = { account, region, name: input.ChannelName!, id: '*' } as Channel;
  const create: Check = { action: 'kinesis:CreateChannel', resource: channelArn(named), context: requestTagContext(tags) };
  const source = sourceOf(request, input);
  return [
    create,
    { action: 'kinesis:CreateChannel', resource: streamArn(source), resourceAccount: source.account },
    passRole(input.ServiceExecutionRoleARN!, kinesisService),
  ];
};

export const onChannel: Authorizer<{ ChannelARN: string | undefined }> = async (request, input) => {
  checkConstraints(request.operation, input);
  const named = channelOfArn(input.ChannelARN!);
  if (!named) throw invalidArgument(`Invalid ChannelARN: ${input.ChannelARN}`);
  const channel = await request.store.read((tx) => channels.get(tx, named.account, named.region, named.name));
  const context = Object.fromEntries((channel?.tags ?? []).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
  return [{ action: `kinesis:${request.operation}`, resource: input.ChannelARN!, resourceAccount: named.account, context }];
};

/** Throws InvalidArgumentException, and NotImplemented for a stream of another account. */
function sourceOf({ account, region }: ServiceRequest, { StreamConfigurationList: sources }: Wish): NamedStream {
  if (sources!.length !== 1) throw invalidArgument('StreamConfigurationList must name one stream.');
  const given = sources![0]!.StreamARN!;
  const named = streamOfArn(given);
  if (!named || named.consumer || named.region !== region) throw invalidArgument(`Invalid StreamARN: ${given}`);
  if (named.account !== account) throw notImplemented('kinesis:CreateChannel with a stream of another account');
  return named;
}

export const CreateChannel: Operation<'CreateChannel'> = async (request, input) => {
  const source = sourceOf(request, input);
  const settings = settingsOf(input);
  const { account, region, now } = request;
  const id = request.random.uuid();
  const channel = await request.store.write(async (tx) => {
    const stream = await requireActive(tx, source);
    const name = input.ChannelName!;
    if (await channels.get(tx, account, region, name)) throw resourceInUse(`Channel ${name} under account ${account} already exists.`);
    if (stream.mode !== 'ON_DEMAND')
      throw invalidArgument(`Channels are only supported for streams with the on-demand capacity mode: ${stream.name}`);
    if ((await channelsOf(tx, stream)).length > 0)
      throw limitExceeded(`Stream ${stream.name} under account ${account} already has a channel that delivers to Amazon S3.`);
    const made: Channel = {
      ...{ account, region, name, id, created: now, status: 'CREATING' },
      ...settings,
      logs: logsOf(name, id, input),
      stream: { id: stream.id, name: stream.name, created: stream.created },
      tags: checkedTags(stream, [], input.Tags ?? {}),
    };
    await channels.put(tx, made);
    // What was in the stream before is not delivered.
    const next = await nextPosition(tx, stream);
    for (const { row } of await shards.scan(tx, [stream.id])) await channelPlaces.put(tx, { channel: id, shard: row.number, next });
    return made;
  });
  return { ChannelDescription: describeChannel(channel) };
};

type Settings = Pick<Channel, 'roleArn' | 'format' | 'freshnessSeconds' | 'storage' | 'deadLetters' | 'keyId'>;

function settingsOf(input: Wish): Settings {
  if (input.S3TablesDestinationConfiguration) throw notImplemented('kinesis:CreateChannel with S3TablesDestinationConfiguration');
  refuseLogs('CreateChannel', input.LoggingConfiguration);
  const destination = input.S3DestinationConfiguration;
  if (!destination) throw invalidArgument('Either S3DestinationConfiguration or S3TablesDestinationConfiguration must be specified.');
  const { RecordFormatType: format, GSRSchemaARN } = input.StreamConfigurationList![0]!.RecordConfiguration ?? {
    RecordFormatType: 'BYTE_ARRAY',
  };
  if (!['JSON', 'STRING', 'BYTE_ARRAY'].includes(format!) || GSRSchemaARN !== undefined)
    throw invalidArgument('Records of a channel that delivers to Amazon S3 are JSON, STRING or BYTE_ARRAY, without a schema.');
  const { DataFreshnessInSeconds: freshness = channelFreshnessSecondsDefault, StorageConfiguration: storage } = destination;
  checkFreshness(freshness);
  const { BucketARN, CompressionType, StorageClass = 'STANDARD' } = storage!;
  if (!['NONE', 'GZIP', 'ZSTD'].includes(CompressionType!)) throw invalidArgument(`Invalid CompressionType: ${CompressionType}`);
  if (!['STANDARD', 'INTELLIGENT_TIERING', 'GLACIER_IR'].includes(StorageClass))
    throw invalidArgument(`Invalid StorageClass: ${StorageClass}`);
  checkBucket(BucketARN!);
  checkTemplate(storage!.OutputKeyTemplate);
  const deadLetters = destination.DeadLetterQueueS3Configuration ?? {
    BucketARN,
    ExpectedBucketOwner: storage!.ExpectedBucketOwner,
    ErrorOutputPrefix: 'kinesis-channel-errors/',
  };
  checkBucket(deadLetters.BucketARN!);
  const encryption = input.EncryptionConfiguration;
  if (encryption && encryption.EncryptionType !== 'KMS') throw invalidArgument('EncryptionType must be KMS.');
  if (encryption?.KeyId === 'alias/aws/kinesis') throw invalidArgument('The key of a channel must be a customer managed key.');
  return {
    ...{ roleArn: input.ServiceExecutionRoleARN!, format: format!, freshnessSeconds: freshness },
    storage: { ...storage!, StorageClass },
    deadLetters,
    ...(encryption && { keyId: encryption.KeyId! }),
  };
}

function checkFreshness(seconds: number): void {
  if (seconds < channelFreshnessSecondsMin || seconds > channelFreshnessSecondsMax)
    throw invalidArgument(`DataFreshnessInSeconds must be between ${channelFreshnessSecondsMin} and ${channelFreshnessSecondsMax}.`);
}

function checkBucket(arn: string): void {
  if (!/^arn:aws[\w-]*:s3:::[a-z0-9.-]{3,63}$/.test(arn)) throw invalidArgument(`Invalid BucketARN: ${arn}`);
}

function logsOf(name: string, id: string, { LoggingConfiguration: logging }: Pick<Wish, 'LoggingConfiguration'>): Channel['logs'] {
  const { Enabled, LogGroupName, LogStreamName } = logging?.CloudWatchLogs ?? { Enabled: false };
  return {
    Enabled: Enabled ?? false,
    LogGroupName: LogGroupName ?? `/aws/kinesis/${name}/${id}`,
    LogStreamName: LogStreamName ?? 'DestinationDelivery',
  };
}

export const DescribeChannel: Operation<'DescribeChannel'> = async (request, input) => ({
  ChannelDescription: describeChannel(await request.store.read((tx) => requireChannel(tx, request.region, input.ChannelARN!))),
});

export const ListChannels: Operation<'ListChannels'> = async (request, input) => {
  const { account, region } = request;
  const after = input.NextToken === undefined ? '' : Buffer.from(input.NextToken, 'base64url').toString();
  const all = await request.store.read((tx) => channels.scan(tx, [account, region]));
  const wanted = (channel: Channel): boolean => !input.StreamFilter?.length || input.StreamFilter.some((filter) => isFrom(channel, filter));
  const rows = all.map(({ row }) => row).filter((channel) => channel.name > after && wanted(channel));
  const page = rows.slice(0, Math.min(input.MaxResults ?? listedDefault, listedDefault));
  return {
    ChannelSummaries: page.map(summariseChannel),
    ...(rows.length > page.length && { NextToken: Buffer.from(page.at(-1)!.name).toString('base64url') }),
  };
};

function isFrom(
  { account, region, stream }: Channel,
  filter: { StreamARN?: string | undefined; StreamCreationTimestamp?: Date | undefined },
): boolean {
  const { StreamARN, StreamCreationTimestamp: created } = filter;
  if (StreamARN !== streamArn({ account, region, name: stream.name })) return false;
  return created === undefined || Math.floor(created.getTime() / 1000) === Math.floor(stream.created / 1000);
}

export const UpdateChannel: Operation<'UpdateChannel'> = async (request, input) => {
  const { S3DestinationConfiguration: destination, S3TablesDestinationConfiguration: iceberg, LoggingConfiguration: logging } = input;
  if (iceberg) throw invalidArgument('The channel delivers to Amazon S3: S3TablesDestinationConfiguration cannot be specified.');
  if (!destination && !logging) throw invalidArgument('Either S3DestinationConfiguration or LoggingConfiguration must be specified.');
  if (destination) checkFreshness(destination.DataFreshnessInSeconds!);
  refuseLogs('UpdateChannel', logging);
  const channel = await request.store.write(async (tx) => {
    const present = await requireChannel(tx, request.region, input.ChannelARN!);
    const logs = logging?.CloudWatchLogs && { ...present.logs, ...withoutUndefined(logging.CloudWatchLogs) };
    const next: Channel = {
      ...{ ...present, status: present.status === 'ACTIVE' ? 'UPDATING' : present.status },
      ...(destination && { freshnessSeconds: destination.DataFreshnessInSeconds! }),
      ...(logs && { logs }),
    };
    await channels.put(tx, next);
    return next;
  });
  return { ChannelDescription: describeChannel(channel) };
};

/** Throws NotImplemented: deliveries leave no logs. */
function refuseLogs(operation: string, logging: { CloudWatchLogs?: { Enabled?: boolean | undefined } | undefined } | undefined): void {
  if (logging?.CloudWatchLogs?.Enabled) throw notImplemented(`kinesis:${operation} with LoggingConfiguration`);
}

const withoutUndefined = (given: object): object => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

/** What has not been delivered is not delivered any more. */
export const DeleteChannel: Operation<'DeleteChannel'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { account, region, name, id } = await requireChannel(tx, request.region, input.ChannelARN!);
    await channels.delete(tx, account, region, name);
    for (const { row } of await channelPlaces.scan(tx, [id])) await channelPlaces.delete(tx, id, row.shard);
  });
  return {};
};
