/** PutRecord and PutRecords: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */

import { turn } from '../../../framework/blob-encryption/any-range.ts';
import { newDataKey } from '../../../framework/blob-encryption/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { BlobRef, Staged } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { fault, refuse } from '../constraints.ts';
import { invalidArgument, shardRateExceeded, streamNotFound, throughputExceeded } from '../errors.ts';
import { callBytesMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { hashOfKey, layoutOf, shardFor, type Layout } from '../shards/layout.ts';
import { hashOf, shardId } from '../shards/shard.ts';
import { keepSeal, sealFor, type Seal } from '../streams/encryption.ts';
import { lookUp, requireStream } from '../streams/lookup.ts';
import { encryptionType, streamArn } from '../streams/stream.ts';
import { batches, packs, positions, runs, type Shard, type Stream } from '../tables.ts';
import { marksOf, packBatch } from './batch.ts';
import { pack, type PackedRecord } from './packing.ts';
import { parseSequence, sequencesOf } from './sequence.ts';
import { admitRecords } from './throughput.ts';

type Entry = PackedRecord & { hash: string; /** Data and key, as the limits count them. */ size: number };
/** Where a record came to lie; without a sequence number its shard had no room. */
type Outcome = { shard: number; sequence?: string };
type Group = { shard: Shard; entries: Entry[]; places: number[] };

export const PutRecord: Operation<'PutRecord'> = async (request, input) => {
  const { stream } = await lookUp(request, input);
  if (input.PartitionKey === undefined && needsKeys(stream)) refuse([fault('partitionKey', null, 'not be null')]);
  checkOrdering(request, stream, input.SequenceNumberForOrdering);
  const [outcome] = await append(request, stream, [entryOf(request, stream, input)]);
  const { shard, sequence } = outcome!;
  if (sequence === undefined) throw throughputExceeded(shardId(shard), stream);
  return { ShardId: shardId(shard), SequenceNumber: sequence, EncryptionType: encryptionType(stream) };
};

export const PutRecords: Operation<'PutRecords'> = async (request, input) => {
  const { stream } = await lookUp(request, input);
  if (needsKeys(stream)) refuse(keyless(input.Records));
  const entries = input.Records.map((record) => entryOf(request, stream, record as typeof record & { Data: Uint8Array }));
  if (entries.reduce((sum, { size }) => sum + size, 0) > callBytesMax) throw invalidArgument('Records size exceeds 10 MB limit');
  const outcomes = await append(request, stream, entries);
  const Records = outcomes.map(({ shard, sequence }) =>
    sequence === undefined
      ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: shardRateExceeded(shardId(shard), stream) }
      : { SequenceNumber: sequence, ShardId: shardId(shard) },
  );
  const FailedRecordCount = outcomes.reduce((count, { sequence }) => (sequence === undefined ? count + 1 : count), 0);
  return { FailedRecordCount, Records, EncryptionType: encryptionType(stream) };
};

const needsKeys = (stream: Stream): boolean => stream.distribution !== 'AUTO';

function keyless(records: readonly { PartitionKey?: string | undefined }[]): string[] {
  const faults: string[] = [];
  records.forEach(({ PartitionKey }, i) => {
    if (PartitionKey === undefined) faults.push(fault(`records.${i + 1}.member.partitionKey`, null, 'not be null'));
  });
  return faults;
}

function entryOf(
  request: ServiceRequest,
  stream: Stream,
  record: { PartitionKey?: string | undefined; Data: Uint8Array; ExplicitHashKey?: string | undefined },
): Entry {
  const { PartitionKey: key = '', Data: data, ExplicitHashKey: explicit } = record;
  const size = data.length + Buffer.byteLength(key);
  const bytesMax = stream.maxRecordKibibytes * 1024;
  if (size > bytesMax)
    throw invalidArgument(`Record size of ${size} bytes exceeds the maximum record size of ${bytesMax} bytes of stream ${stream.name}.`);
  if (!needsKeys(stream)) return { key, data, size, hash: request.random.bytes(16).toString('hex') };
  if (explicit === undefined) return { key, data, size, hash: hashOfKey(key) };
  const hash = hashOf(explicit);
  if (hash === undefined)
    throw invalidArgument(`Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${explicit}`);
  return { key, data, size, hash };
}

function checkOrdering(request: ServiceRequest, stream: Stream, sequence: string | undefined): void {
  if (sequence === undefined) return;
  const parsed = parseSequence(sequence);
  if (!parsed || parsed.arrivedSeconds * 1000 > request.now)
    throw invalidArgument(
      `ExclusiveMinimumSequenceNumber ${sequence} used in PutRecord on stream ${stream.name} under account ${stream.account} is invalid.`,
    );
}

/** Adds records to their shards, durably, in their order. Throws ResourceNotFoundException for a stream that is not ready. */
export async function append(request: ServiceRequest, stream: Stream, entries: readonly Entry[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = Array.from({ length: entries.length });
  let current = stream;
  let waiting = entries.map((_, i) => i);
  for (let admitted = false; ; admitted = true) {
    if (current.status === 'CREATING' || current.status === 'DELETING') throw streamNotFound(current);
    const layout = await layoutOf(request, current);
    const groups = group(layout, entries, waiting);
    if (!admitted) for (const each of groups.values()) turnAway(request, current, each, outcomes);
    const full = [...groups.values()].filter(({ entries: kept }) => kept.length > 0);
    if (full.length === 0) return outcomes;
    const written = await write(request, current, layout, full, outcomes);
    if (written === undefined) break;
    // The shards were rearranged since they were read: what is left finds its shards again.
    waiting = full.flatMap(({ places }) => places).sort((a, b) => a - b);
    current = written;
  }
  meter(request, current, entries, outcomes);
  return outcomes;
}

function group(layout: Layout, entries: readonly Entry[], places: readonly number[]): Map<number, Group> {
  const groups = new Map<number, Group>();
  for (const place of places) {
    const entry = entries[place]!;
    const shard = shardFor(layout, entry.hash);
    let found = groups.get(shard.number);
    if (!found) groups.set(shard.number, (found = { shard, entries: [], places: [] }));
    found.entries.push(entry);
    found.places.push(place);
  }
  return groups;
}

/** Leaves in a group what its shard has room for. */
function turnAway(request: ServiceRequest, stream: Stream, all: Group, outcomes: Outcome[]): void {
  const now = request.clock.now();
  const admitted = admitRecords(
    stream.id,
    all.shard.number,
    all.entries.map(({ size }) => size),
    now,
  );
  if (admitted.every(Boolean)) return;
  all.places.forEach((place, i) => {
    if (!admitted[i]) outcomes[place] = { shard: all.shard.number };
  });
  all.entries = all.entries.filter((_, i) => admitted[i]);
  all.places = all.places.filter((_, i) => admitted[i]);
}

/** A call to so few shards is kept as a run for each, one that reaches a good part of the shards as a batch. */
const runsMax = 2;
const shardsABatchMin = 1 / 16;

/** Writes all groups in one blob and one transaction. Gives the stream as it is now when its shards are no longer those. */
async function write(
  request: ServiceRequest,
  stream: Stream,
  layout: Layout,
  groups: readonly Group[],
  outcomes: Outcome[],
): Promise<Stream | undefined> {
  const keep = groups.length > runsMax && groups.length >= layout.open.length * shardsABatchMin ? asBatch(groups) : asRuns(groups);
  const { bytes, lock } = sealedAs(request, await sealFor(request, stream), keep.bytes);
  const staged = await request.blobs.stage(bytes);
  const written = await commit(request, stream, layout, { staged, lock }, keep).catch(async (error: unknown) => {
    await request.blobs.discard(staged);
    throw error;
  });
  if ('rearranged' in written) {
    await request.blobs.discard(staged);
    return written.rearranged;
  }
  let position = written.first;
  for (const { shard, places } of groups) {
    const sequence = sequencesOf(shard, written.arrived);
    for (const place of places) outcomes[place] = { shard: shard.number, sequence: sequence(position++) };
  }
  return undefined;
}

/** The key under which the bytes of a call lie, and what finds it again. */
type Lock = { seal: Seal; wrapped: string };

/** The bytes of a call as they are to lie in their blob. */
function sealedAs(request: ServiceRequest, seal: Seal | undefined, bytes: Buffer): { bytes: Buffer; lock?: Lock } {
  if (!seal) return { bytes };
  const { key, wrapped } = newDataKey(seal.key, request.random);
  return { bytes: turn(key, bytes), lock: { seal, wrapped } };
}

type Kept = { stream: string; first: number; arrived: number; blob: BlobRef; sealed?: string; sealedBy?: string };
/** The bytes of a call, and how its rows are written. */
type Keeping = { bytes: Buffer; count: number; put: (tx: WriteTransaction, kept: Kept) => Promise<void> };

function asRuns(groups: readonly Group[]): Keeping {
  const { bytes, ends } = pack(groups.map(({ entries }) => entries));
  return {
    bytes,
    count: groups.reduce((sum, { entries }) => sum + entries.length, 0),
    put: async (tx, kept) => {
      const packed: [number, number][] = [];
      let { first } = kept;
      for (const [i, { shard, entries }] of groups.entries()) {
        const last = first + entries.length - 1;
        await runs.put(tx, { ...kept, shard: shard.number, first, last, start: ends[i - 1] ?? 0, end: ends[i]! });
        packed.push([shard.number, last]);
        first = last + 1;
      }
      const { sealed: _ofRuns, sealedBy: __ofRuns, ...pack } = kept;
      await packs.put(tx, { ...pack, runs: packed });
    },
  };
}

function asBatch(groups: readonly Group[]): Keeping {
  const { bytes, index } = packBatch(groups.map(({ shard, entries }) => ({ shard: shard.number, records: entries })));
  const marks = marksOf(groups.map(({ shard }) => shard.number));
  const count = groups.reduce((sum, { entries }) => sum + entries.length, 0);
  return { bytes, count, put: (tx, kept) => batches.put(tx, { ...kept, last: kept.first + count - 1, index, marks }) };
}

type Written = { first: number; arrived: number } | { rearranged: Stream };

function commit(
  request: ServiceRequest,
  stream: Stream,
  layout: Layout,
  { staged, lock }: { staged: Staged; lock: Lock | undefined },
  { count, put }: Keeping,
): Promise<Written> {
  return request.store.write(async (tx): Promise<Written> => {
    const present = await requireStream(tx, stream);
    if (present.id !== stream.id || present.status === 'DELETING') throw streamNotFound(stream);
    if (present.layout !== layout.revision) return { rearranged: present };
    const position = (await positions.get(tx, stream.id))!;
    const first = position.next;
    // Calls commit in another order than they arrive; times in a shard only grow.
    const arrived = Math.max(request.now, position.at);
    if (lock) await keepSeal(tx, stream, lock.seal, arrived);
    const opened = lock && { sealed: lock.wrapped, sealedBy: lock.seal.dataKey.id };
    await put(tx, { stream: stream.id, first, arrived, blob: staged.ref, ...opened });
    await positions.put(tx, { stream: stream.id, next: first + count, at: arrived });
    await request.blobs.adopt(tx, staged);
    return { first, arrived };
  });
}

/** AWS bills each record by payload units of 25 KB, and on-demand streams by their bytes. */
function meter(request: ServiceRequest, stream: Stream, entries: readonly Entry[], outcomes: readonly Outcome[]): void {
  const taken = entries.filter((_, i) => outcomes[i]?.sequence !== undefined);
  if (taken.length === 0) return;
  const about = { resource: streamArn(stream), account: stream.account };
  const units = taken.reduce((sum, { size }) => sum + Math.ceil(size / 25_000), 0);
  const bytes = taken.reduce((sum, { size }) => sum + size, 0);
  if (stream.mode === 'PROVISIONED') request.use({ ...about, usageType: 'PutRequestPayloadUnits', quantity: units, unit: 'Count' });
  else request.use({ ...about, usageType: 'OnDemand-BilledIncomingBytes', quantity: bytes, unit: 'Bytes' });
}
