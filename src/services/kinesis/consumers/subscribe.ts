/** SubscribeToShard: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_SubscribeToShard.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { extendKey } from '../../../store/keys.ts';
import { resourceInUse, resourceNotFound, shardNotFound } from '../errors.ts';
import { fault, refuse } from '../constraints.ts';
import { shardBytesOutMax, subscriptionMilliseconds } from '../limits.ts';
import { childrenOf, describedRecord, millisBehind, startingPosition } from '../records/get.ts';
import { readRecords, type ReadPage } from '../records/reading.ts';
import { formatSequence } from '../records/sequence.ts';
import type { Operation } from '../sdk.ts';
import { shardId, shardNumber } from '../shards/shard.ts';
import { consumers, positions, shards, type Shard, type Stream } from '../tables.ts';
import { lookUpConsumer, type FoundConsumer } from './consumer.ts';
import { beginSubscription, endSubscription } from './subscriptions.ts';

/** An event without records says that the subscription lives; clients give up on one that is silent. */
const heartbeatMilliseconds = 5_000;
const eventRecordsMax = 10_000;
const iteratorTypes = ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'];

export const SubscribeToShard: Operation<'SubscribeToShard'> = async (request, input) => {
  const found = await lookUpConsumer(request, input);
  const { stream, consumer, arn } = found;
  const {
    Type: type,
    SequenceNumber: sequence,
    Timestamp: timestamp,
  } = input.StartingPosition as { Type: 'LATEST' } & typeof input.StartingPosition;
  if (!iteratorTypes.includes(type))
    refuse([fault('startingPosition.type', type, `satisfy enum value set: [${iteratorTypes.join(', ')}]`)]);
  if (consumer.status !== 'ACTIVE') throw resourceInUse(`Consumer ${arn} is not ACTIVE, instead in state ${consumer.status}.`);
  const number = shardNumber(input.ShardId);
  const { shard, position } = await request.store.read(async (tx) => {
    const shard = number === undefined ? undefined : await shards.get(tx, stream.id, number);
    if (!shard) throw shardNotFound(input.ShardId, stream);
    return { shard, position: await startingPosition(tx, request, stream, shard, { type, sequence, timestamp }) };
  });
  const subscription = beginSubscription(arn, shardId(shard.number), request.clock.now());
  const end = () => endSubscription(arn, shardId(shard.number), subscription);
  return { EventStream: events(request, found, shard, position, subscription.ending.signal, end) as AsyncIterable<never> };
};

/** The events of one subscription, until its five minutes are over, the shard ends, or another takes its place. */
async function* events(request: ServiceRequest, found: FoundConsumer, shard: Shard, from: number, ended: AbortSignal, end: () => void) {
  const { store, clock } = request;
  const { stream } = found;
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, ended, stop.signal]);
  const until = clock.now() + subscriptionMilliseconds;
  // Its row is written by every put, and again when the shards, the stream or its consumers change.
  const changes = store.watch(extendKey(positions.prefix, [stream.id]))[Symbol.asyncIterator]();
  let change = changes.next();
  let changed = false;
  const watchChange = () =>
    void change.then(({ done }) => {
      changed = true;
      if (done) stop.abort();
    });
  watchChange();
  try {
    for (let next = from; clock.now() < until && !signal.aborted;) {
      const present = await presentShard(request, found, shard);
      const page = await readRecords(request, stream, present, next, { records: eventRecordsMax, bytes: shardBytesOutMax });
      next = page.next;
      const over = present.closed !== undefined && !page.behind;
      yield await eventOf(request, stream, present, page, over);
      if (over) return;
      const readyAt = clock.now() + Math.ceil((page.bytes * 1000) / shardBytesOutMax);
      if (page.records.length > 0) await rest(clock.until(Math.min(readyAt, until), signal));
      if (page.behind) continue;
      if (!changed) await rest(changeOr(Math.min(clock.now() + heartbeatMilliseconds, until)));
      if (!changed) continue;
      changed = false;
      change = changes.next();
      watchChange();
    }
  } finally {
    stop.abort();
    end();
    await changes.return?.();
  }

  /** The next change, or that moment: no wait outlasts its use. */
  async function changeOr(time: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([change, clock.until(time, AbortSignal.any([signal, over.signal]))]).finally(() => over.abort());
  }

  /** A wait that was ended ends the loop, which looks at the signal. */
  async function rest(wait: Promise<unknown>): Promise<void> {
    try {
      await wait;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** The shard as it is now. Throws ResourceNotFoundException when the stream or the consumer has gone. */
async function presentShard(request: ServiceRequest, { stream, consumer, arn }: FoundConsumer, shard: Shard): Promise<Shard> {
  const { present, registered } = await request.store.read(async (tx) => ({
    present: await shards.get(tx, stream.id, shard.number),
    registered: await consumers.get(tx, stream.id, consumer.name),
  }));
  if (!present || registered?.created !== consumer.created) throw resourceNotFound(`Consumer ${arn} not found.`);
  return present;
}

async function eventOf(request: ServiceRequest, stream: Stream, shard: Shard, page: ReadPage, over: boolean) {
  const now = request.clock.now();
  const reached = formatSequence(shard, BigInt(Math.max(0, page.next - 1)), Math.floor(now / 1000));
  return {
    SubscribeToShardEvent: {
      Records: page.records.map((record) => describedRecord(stream, record)),
      ...(!over && { ContinuationSequenceNumber: page.records.at(-1)?.sequence ?? reached }),
      MillisBehindLatest: millisBehind(page, now),
      ...(over && { ChildShards: await childrenOf(request, shard) }),
    },
  };
}
