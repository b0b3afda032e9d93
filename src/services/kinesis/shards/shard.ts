/** Shards: their names, their hash key ranges, and how they split and merge. All of it is pure. */

import { endOfShard, startOfShard } from '../records/sequence.ts';
import type { Shard } from '../tables.ts';

const hashKeys = 1n << 128n;

export function shardId(number: number): string {
  return `shardId-${String(number).padStart(12, '0')}`;
}

/** The number in a shard's id, which may come without the prefix or the zeros, as AWS takes it; undefined when there is none. */
export function shardNumber(id: string): number | undefined {
  const digits = id.split('-')[1] ?? id;
  if (!/^\d{1,12}$/.test(digits)) return undefined;
  const number = Number(digits);
  return number <= 0x7fffffff ? number : undefined;
}

/** A hash key as 32 hexadecimal digits, which sort as the numbers do; undefined when it is 2^128 or more. */
export function hashOf(decimal: string): string | undefined {
  const value = BigInt(decimal);
  return value < hashKeys ? hex(value) : undefined;
}

const hex = (value: bigint): string => value.toString(16).padStart(32, '0');
const numberOf = (hash: string): bigint => BigInt(`0x${hash}`);
export const decimalOf = (hash: string): string => numberOf(hash).toString();
export const hashBefore = (hash: string): string => hex(numberOf(hash) - 1n);
export const hashAfter = (hash: string): string => hex(numberOf(hash) + 1n);

/** The starts of so many equal ranges over all hash keys, as AWS divides them. */
export function uniformStarts(count: number): string[] {
  const width = hashKeys / BigInt(count);
  return Array.from({ length: count }, (_, i) => hex(width * BigInt(i)));
}

export function uniformShards(stream: string, count: number, createdSeconds: number): Shard[] {
  const starts = uniformStarts(count);
  return starts.map((startHash, number) => ({
    stream,
    number,
    startHash,
    endHash: number + 1 < count ? hashBefore(starts[number + 1]!) : hex(hashKeys - 1n),
    createdSeconds,
  }));
}

export function describedShard(shard: Shard) {
  const { parent, adjacentParent, closed } = shard;
  return {
    ShardId: shardId(shard.number),
    ...(parent !== undefined && { ParentShardId: shardId(parent) }),
    ...(adjacentParent !== undefined && { AdjacentParentShardId: shardId(adjacentParent) }),
    HashKeyRange: hashKeyRange(shard),
    SequenceNumberRange: {
      StartingSequenceNumber: startOfShard(shard),
      ...(closed !== undefined && { EndingSequenceNumber: endOfShard(shard, closed) }),
    },
  };
}

export function hashKeyRange(shard: Shard) {
  return { StartingHashKey: decimalOf(shard.startHash), EndingHashKey: decimalOf(shard.endHash) };
}

/** Shards while they are being rearranged: those that changed or were made, and the number of the next. */
export type Rearranged = { changed: Map<number, Shard>; next: number };

/** Closes a shard and opens two in its place. `at` is where the second begins. */
export function split(shards: Rearranged, shard: Shard, at: string, now: number): [Shard, Shard] {
  const made = { stream: shard.stream, parent: shard.number, createdSeconds: childSeconds(now, shard) };
  const lower: Shard = { ...made, number: shards.next++, startHash: shard.startHash, endHash: hashBefore(at) };
  const upper: Shard = { ...made, number: shards.next++, startHash: at, endHash: shard.endHash };
  shards.changed.set(shard.number, { ...shard, closed: now });
  shards.changed.set(lower.number, lower);
  shards.changed.set(upper.number, upper);
  return [lower, upper];
}

/** Closes two neighbours and opens one in their place; `lower` has the smaller hash keys. */
export function merge(shards: Rearranged, lower: Shard, upper: Shard, now: number): Shard {
  const child: Shard = {
    stream: lower.stream,
    number: shards.next++,
    parent: lower.number,
    adjacentParent: upper.number,
    startHash: lower.startHash,
    endHash: upper.endHash,
    createdSeconds: childSeconds(now, lower, upper),
  };
  shards.changed.set(lower.number, { ...lower, closed: now });
  shards.changed.set(upper.number, { ...upper, closed: now });
  shards.changed.set(child.number, child);
  return child;
}

/** Sequence numbers begin with this time, so those of a child are above all of its parents'. */
function childSeconds(now: number, ...parents: readonly Shard[]): number {
  return Math.max(Math.floor(now / 1000), ...parents.map((parent) => parent.createdSeconds + 1));
}

/** Splits and merges until the open shards are `target` equal ones. Those that lie right already stay. */
export function rescale(shards: Rearranged, open: readonly Shard[], target: number, now: number): Shard[] {
  const starts = uniformStarts(target);
  const pieces = open.toSorted((a, b) => (a.startHash < b.startHash ? -1 : 1)).flatMap((shard) => cut(shards, shard, starts, now));
  const result: Shard[] = [];
  let next = 0;
  for (const piece of pieces) {
    if (piece.startHash === starts[next]) {
      result.push(piece);
      next++;
    } else result.push(merge(shards, result.pop()!, piece, now));
  }
  return result;
}

/** One shard cut wherever a start lies inside it; halves first, so that lineages stay short. */
function cut(shards: Rearranged, shard: Shard, starts: readonly string[], now: number): Shard[] {
  const inside = starts.filter((start) => start > shard.startHash && start <= shard.endHash);
  if (inside.length === 0) return [shard];
  const [lower, upper] = split(shards, shard, inside[inside.length >> 1]!, now);
  return [...cut(shards, lower, inside, now), ...cut(shards, upper, inside, now)];
}
