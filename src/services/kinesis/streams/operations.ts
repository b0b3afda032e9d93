/** Streams: describe, list, delete, and the account's limits. */

import { channelsOf, refuseWithChannels } from '../channels/channel.ts';
import { invalidArgument, resourceInUse, resourceNotFound } from '../errors.ts';
import { describedShardsDefault, listedStreamsDefault, onDemandStreamsMax, shardsPerAccountMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { describedShard, shardNumber } from '../shards/shard.ts';
import { commitments, consumers, shards, streams } from '../tables.ts';
import { describedCapacity } from './capacity.ts';
import { lookUp, nameOf, requireStream } from './lookup.ts';
import { describedStream, streamArn } from './stream.ts';

export const DescribeStream: Operation<'DescribeStream'> = async (request, input) => {
  const { stream } = await lookUp(request, input);
  const limit = input.Limit ?? describedShardsDefault;
  const start = input.ExclusiveStartShardId;
  const after = start === undefined ? -1 : shardNumber(start);
  if (after === undefined)
    throw resourceNotFound(`Could not find shard ${start} in stream ${stream.name} under account ${stream.account}.`);
  const rows = await request.store.read((tx) =>
    shards.between(tx, [stream.id, after + 1], [stream.id, Number.MAX_SAFE_INTEGER], { limit: limit + 1 }),
  );
  return {
    StreamDescription: {
      ...describedStream(stream),
      Shards: rows.slice(0, limit).map(({ row }) => describedShard(row)),
      HasMoreShards: rows.length > limit,
    },
  };
};

export const DescribeStreamSummary: Operation<'DescribeStreamSummary'> = async (request, input) => {
  const { stream } = await lookUp(request, input);
  const { rows, commitment } = await request.store.read(async (tx) => ({
    rows: await consumers.scan(tx, [stream.id]),
    commitment: stream.mode === 'ON_DEMAND' ? await commitments.get(tx, stream.account, stream.region) : undefined,
  }));
  return {
    StreamDescriptionSummary: {
      ...describedStream(stream),
      ...describedCapacity(stream, commitment, request.now),
      OpenShardCount: stream.status === 'CREATING' ? 0 : stream.openShards,
      ConsumerCount: rows.length,
      MaxRecordSizeInKiB: stream.maxRecordKibibytes,
    },
  };
};

export const ListStreams: Operation<'ListStreams'> = async (request, input) => {
  const { account, region } = request;
  const limit = input.Limit ?? listedStreamsDefault;
  const after = input.NextToken === undefined ? (input.ExclusiveStartStreamName ?? '') : nameOfToken(input.NextToken);
  const rows = await request.store.read((tx) =>
    streams.between(tx, [account, region, `${after}\0`], [account, `${region}\0`], { limit: limit + 1 }),
  );
  const page = rows.slice(0, limit).map(({ row }) => row);
  const HasMoreStreams = rows.length > limit;
  return {
    StreamNames: page.map(({ name }) => name),
    HasMoreStreams,
    ...(HasMoreStreams && { NextToken: Buffer.from(page.at(-1)!.name).toString('base64') }),
    StreamSummaries: page.map((stream) => ({
      StreamName: stream.name,
      StreamARN: streamArn(stream),
      StreamStatus: stream.status,
      StreamModeDetails: { StreamMode: stream.mode },
      StreamCreationTimestamp: new Date(stream.created),
    })),
  };
};

function nameOfToken(token: string): string {
  const name = Buffer.from(token, 'base64').toString('latin1');
  if (!/^[a-zA-Z0-9_.-]{1,128}$/.test(name)) throw invalidArgument('NextToken is invalid.');
  return name;
}

export const DeleteStream: Operation<'DeleteStream'> = async (request, input) => {
  const name = nameOf(request, input);
  await request.store.write(async (tx) => {
    const stream = await requireStream(tx, name);
    if (stream.status === 'DELETING') return;
    if (!input.EnforceConsumerDeletion && (await consumers.scan(tx, [stream.id], { limit: 1 })).length > 0)
      throw resourceInUse(
        `Stream ${stream.name} under account ${stream.account} has registered consumers. Deregister them, or set EnforceConsumerDeletion, to delete it.`,
      );
    refuseWithChannels(stream, await channelsOf(tx, stream));
    const { change: _, ...rest } = stream;
    await streams.put(tx, { ...rest, status: 'DELETING' });
  });
  return {};
};

export const DescribeLimits: Operation<'DescribeLimits'> = async (request) => {
  const { account, region } = request;
  const rows = await request.store.read((tx) => streams.scan(tx, [account, region]));
  const provisioned = rows.filter(({ row }) => row.mode === 'PROVISIONED');
  return {
    ShardLimit: shardsPerAccountMax(region),
    OpenShardCount: provisioned.reduce((sum, { row }) => sum + row.openShards, 0),
    OnDemandStreamCount: rows.length - provisioned.length,
    OnDemandStreamCountLimit: onDemandStreamsMax,
  };
};
