/**
 * Kinesis's durable records.
 *
 * The records of one PutRecords call lie in one blob, those of each shard together. Of a call to a shard or two, a *run* says where the
 * records of each shard lie and which positions they have, and a *pack* owns the blob and knows its runs; so a reader of one shard of
 * many meets nothing of the others. A call that spreads over more has one row, a *batch*, and the index of its runs lies in the blob.
 * Positions are counted through a whole stream, so a call draws all of them from one counter.
 */

import type { BlobRef } from '../../store/blob-store.ts';
import { table } from '../../store/table.ts';
import type { Channel, ChannelPlace } from './channels/channel.ts';

/** What the reconciler of streams has to do; absent when the stream is as it should be. */
export type Change =
  | { kind: 'create'; shards: number }
  | { kind: 'split'; shard: number; /** 32 hexadecimal digits. */ at: string }
  | { kind: 'merge'; shards: [number, number] }
  | { kind: 'count'; target: number }
  | { kind: 'settle' };

export type Stream = {
  account: string;
  region: string;
  name: string;
  /** Names this stream for ever; one of the same name that is made later has another. */
  id: string;
  /** Milliseconds since the epoch, like all times here. */
  created: number;
  status: 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';
  change?: Change;
  mode: 'PROVISIONED' | 'ON_DEMAND';
  retentionHours: number;
  openShards: number;
  /** The number of the next shard that is made. */
  nextShard: number;
  /** Names the arrangement of its open shards, by which it is cached. */
  layout: string;
  maxRecordKibibytes: number;
  monitored: string[];
  /** The key under which it is encrypted. */
  keyId?: string;
  tags: [key: string, value: string][];
  /** Names the revision of its policy; absent without one. */
  policy?: string;
  /** Records go to any shard, whatever their keys. */
  distribution?: 'AUTO';
  /** The throughput for which it has shards. */
  warmMebibytes?: number;
  /** When UpdateShardCount was called in the last day. */
  countChanges?: number[];
  /** When the mode was changed in the last day. */
  modeChanges?: number[];
};

/** To a minimum of throughput, that on-demand streams become cheaper. */
export type Commitment = { account: string; region: string; startedAt: number; endsAt?: number };

/** The policy of a stream or of a consumer. */
export type Policy = { /** An ARN. */ resource: string; revision: string; text: string };

export type Shard = {
  stream: string;
  number: number;
  /** 32 hexadecimal digits, both inclusive. */
  startHash: string;
  endHash: string;
  parent?: number;
  adjacentParent?: number;
  /** Seconds, as its sequence numbers carry them: later than those of its parents. */
  createdSeconds: number;
  closed?: number;
};

export type Position = { stream: string; next: number; /** Arrival of the last record. */ at: number };

export type Run = {
  stream: string;
  shard: number;
  /** Positions of the first and the last of its records. */
  first: number;
  last: number;
  arrived: number;
  blob: BlobRef;
  /** What finds the key under which the blob is encrypted; absent where the stream was not. */
  sealed?: string;
  /** Which of `dataKeys` wraps that key; absent where the cloud's own does, as an early release had it. */
  sealedBy?: string;
  /** Its bytes inside the blob. */
  start: number;
  end: number;
};

export type Pack = { stream: string; arrived: number; first: number; blob: BlobRef; runs: [shard: number, last: number][] };

export type Batch = {
  stream: string;
  /** Positions of the first and the last of its records. */
  first: number;
  last: number;
  arrived: number;
  blob: BlobRef;
  /** What finds the key under which the blob is encrypted, with its index; absent where the stream was not. */
  sealed?: string;
  /** As in a run. */
  sealedBy?: string;
  /** Where the index begins inside the blob. */
  index: number;
  /** Which shards it may hold records of. */
  marks: string;
};

/** A data key of a stream's KMS key, as KMS has sealed it: for as long as records may lie under it. */
export type DataKey = {
  stream: string;
  id: string;
  keyArn: string;
  blob: string;
  /** Its last record came no later than an hour after. */ used: number;
};

export type Consumer = {
  stream: string;
  name: string;
  created: number;
  status: 'CREATING' | 'ACTIVE';
  tags: [key: string, value: string][];
  policy?: string;
};

export const streams = table<Stream, 'pending'>('kinesis/streams', {
  key: (stream) => [stream.account, stream.region, stream.name],
  indexes: { pending: (stream) => (stream.status === 'ACTIVE' ? undefined : [stream.status]) },
});

export const policies = table<Policy>('kinesis/policies', { key: (policy) => [policy.resource] });

export const shards = table<Shard, 'closed'>('kinesis/shards', {
  key: (shard) => [shard.stream, shard.number],
  indexes: { closed: (shard) => (shard.closed === undefined ? undefined : [shard.stream, shard.closed]) },
});

export const positions = table<Position>('kinesis/positions', { key: (position) => [position.stream] });

export const runs = table<Run>('kinesis/runs', { key: (run) => [run.stream, run.shard, run.last] });

export const packs = table<Pack>('kinesis/packs', { key: (pack) => [pack.stream, pack.arrived, pack.first] });

export const batches = table<Batch>('kinesis/batches', { key: (batch) => [batch.stream, batch.last] });

export const dataKeys = table<DataKey>('kinesis/data-keys', { key: (row) => [row.stream, row.id] });

export const consumers = table<Consumer, 'pending'>('kinesis/consumers', {
  key: (consumer) => [consumer.stream, consumer.name],
  indexes: { pending: (consumer) => (consumer.status === 'ACTIVE' ? undefined : [consumer.status]) },
});

export const channels = table<Channel>('kinesis/channels', { key: (channel) => [channel.account, channel.region, channel.name] });

export const channelPlaces = table<ChannelPlace>('kinesis/channel-places', { key: (place) => [place.channel, place.shard] });

export const commitments = table<Commitment>('kinesis/commitments', { key: (commitment) => [commitment.account, commitment.region] });

export const tables = [
  streams,
  policies,
  shards,
  positions,
  runs,
  packs,
  batches,
  dataKeys,
  consumers,
  channels,
  channelPlaces,
  commitments,
];
