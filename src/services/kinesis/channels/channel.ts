/**
 * Channels: they carry what comes into a stream on demand into a bucket of S3, record by record as it came, no later than they were told.
 * https://docs.aws.amazon.com/streams/latest/dev/data-delivery-s3-key-template.html
 */

import type {
  ChannelDescription,
  ChannelSummary,
  CloudWatchLogs,
  DeadLetterQueueS3Configuration,
  RecordFormatType,
  S3StorageConfiguration,
} from '@aws-sdk/client-kinesis';
import { arn, parseArn } from '../../../framework/arn.ts';
import type { AwsError } from '../../../framework/aws-error.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidArgument, resourceInUse, resourceNotFound } from '../errors.ts';
import { streamArn } from '../streams/stream.ts';
import { channels, type Stream } from '../tables.ts';

export type Channel = {
  account: string;
  region: string;
  name: string;
  id: string;
  /** Milliseconds since the epoch. */
  created: number;
  status: 'CREATING' | 'ACTIVE' | 'UPDATING';
  /** What Kinesis becomes to write into the buckets. */
  roleArn: string;
  stream: { id: string; name: string; created: number };
  format: RecordFormatType;
  freshnessSeconds: number;
  storage: S3StorageConfiguration;
  deadLetters: DeadLetterQueueS3Configuration;
  /** The KMS key of what is written. */
  keyId?: string;
  logs: Required<CloudWatchLogs>;
  tags: [key: string, value: string][];
};

/** How far a shard has been carried: the position of the next record. */
export type ChannelPlace = { channel: string; shard: number; next: number };

export const channelArn = ({ account, region, name, id }: Channel): string => arn('kinesis', region, account, `channel/${name}/${id}`);

/** The name and the id that an ARN names; undefined where it names no channel. */
export function channelOfArn(given: string): { account: string; region: string; name: string; id: string } | undefined {
  const parsed = parseArn(given);
  const [, name, id] = /^channel\/([a-zA-Z0-9_.-]+)\/([a-z0-9-]+)$/.exec(parsed?.service === 'kinesis' ? parsed.resource : '') ?? [];
  return parsed && name !== undefined && id !== undefined ? { account: parsed.account, region: parsed.region, name, id } : undefined;
}

export const noChannel = (given: string): AwsError => resourceNotFound(`Channel ${given} not found.`);

/** Throws InvalidArgumentException for what is no ARN of a channel, ResourceNotFoundException for one that is not there. */
export async function requireChannel(tx: ReadTransaction, here: string, given: string): Promise<Channel> {
  const named = channelOfArn(given);
  if (!named) throw invalidArgument(`Invalid ChannelARN: ${given}`);
  const channel = named.region === here ? await channels.get(tx, named.account, named.region, named.name) : undefined;
  if (channel?.id !== named.id) throw noChannel(given);
  return channel;
}

const sourceArn = ({ account, region, stream }: Channel): string => streamArn({ account, region, name: stream.name });

export function describeChannel(channel: Channel): ChannelDescription {
  return {
    ChannelName: channel.name,
    ChannelARN: channelArn(channel),
    ChannelId: channel.id,
    ChannelStatus: channel.status,
    ChannelCreationTimestamp: new Date(channel.created),
    ServiceExecutionRoleARN: channel.roleArn,
    StreamConfigurationList: [
      {
        StreamARN: sourceArn(channel),
        StreamCreationTimestamp: new Date(channel.stream.created),
        RecordConfiguration: { RecordFormatType: channel.format },
      },
    ],
    S3DestinationConfiguration: {
      DataFreshnessInSeconds: channel.freshnessSeconds,
      DeadLetterQueueS3Configuration: channel.deadLetters,
      StorageConfiguration: channel.storage,
    },
    ...(channel.keyId !== undefined && { EncryptionConfiguration: { EncryptionType: 'KMS', KeyId: channel.keyId } }),
    LoggingConfiguration: { CloudWatchLogs: channel.logs },
  };
}

export const summariseChannel = (channel: Channel): ChannelSummary => ({
  ChannelName: channel.name,
  ChannelARN: channelArn(channel),
  ChannelId: channel.id,
  ChannelStatus: channel.status,
  ChannelCreationTimestamp: new Date(channel.created),
  ChannelDestinationType: 'S3',
  Streams: [{ StreamARN: sourceArn(channel), StreamCreationTimestamp: new Date(channel.stream.created) }],
});

/** The channels that a stream has. */
export async function channelsOf(tx: ReadTransaction, { account, region, id }: Stream): Promise<Channel[]> {
  return (await channels.scan(tx, [account, region])).map(({ row }) => row).filter(({ stream }) => stream.id === id);
}

/** Throws ResourceInUseException for a stream that has channels. */
export function refuseWithChannels(stream: Stream, found: readonly Channel[]): void {
  if (found.length > 0)
    throw resourceInUse(
      `Stream ${stream.name} under account ${stream.account} has active channels: ${found.map(({ name }) => name).join(', ')}`,
    );
}
