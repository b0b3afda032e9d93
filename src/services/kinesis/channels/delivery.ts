/**
 * The reconciler of channels: looks at every shard of their streams once a second of cloud time, and writes what has waited long enough.
 * Records wait in the stream itself. An object is named by its first record, and the place behind its last one is noted after it is
 * written: an attempt that a crash cut short is made again under the same name.
 */

import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { assumeServiceRole } from '../../../framework/service-role.ts';
import { lookAhead, readRecords, type Reader, type ReadRecord } from '../records/reading.ts';
import { channelPlaces, channels, shards, streams, type Shard, type Stream } from '../tables.ts';
import type { Channel } from './channel.ts';
import { deadLetterKey, objectKey } from './object-key.ts';
import { kinesisService } from './operations.ts';

const lookMilliseconds = 1_000;
/** Of one object. */
const recordsMax = 10_000;
const bytesMax = 16 * 1024 * 1024;

const packers = { NONE: undefined, GZIP: promisify(gzip), ZSTD: promisify(zstdCompress) } as const;

export const channelDelivery: Reconciler = {
  name: 'kinesis/channels',
  watches: [channels],
  async run(context) {
    let any = false;
    for await (const channel of channels.each(context.store)) {
      context.signal.throwIfAborted();
      any = true;
      if (channel.status !== 'ACTIVE') await becomeActive(context, channel);
      await deliver(context, channel);
    }
    return any ? { nextAt: context.clock.now() + lookMilliseconds } : {};
  },
};

async function becomeActive({ store }: ReconcilerContext, { account, region, name, id }: Channel): Promise<void> {
  await store.write(async (tx) => {
    const present = await channels.get(tx, account, region, name);
    if (present?.id === id) await channels.put(tx, { ...present, status: 'ACTIVE' });
  });
}

/** One channel's trouble is not the others'. */
async function deliver(context: ReconcilerContext, channel: Channel): Promise<void> {
  const { account, region, stream: source } = channel;
  const found = await context.store.read(async (tx) => {
    const stream = await streams.get(tx, account, region, source.name);
    return stream?.id === source.id ? { stream, shards: (await shards.scan(tx, [stream.id])).map(({ row }) => row) } : undefined;
  });
  if (!found) return;
  let reader: Promise<Reader> | undefined;
  const asRole = (): Promise<Reader> => (reader ??= readerOf(context, channel));
  try {
    for (const shard of found.shards) while (await deliverNext(context, channel, found.stream, shard, asRole));
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof AwsError)) throw error;
    context.log(`channel ${channel.name} waits: ${error.message}`);
  }
}

/**
 * Writes one object of a shard's oldest records if they have waited long enough; true while there may be more. The role, of which every
 * taking on leaves a trace, is not needed to see that nothing has.
 */
async function deliverNext(
  context: ReconcilerContext,
  channel: Channel,
  stream: Stream,
  shard: Shard,
  asRole: () => Promise<Reader>,
): Promise<boolean> {
  const { store, clock } = context;
  const place = await store.read((tx) => channelPlaces.get(tx, channel.id, shard.number));
  // A shard that was made after the channel is carried from its beginning.
  const ahead = await lookAhead(context, stream, shard, place?.next ?? 1);
  // Much of other shards may lie between: it is not looked through again.
  if (ahead.arrived === undefined) return ahead.behind && notePlace(context, channel, shard, ahead.next);
  const isDue = (arrived: number): boolean => clock.now() - arrived >= channel.freshnessSeconds * 1_000;
  if (!isDue(ahead.arrived)) return false;
  const reader = await asRole();
  const [oldest] = (await readRecords(reader, stream, shard, ahead.next, { records: 1, bytes: 1 })).records;
  if (!oldest || !isDue(oldest.arrived)) return false;
  const { records, next, behind } = await readRecords(reader, stream, shard, ahead.next, { records: recordsMax, bytes: bytesMax });
  await write(reader.aws.s3, channel, shard, records);
  return (await notePlace(context, channel, shard, next)) && behind;
}

/** False when the channel has gone. */
function notePlace({ store }: ReconcilerContext, { account, region, name, id }: Channel, shard: Shard, next: number): Promise<boolean> {
  return store.write(async (tx) => {
    const present = await channels.get(tx, account, region, name);
    if (present?.id !== id) return false;
    await channelPlaces.put(tx, { channel: id, shard: shard.number, next });
    return true;
  });
}

/** Reads and writes as the channel's role. Throws AwsError where that does not trust Kinesis. */
async function readerOf(context: ReconcilerContext, { account, region, name, roleArn }: Channel): Promise<Reader> {
  const role = await assumeServiceRole(context, { roleArn, service: kinesisService, account, region, session: name });
  if (!role) throw new AwsError('AccessDeniedException', `Kinesis cannot assume the role ${roleArn}`);
  const { store, blobs, clock, random } = context;
  return {
    ...{ store, blobs, clock, random, account, region },
    principal: role,
    now: clock.now(),
    aws: context.awsAs(role, { account, region }),
  };
}

async function write(s3: Aws['s3'], channel: Channel, shard: Shard, records: readonly ReadRecord[]): Promise<void> {
  const [first] = records;
  const occasion = { channel, time: first!.arrived, suffix: `${String(shard.number).padStart(6, '0')}-${first!.sequence}` };
  const isGood = ({ data }: ReadRecord): boolean => channel.format !== 'JSON' || isJson(data);
  const good = records.filter(isGood);
  if (good.length > 0) {
    const { storage, keyId } = channel;
    const plain = joined(channel, good);
    const pack = packers[storage.CompressionType as keyof typeof packers];
    await s3('PutObject', {
      ...{ Bucket: bucketOf(storage.BucketARN!), ExpectedBucketOwner: storage.ExpectedBucketOwner },
      ...{ Key: objectKey(occasion), Body: pack ? await pack(plain) : plain, ContentType: 'application/octet-stream' },
      StorageClass: storage.StorageClass!,
      ...(keyId !== undefined && { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: keyId }),
    });
  }
  const bad = records.filter((record) => !isGood(record));
  if (bad.length === 0) return;
  const { BucketARN, ExpectedBucketOwner } = channel.deadLetters;
  const Body = Buffer.from(bad.map(deadLetter).join(''));
  await s3('PutObject', { Bucket: bucketOf(BucketARN!), ExpectedBucketOwner, Key: deadLetterKey(occasion), Body });
}

const bucketOf = (arn: string): string => arn.slice(arn.lastIndexOf(':') + 1);

function isJson(data: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(data).toString('utf8'));
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
}

/** Texts and JSON are lines; bytes follow each other as they are. */
function joined({ format }: Channel, records: readonly ReadRecord[]): Buffer {
  if (format === 'BYTE_ARRAY') return Buffer.concat(records.map(({ data }) => data));
  const newline = Buffer.from('\n');
  return Buffer.concat(records.flatMap(({ data }) => (data.at(-1) === newline[0] ? [data] : [data, newline])));
}

const deadLetter = ({ sequence, key, arrived, data }: ReadRecord): string =>
  `${JSON.stringify({
    ...{ sequenceNumber: sequence, partitionKey: key, approximateArrivalTimestamp: arrived },
    ...{ errorCode: 'InvalidJson', errorMessage: 'The record is no JSON.', rawData: data.toString('base64') },
  })}\n`;
