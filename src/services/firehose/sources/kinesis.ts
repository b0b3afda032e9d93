/** The reconciler of Kinesis sources: reads every shard of a source once a second, as the role that it was given. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { Aws } from '../../../framework/clients.ts';
import { asRole } from '../delivery-streams/role.ts';
import { addPiece } from '../records/buffer.ts';
import { pack } from '../records/packing.ts';
import { checkpoints, streams, type Checkpoint, type Stream } from '../tables.ts';

const rowsPerPage = 100;
const readMilliseconds = 1_000;
/** A shard that is far behind is read so often in a row, until the others have their turn. */
const readsInARowMax = 5;
const shardsPerPage = 1_000;

export const kinesisSource: Reconciler = {
  name: 'firehose/kinesis-source',
  watches: [streams],
  async run(context) {
    let any = false;
    let after: Uint8Array | undefined;
    for (;;) {
      const rows = await context.store.read((tx) => streams.scanIndex(tx, 'source', [], { limit: rowsPerPage, ...(after && { after }) }));
      for (const { row } of rows) {
        context.signal.throwIfAborted();
        any = true;
        await readStream(context, row);
      }
      if (rows.length < rowsPerPage) return any ? { nextAt: context.clock.now() + readMilliseconds } : {};
      after = rows.at(-1)!.cursor;
    }
  },
};

/** One stream's trouble is not the others'. */
async function readStream(context: ReconcilerContext, stream: Stream): Promise<void> {
  try {
    const aws = await asRole(context, stream, stream.source!.roleArn);
    const known = new Map<string, Checkpoint>();
    for await (const checkpoint of checkpoints.each(context.store, [stream.id])) known.set(checkpoint.shard, checkpoint);
    for (const shard of await shardsOf(aws, stream)) {
      const checkpoint = known.get(shard) ?? { stream: stream.id, shard };
      if (!checkpoint.ended) await readShard(context, aws, stream, checkpoint);
    }
  } catch (error) {
    context.signal.throwIfAborted();
    context.log(`${stream.name} cannot read ${stream.source!.streamArn}: ${(error as Error).message}`);
  }
}

async function shardsOf(aws: Aws, { source }: Stream): Promise<string[]> {
  const found: string[] = [];
  for (let token: string | undefined; ;) {
    const page = await aws.kinesis(
      'ListShards',
      token === undefined ? { StreamARN: source!.streamArn, MaxResults: shardsPerPage } : { NextToken: token },
    );
    for (const { ShardId } of page.Shards ?? []) found.push(ShardId!);
    token = page.NextToken;
    if (token === undefined) return found;
  }
}

/** Goes on where it was: behind the last record, or from when the stream was made. */
async function readShard(context: ReconcilerContext, aws: Aws, stream: Stream, begun: Checkpoint): Promise<void> {
  const { streamArn: StreamARN, startedAt } = stream.source!;
  const from =
    begun.sequence === undefined
      ? { ShardIteratorType: 'AT_TIMESTAMP' as const, Timestamp: new Date(startedAt) }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, StartingSequenceNumber: begun.sequence };
  let iterator = (await aws.kinesis('GetShardIterator', { StreamARN, ShardId: begun.shard, ...from })).ShardIterator;
  let checkpoint = begun;
  for (let reads = 0; iterator !== undefined && reads < readsInARowMax; reads++) {
    context.signal.throwIfAborted();
    const page = await aws.kinesis('GetRecords', { ShardIterator: iterator, StreamARN });
    const records = (page.Records ?? []).map(({ Data }) => Data as Uint8Array);
    const sequence = page.Records?.at(-1)?.SequenceNumber ?? checkpoint.sequence;
    const ended = page.NextShardIterator === undefined;
    checkpoint = { ...checkpoint, ...(sequence !== undefined && { sequence }), ...(ended && { ended: true as const }) };
    if (records.length > 0 || ended) await keep(context, stream, records, checkpoint);
    iterator = page.NextShardIterator;
    if (!page.MillisBehindLatest) return;
  }
}

/** Records and the place up to which they were read become durable together, so none is lost and none comes twice. */
async function keep(
  context: ReconcilerContext,
  { account, region, name, id }: Stream,
  records: readonly Uint8Array[],
  checkpoint: Checkpoint,
): Promise<void> {
  const { store, blobs, clock, random } = context;
  const bytes = records.reduce((sum, data) => sum + data.length, 0);
  const suffix = random.uuid();
  const arrived = clock.now();
  const staged = records.length > 0 ? await blobs.stage(pack(records)) : undefined;
  const kept = await store.write(async (tx) => {
    const stream = await streams.get(tx, account, region, name);
    if (stream?.id !== id || stream.status !== 'ACTIVE') return false;
    await checkpoints.put(tx, checkpoint);
    if (!staged) return true;
    await addPiece(tx, stream, { staged, sealed: false, bytes, arrived, suffix });
    await blobs.adopt(tx, staged);
    return true;
  });
  if (!kept && staged) await blobs.discard(staged);
}
