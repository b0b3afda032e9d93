/** Delivers the changes of tables into Kinesis streams, in their order for each item; one may arrive twice, none is lost. */

import type { Aws } from '../../../framework/clients.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { readRecords, recordKey, type FeedRecord } from '../change-feeds/feed.ts';
import { decodeRow, deleteRow } from '../storage/rows.ts';
import { feedHeads, kinesisDestinations, tables } from '../tables.ts';
import { forEachAccessible } from '../tables/own-work.ts';
import { tableArn } from '../tables/table.ts';
import type { Destination } from './destination.ts';

const recordsPerCall = 100;
const bytesPerCall = 2 * 1024 * 1024;
const retryMilliseconds = 1_000;

export const kinesisDelivery: Reconciler = {
  name: 'dynamodb/kinesis-delivery',
  // Tables too: one of them may have got the use of its key back.
  watches: [feedHeads, tables],
  run: async (context) => {
    let isBehind = false;
    const waiting = await forEachAccessible(context, kinesisDestinations.each(context.store), async (destination) => {
      if (destination.status === 'ACTIVE' && !(await deliverAll(context, destination))) isBehind = true;
    });
    return isBehind ? { nextAt: context.now + retryMilliseconds } : waiting;
  },
};

/** False when the stream did not take everything. */
async function deliverAll(context: ReconcilerContext, destination: Destination): Promise<boolean> {
  for (let first = 0; !context.signal.aborted;) {
    const asked = { first, last: Number.MAX_SAFE_INTEGER - 1, count: recordsPerCall, bytesMax: bytesPerCall };
    const records = await context.store.read((tx) => readRecords(tx, destination, asked));
    if (records.length === 0) return true;
    const taken = await deliver(context, destination, records);
    await context.store.write(async (tx) => {
      for (const { number } of records.slice(0, taken)) {
        const key = recordKey(destination, number);
        const value = await tx.get(key);
        if (value !== undefined) await deleteRow(tx, key, (await decodeRow(tx, key, value)).parts);
      }
    });
    if (taken < records.length) return false;
    first = records.at(-1)!.number + 1;
  }
  return true;
}

/** How many records, from the first on, the stream has taken. */
async function deliver(context: ReconcilerContext, destination: Destination, records: readonly FeedRecord[]): Promise<number> {
  const Records = records.map((record) => ({ Data: dataOf(destination, record), PartitionKey: partitionOf(record.json) }));
  try {
    const answer = await asDynamodb(context, destination).kinesis('PutRecords', { StreamARN: destination.stream, Records });
    const failed = answer.Records!.findIndex(({ ErrorCode }) => ErrorCode !== undefined);
    return failed < 0 ? records.length : failed;
  } catch (error) {
    context.log(`changes of table ${destination.name} wait for ${destination.stream}: ${(error as Error).message}`);
    return 0;
  }
}

function asDynamodb({ awsAs }: ReconcilerContext, destination: Destination): Aws {
  const { account, region } = destination;
  const name = 'dynamodb.amazonaws.com';
  const principal = {
    type: 'Service',
    account,
    arn: '',
    id: name,
    name,
    sourceArn: tableArn(destination),
    sourceAccount: account,
  } as const;
  return awsAs(principal, { account, region });
}

type StreamRecord = { eventID: string; eventName: string; awsRegion: string; userIdentity?: object; dynamodb: Record<string, unknown> };

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_using-shards-and-metrics.html */
function dataOf({ name, precision }: Destination, { json, at }: FeedRecord): Uint8Array {
  const { eventID, eventName, awsRegion, userIdentity, dynamodb } = JSON.parse(json) as StreamRecord;
  const { Keys, NewImage, OldImage, SizeBytes } = dynamodb;
  const micro = precision === 'MICROSECOND';
  return Buffer.from(
    JSON.stringify({
      awsRegion,
      eventID,
      eventName,
      userIdentity: userIdentity ?? null,
      recordFormat: 'application/json',
      tableName: name,
      dynamodb: {
        ApproximateCreationDateTime: micro ? at * 1_000 : at,
        ...(micro && { ApproximateCreationDateTimePrecision: precision }),
        Keys,
        NewImage,
        OldImage,
        SizeBytes,
      },
      eventSource: 'aws:dynamodb',
    }),
  );
}

/** Changes of one item go into one shard. */
function partitionOf(json: string): string {
  const { dynamodb } = JSON.parse(json) as StreamRecord;
  return JSON.stringify(dynamodb['Keys']).slice(0, 256);
}
