/** SplitShard, MergeShards and UpdateShardCount: they say what is wanted, and the reconciler of streams makes it so. */

import { invalidArgument, limitExceeded, shardNotFound, validationError } from '../errors.ts';
import { shardCountChangesPerDayMax, targetShardsMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { checkShardLimit } from '../streams/create.ts';
import { nameOf, requireActive } from '../streams/lookup.ts';
import { streamArn } from '../streams/stream.ts';
import { shards, streams, type Shard, type Stream } from '../tables.ts';
import { decimalOf, hashAfter, hashOf, shardId, shardNumber } from './shard.ts';

const dayMilliseconds = 86_400_000;

export const SplitShard: Operation<'SplitShard'> = async (request, input) => {
  const name = nameOf(request, input);
  await request.store.write(async (tx) => {
    const stream = await requireActive(tx, name);
    const shard = await requireOpen(tx, stream, input.ShardToSplit);
    await checkShardLimit(tx, stream, 1);
    const at = hashOf(input.NewStartingHashKey);
    if (at === undefined || at <= hashAfter(shard.startHash) || at >= shard.endHash)
      throw invalidArgument(
        `NewStartingHashKey ${input.NewStartingHashKey} used in SplitShard() on shard ${shardId(shard.number)} in stream ${stream.name} under account ${stream.account} is not both greater than one plus the shard's StartingHashKey ${decimalOf(shard.startHash)} and less than the shard's EndingHashKey ${decimalOf(shard.endHash)}.`,
      );
    await streams.put(tx, { ...stream, status: 'UPDATING', change: { kind: 'split', shard: shard.number, at } });
  });
  return {};
};

export const MergeShards: Operation<'MergeShards'> = async (request, input) => {
  const name = nameOf(request, input);
  await request.store.write(async (tx) => {
    const stream = await requireActive(tx, name);
    const one = await requireOpen(tx, stream, input.ShardToMerge);
    const other = await requireOpen(tx, stream, input.AdjacentShardToMerge);
    const [lower, upper] = one.startHash < other.startHash ? [one, other] : [other, one];
    if (lower.number === upper.number || hashAfter(lower.endHash) !== upper.startHash)
      throw invalidArgument(
        `Shards ${shardId(one.number)} and ${shardId(other.number)} in stream ${stream.name} under account ${stream.account} are not an adjacent pair of shards eligible for merging`,
      );
    await streams.put(tx, { ...stream, status: 'UPDATING', change: { kind: 'merge', shards: [lower.number, upper.number] } });
  });
  return {};
};

async function requireOpen(tx: ReadTransaction, stream: Stream, id: string): Promise<Shard> {
  const number = shardNumber(id);
  const shard = number === undefined ? undefined : await shards.get(tx, stream.id, number);
  if (!shard) throw shardNotFound(number === undefined ? id : shardId(number), stream);
  if (shard.closed !== undefined)
    throw invalidArgument(
      `Shard ${shardId(shard.number)} in stream ${stream.name} under account ${stream.account} has already been merged or split, and thus is not eligible for merging or splitting.`,
    );
  return shard;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html */
export const UpdateShardCount: Operation<'UpdateShardCount'> = async (request, input) => {
  const name = nameOf(request, input);
  const target = input.TargetShardCount;
  const stream = await request.store.write(async (tx) => {
    const stream = await requireActive(tx, name);
    if (stream.mode === 'ON_DEMAND')
      throw validationError(`Request is invalid. Stream ${stream.name} under account ${stream.account} is in On-Demand mode.`);
    checkTarget(stream, target);
    const recent = (stream.countChanges ?? []).filter((time) => time > request.now - dayMilliseconds);
    if (recent.length >= shardCountChangesPerDayMax)
      throw limitExceeded(
        `UpdateShardCount cannot be called more than ${shardCountChangesPerDayMax} times in 24 hours for stream ${stream.name} under account ${stream.account}.`,
      );
    if (target > stream.openShards) await checkShardLimit(tx, stream, target - stream.openShards);
    await streams.put(tx, {
      ...stream,
      status: 'UPDATING',
      change: { kind: 'count', target },
      countChanges: [...recent, request.now],
    });
    return stream;
  });
  return {
    StreamName: stream.name,
    StreamARN: streamArn(stream),
    CurrentShardCount: stream.openShards,
    TargetShardCount: target,
  };
};

function checkTarget({ openShards, name, account }: Stream, target: number): void {
  const about = `for stream ${name} under account ${account}`;
  if (target > openShards * 2)
    throw invalidArgument(
      `UpdateShardCount cannot scale up over double your current open shard count ${about}. Current: ${openShards}, target: ${target}.`,
    );
  if (target * 2 < openShards)
    throw invalidArgument(
      `UpdateShardCount cannot scale down below half your current open shard count ${about}. Current: ${openShards}, target: ${target}.`,
    );
  if (target > targetShardsMax) throw limitExceeded(`UpdateShardCount cannot scale to more than ${targetShardsMax} shards ${about}.`);
}
