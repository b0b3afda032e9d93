/** The reconciler of streams: makes their shards, rearranges them, and takes away what belongs to a deleted stream. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { removeRecords, removeUnusedDataKeys } from '../records/packs.ts';
import { merge, rescale, split, uniformShards, type Rearranged } from '../shards/shard.ts';
import { consumers, policies, positions, shards, streams, type Stream } from '../tables.ts';
import { consumerArn, streamArn } from './stream.ts';

const streamsPerPage = 100;
const rowsPerPage = 500;

export const builder: Reconciler = {
  name: 'kinesis/streams',
  watches: [streams],
  async run(context) {
    for (const status of ['CREATING', 'UPDATING', 'DELETING'] as const) {
      for (;;) {
        const rows = await context.store.read((tx) => streams.scanIndex(tx, 'pending', [status], { limit: streamsPerPage }));
        for (const { row } of rows) {
          context.signal.throwIfAborted();
          if (status === 'DELETING') await remove(context, row);
          else await build(context, row);
        }
        if (rows.length < streamsPerPage) break;
      }
    }
  },
};

/** All that a change means happens at once: a crash leaves the stream as it was or as it shall be. */
async function build({ store, clock, random }: ReconcilerContext, { account, region, name, id }: Stream): Promise<void> {
  const layout = random.uuid();
  const now = clock.now();
  await store.write(async (tx) => {
    const stream = await streams.get(tx, account, region, name);
    if (stream?.id !== id || stream.status === 'DELETING') return;
    const { change, ...rest } = stream;
    if (change?.kind === 'create') {
      for (const shard of uniformShards(id, change.shards, Math.floor(stream.created / 1000))) await shards.put(tx, shard);
      await positions.put(tx, { stream: id, next: 1, at: stream.created });
      await streams.put(tx, { ...rest, status: 'ACTIVE', openShards: change.shards, nextShard: change.shards, layout });
      return;
    }
    const rearranged = change && change.kind !== 'settle' ? await rearrange(tx, stream, now) : undefined;
    // Subscribers watch this row: a shard may have ended.
    if (rearranged) await positions.put(tx, (await positions.get(tx, id))!);
    await streams.put(tx, { ...rest, status: 'ACTIVE', ...rearranged, ...(rearranged && { layout }) });
  });
}

async function rearrange(
  tx: WriteTransaction,
  { id, change, nextShard }: Stream,
  now: number,
): Promise<{ openShards: number; nextShard: number }> {
  const rows = await shards.scan(tx, [id]);
  const open = new Map(rows.filter(({ row }) => row.closed === undefined).map(({ row }) => [row.number, row]));
  const arrangement: Rearranged = { changed: new Map(), next: nextShard };
  if (change?.kind === 'split') {
    const shard = open.get(change.shard);
    if (shard) split(arrangement, shard, change.at, now);
  } else if (change?.kind === 'merge') {
    const [lower, upper] = change.shards.map((number) => open.get(number));
    if (lower && upper) merge(arrangement, lower, upper, now);
  } else if (change?.kind === 'count') rescale(arrangement, [...open.values()], change.target, now);
  for (const shard of arrangement.changed.values()) {
    await shards.put(tx, shard);
    if (shard.closed === undefined) open.set(shard.number, shard);
    else open.delete(shard.number);
  }
  return { openShards: open.size, nextShard: arrangement.next };
}

/** Page by page, its own row last: a crash goes on from where it was. */
async function remove({ store, blobs, signal }: ReconcilerContext, stream: Stream): Promise<void> {
  const { id } = stream;
  for (let more = true; more;) {
    signal.throwIfAborted();
    more = await store.write(async (tx) => {
      const more = await removeRecords(tx, blobs, id, Infinity);
      const made = await shards.scan(tx, [id], { limit: rowsPerPage });
      for (const { row } of made) await shards.delete(tx, id, row.number);
      return more || made.length === rowsPerPage;
    });
  }
  await store.write(async (tx) => {
    const present = await streams.get(tx, stream.account, stream.region, stream.name);
    if (present?.id !== id) return;
    for (const { row } of await consumers.scan(tx, [id])) {
      await consumers.delete(tx, id, row.name);
      await policies.delete(tx, consumerArn(stream, row));
    }
    await removeUnusedDataKeys(tx, id, Infinity);
    await policies.delete(tx, streamArn(stream));
    await positions.delete(tx, id);
    await streams.delete(tx, stream.account, stream.region, stream.name);
  });
}
