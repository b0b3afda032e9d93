/** What only on-demand streams have: how records find their shards, and throughput that is ready before it is needed. */

import { isCommitted, requireCommitment } from '../account-settings/commitment.ts';
import { fault, refuse } from '../constraints.ts';
import { invalidArgument, limitExceeded } from '../errors.ts';
import { onDemandShardsDefault, warmMebibytesMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { streams, type Commitment, type Stream } from '../tables.ts';
import { nameOf, requireActive } from './lookup.ts';
import { streamArn } from './stream.ts';

type Strategy = 'AUTO' | 'USER_PARTITION_KEY';

/** It takes effect at once, for the records that come after. */
export const UpdateStreamRecordDistributionStrategy: Operation<'UpdateStreamRecordDistributionStrategy'> = async (request, input) => {
  const name = nameOf(request, { StreamARN: input.StreamARN });
  await request.store.write(async (tx) => {
    const stream = await requireActive(tx, name);
    await streams.put(tx, distributed(stream, input.RecordDistributionStrategy as Strategy));
  });
  return {};
};

/** Throws InvalidArgumentException for a provisioned stream. */
export function distributed(stream: Stream, strategy: Strategy | undefined): Stream {
  if (strategy !== undefined && strategy !== 'AUTO' && strategy !== 'USER_PARTITION_KEY')
    refuse([fault('recordDistributionStrategy', strategy, 'satisfy enum value set: [AUTO, USER_PARTITION_KEY]')]);
  const { distribution: _, ...rest } = stream;
  if (strategy !== 'AUTO') return rest;
  if (stream.mode === 'PROVISIONED')
    throw invalidArgument(
      `RecordDistributionStrategy AUTO is not supported for stream ${stream.name} under account ${stream.account}, which is in Provisioned mode.`,
    );
  return { ...rest, distribution: 'AUTO' };
}

export const UpdateStreamWarmThroughput: Operation<'UpdateStreamWarmThroughput'> = async (request, input) => {
  const name = nameOf(request, input);
  const warmMebibytes = input.WarmThroughputMiBps;
  const stream = await request.store.write(async (tx) => {
    const stream = await requireActive(tx, name);
    await requireCommitment(tx, request);
    const target = shardsFor(stream, warmMebibytes);
    await streams.put(tx, { ...stream, warmMebibytes, status: 'UPDATING', change: { kind: 'count', target } });
    return stream;
  });
  return {
    StreamName: stream.name,
    StreamARN: streamArn(stream),
    WarmThroughput: { TargetMiBps: warmMebibytes, CurrentMiBps: stream.openShards },
  };
};

/** A shard takes one MiB a second. Throws for a provisioned stream, and for more than AWS gives. */
export function shardsFor({ mode, name, account }: Pick<Stream, 'mode' | 'name' | 'account'>, warmMebibytes: number): number {
  if (mode === 'PROVISIONED')
    throw invalidArgument(`Warm throughput is not supported for stream ${name} under account ${account}, which is in Provisioned mode.`);
  if (warmMebibytes > warmMebibytesMax)
    throw limitExceeded(`WarmThroughputMiBps cannot be more than ${warmMebibytesMax} for stream ${name} under account ${account}.`);
  return Math.max(onDemandShardsDefault, warmMebibytes);
}

/** The members of a summary that on-demand streams have. */
export function describedCapacity(stream: Stream, commitment: Commitment | undefined, now: number) {
  if (stream.mode === 'PROVISIONED') return {};
  const { warmMebibytes, openShards } = stream;
  return {
    RecordDistributionStrategy: stream.distribution ?? ('USER_PARTITION_KEY' as const),
    ...(isCommitted(commitment, now) && { WarmThroughput: { TargetMiBps: warmMebibytes ?? openShards, CurrentMiBps: openShards } }),
  };
}
