/** Which open shard takes a hash key: read once for each arrangement of a stream's shards, then remembered. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { hash } from 'node:crypto';
import type { ServiceRequest } from '../../../framework/request.ts';
import { shards, type Shard, type Stream } from '../tables.ts';

export type Layout = { revision: string; /** By their hash keys. */ open: readonly Shard[]; starts: readonly string[] };

const layouts = new Map<string, Layout>();
const layoutsMax = 1_000;

/** The open shards of a stream. Every rearrangement has a revision of its own, so what is remembered never misleads. */
export async function layoutOf(request: Pick<ServiceRequest, 'store'>, stream: Stream): Promise<Layout> {
  const known = layouts.get(stream.layout);
  if (known) return known;
  const rows = await request.store.read((tx) => shards.scan(tx, [stream.id]));
  const open = rows.map(({ row }) => row).filter((shard) => shard.closed === undefined);
  open.sort((a, b) => (a.startHash < b.startHash ? -1 : 1));
  const layout = { revision: stream.layout, open, starts: open.map((shard) => shard.startHash) };
  // A rearrangement between the two reads shows in the ranges, which then do not add up to the count.
  if (open.length === stream.openShards) {
    keepNewest(layouts, layoutsMax, stream.layout, layout);
  }
  return layout;
}

/** The shard whose range holds a hash (32 hexadecimal digits). */
export function shardFor({ open, starts }: Layout, hashKey: string): Shard {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= hashKey) low = middle;
    else high = middle - 1;
  }
  return open[low]!;
}

/** The MD5 of a partition key, as 32 hexadecimal digits. */
export function hashOfKey(partitionKey: string): string {
  return hash('md5', partitionKey, 'hex');
}
