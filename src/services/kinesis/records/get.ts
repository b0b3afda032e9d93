/** GetShardIterator and GetRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidArgument, shardDoesNotExist, shardNotFound, throughputExceeded } from '../errors.ts';
import { readBytesMax, readRecordsMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { hashKeyRange, shardId, shardNumber } from '../shards/shard.ts';
import { lookUp, lookUpNamed } from '../streams/lookup.ts';
import { encryptionType } from '../streams/stream.ts';
import { shards, type Shard, type Stream } from '../tables.ts';
import { decodeIterator, encodeIterator } from './iterator.ts';
import { nextPosition, positionAt, readRecords, type ReadPage } from './reading.ts';
import { parseSequence } from './sequence.ts';
import { admitRead, countRead } from './throughput.ts';

type IteratorType = 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER' | 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
export type StartingPoint = { type: IteratorType; sequence?: string | undefined; timestamp?: Date | undefined };

export const GetShardIterator: Operation<'GetShardIterator'> = async (request, input) => {
  const { stream } = await lookUp(request, input);
  const number = shardNumber(input.ShardId);
  if (number === undefined) throw shardNotFound(input.ShardId, stream);
  const point = { type: input.ShardIteratorType, sequence: input.StartingSequenceNumber, timestamp: input.Timestamp };
  const position = await request.store.read(async (tx) => {
    const shard = await shards.get(tx, stream.id, number);
    if (!shard) throw shardDoesNotExist(shardId(number), stream);
    return startingPosition(tx, request, stream, shard, point);
  });
  return { ShardIterator: encodeIterator(stream, number, position, request.clock.now()) };
};

/** The position at which a reader begins. Throws InvalidArgumentException. */
export async function startingPosition(
  tx: ReadTransaction,
  request: ServiceRequest,
  stream: Stream,
  shard: Shard,
  { type, sequence, timestamp }: StartingPoint,
): Promise<number> {
  const bySequence = type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER';
  if (bySequence !== (sequence !== undefined))
    throw invalidArgument(
      `Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified ${type} and ${bySequence ? 'no' : 'also a'} StartingSequenceNumber.`,
    );
  if (sequence !== undefined) return positionOf(stream, shard, sequence) + (type === 'AFTER_SEQUENCE_NUMBER' ? 1 : 0);
  if (type === 'TRIM_HORIZON') return 0;
  if (type === 'LATEST') return nextPosition(tx, stream);
  if (timestamp === undefined)
    throw invalidArgument(
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
    );
  const time = timestamp.getTime();
  const now = request.clock.now();
  if (time > now)
    throw invalidArgument(
      `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${time}, currentTimestampInMillis: ${now}`,
    );
  return positionAt(tx, stream, shard.number, time);
}

function positionOf(stream: Stream, shard: Shard, sequence: string): number {
  const parsed = parseSequence(sequence);
  const id = shardId(shard.number);
  const start = `StartingSequenceNumber ${sequence} used in GetShardIterator on shard ${id} in stream ${stream.name} under account ${stream.account} is invalid`;
  if (!parsed) throw invalidArgument(`${start}.`);
  if (parsed.shard !== shard.number)
    throw invalidArgument(
      `Invalid StartingSequenceNumber. It encodes ${shardId(parsed.shard)}, while it was used in a call to a shard with ${id}`,
    );
  if (parsed.createdSeconds !== shard.createdSeconds) throw invalidArgument(`${start} because it did not come from this stream.`);
  return parsed.position;
}

export const GetRecords: Operation<'GetRecords'> = async (request, input) => {
  const iterator = decodeIterator(request, input);
  const { stream } = await lookUpNamed(request, iterator);
  const shard = stream.id === iterator.id ? await request.store.read((tx) => shards.get(tx, stream.id, iterator.shard)) : undefined;
  if (!shard) throw shardDoesNotExist(shardId(iterator.shard), stream);
  if (!admitRead(stream.id, shard.number, request.clock.now())) throw throughputExceeded(shardId(shard.number), stream);
  const page = await readRecords(request, stream, shard, iterator.position, {
    records: input.Limit ?? readRecordsMax,
    bytes: readBytesMax,
  });
  countRead(stream.id, shard.number, page.bytes);
  const ended = shard.closed !== undefined && !page.behind;
  return {
    Records: page.records.map((record) => describedRecord(stream, record)),
    MillisBehindLatest: millisBehind(page, request.clock.now()),
    ...(!ended && { NextShardIterator: encodeIterator(stream, shard.number, page.next, request.clock.now()) }),
    ...(ended && { ChildShards: await childrenOf(request, shard) }),
  };
};

export function describedRecord(stream: Stream, { sequence, arrived, key, data }: ReadPage['records'][number]) {
  return {
    SequenceNumber: sequence,
    ApproximateArrivalTimestamp: new Date(arrived),
    Data: data,
    PartitionKey: key,
    ...(encryptionType(stream) === 'KMS' && { EncryptionType: 'KMS' as const }),
  };
}

/** How far what was read lies behind the tip: nothing when nothing is left to read. */
export function millisBehind({ reached, behind }: ReadPage, now: number): number {
  return behind && reached !== undefined ? Math.max(0, now - reached) : 0;
}

/** The shards that took a closed shard's place. Its children have later numbers, so only those are read. */
export async function childrenOf(request: ServiceRequest, { stream, number }: Shard) {
  const rows = await request.store.read((tx) => shards.between(tx, [stream, number + 1], [stream, Number.MAX_SAFE_INTEGER]));
  const children = rows.map(({ row }) => row).filter((shard) => shard.parent === number || shard.adjacentParent === number);
  return children.map((shard) => ({
    ShardId: shardId(shard.number),
    ParentShards: [shard.parent, shard.adjacentParent].filter((parent) => parent !== undefined).map(shardId),
    HashKeyRange: hashKeyRange(shard),
  }));
}
