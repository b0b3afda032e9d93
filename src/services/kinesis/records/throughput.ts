/** What each shard has taken in and given out of late. Kept in memory: a restart forgives a second. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { shardBytesInMax, shardBytesOutMax, shardReadsMax, shardRecordsInMax } from '../limits.ts';
import { fullBucket, holds, take, type Bucket } from '../../../framework/token-bucket.ts';

type Writes = { bytes: Bucket; records: Bucket };
type Reads = { bytes: Bucket; calls: Bucket };

/** By the stream's id, which no other stream ever has, and the shard's number. The longest unused goes first. */
const writes = new Map<string, Writes>();
const reads = new Map<string, Reads>();
const shardsMax = 50_000;

/**
 * Takes records in, one after another, as far as the shard has room in this second; tells of each whether it had.
 * https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
 */
export function admitRecords(stream: string, shard: number, sizes: readonly number[], now: number): boolean[] {
  const share = recall(writes, `${stream}/${shard}`, () => ({
    bytes: fullBucket(shardBytesInMax, now),
    records: fullBucket(shardRecordsInMax, now),
  }));
  return sizes.map((bytes) => {
    if (!holds(share.records, shardRecordsInMax, 1, now) || !holds(share.bytes, shardBytesInMax, bytes, now)) return false;
    take(share.records, 1);
    take(share.bytes, bytes);
    return true;
  });
}

/** Counts one read. A read of up to 10 MB is answered, and paid for by the seconds after it. */
export function admitRead(stream: string, shard: number, now: number): boolean {
  const share = recall(reads, `${stream}/${shard}`, () => ({
    bytes: fullBucket(shardBytesOutMax, now),
    calls: fullBucket(shardReadsMax, now),
  }));
  if (!holds(share.calls, shardReadsMax, 1, now) || !holds(share.bytes, shardBytesOutMax, 1, now)) return false;
  take(share.calls, 1);
  return true;
}

export function countRead(stream: string, shard: number, bytes: number): void {
  const share = reads.get(`${stream}/${shard}`);
  if (share) take(share.bytes, bytes);
}

function recall<T>(shares: Map<string, T>, key: string, create: () => T): T {
  const known = shares.get(key);
  if (known) return known;
  const share = create();
  keepNewest(shares, shardsMax, key, share);
  return share;
}
