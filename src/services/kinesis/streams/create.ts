/** CreateStream: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { requireCommitment } from '../account-settings/commitment.ts';
import { fault, refuse } from '../constraints.ts';
import { invalidArgument, limitExceeded, shardLimitExceeded, streamExists } from '../errors.ts';
import {
  onDemandShardsDefault,
  onDemandStreamsMax,
  recordKibibytesDefault,
  retentionHoursMin,
  shardsPerAccountMax,
  targetShardsMax,
} from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { streams, type Stream } from '../tables.ts';
import { checkedTags } from '../tags/tags.ts';
import { distributed, shardsFor } from './capacity.ts';

export const CreateStream: Operation<'CreateStream'> = async (request, input) => {
  const { account, region } = request;
  // Who names neither a mode nor a number of shards gets a stream on demand.
  const mode = input.StreamModeDetails?.StreamMode ?? (input.ShardCount === undefined ? 'ON_DEMAND' : 'PROVISIONED');
  const warm = input.WarmThroughputMiBps;
  const count = warm === undefined ? shardCount(mode, input.ShardCount) : shardsFor({ mode, account, name: input.StreamName }, warm);
  const plain: Stream = {
    account,
    region,
    name: input.StreamName,
    id: request.random.uuid(),
    created: request.now,
    status: 'CREATING',
    change: { kind: 'create', shards: count },
    mode,
    retentionHours: retentionHoursMin,
    openShards: count,
    nextShard: 0,
    layout: request.random.uuid(),
    maxRecordKibibytes: input.MaxRecordSizeInKiB ?? recordKibibytesDefault,
    monitored: [],
    tags: checkedTags({ account, name: input.StreamName }, [], input.Tags ?? {}),
    ...(warm !== undefined && { warmMebibytes: warm }),
  };
  const stream = distributed(plain, input.RecordDistributionStrategy);
  await request.store.write(async (tx) => {
    if (await streams.get(tx, account, region, stream.name)) throw streamExists(stream);
    if (warm !== undefined) await requireCommitment(tx, request);
    await checkShardLimit(tx, stream, count);
    await streams.put(tx, stream);
  });
  return {};
};

function shardCount(mode: Stream['mode'], asked: number | undefined): number {
  if (mode === 'ON_DEMAND') {
    if (asked !== undefined) throw invalidArgument('ShardCount cannot be specified for a stream of mode ON_DEMAND.');
    return onDemandShardsDefault;
  }
  if (asked === undefined) refuse([fault('shardCount', null, 'not be null')]);
  if (asked! > targetShardsMax) throw notImplemented(`kinesis:CreateStream with more than ${targetShardsMax} shards`);
  return asked!;
}

/** Throws LimitExceededException when the account may not have so many more shards, or on-demand streams, in the region. */
export async function checkShardLimit(tx: ReadTransaction, stream: Stream, added: number): Promise<void> {
  const { account, region } = stream;
  const rows = await streams.scan(tx, [account, region]);
  const present = rows.map(({ row }) => row);
  if (stream.mode === 'ON_DEMAND') {
    const others = present.filter(({ mode, name }) => mode === 'ON_DEMAND' && name !== stream.name).length;
    if (others >= onDemandStreamsMax)
      throw limitExceeded(
        `This request would exceed the limit of ${onDemandStreamsMax} on-demand streams for the account ${account} in ${region}.`,
      );
    return;
  }
  const open = present.filter(({ mode }) => mode === 'PROVISIONED').reduce((sum, { openShards }) => sum + openShards, 0);
  const max = shardsPerAccountMax(region);
  if (open + added > max) throw shardLimitExceeded(account, region, open, max, added);
}
