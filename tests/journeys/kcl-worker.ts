/**
 * A worker as the Kinesis Client Library has it: leases in a DynamoDB table, changed only on condition that nobody else has changed them,
 * taken when their holder no longer renews them or holds more than its share; shards read after their parents, by polling or by enhanced
 * fan-out. https://docs.aws.amazon.com/streams/latest/dev/kcl-concepts.html. It goes in steps, so that a test needs no clock of its own.
 */

import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DeleteItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
  type AttributeValue,
  type AttributeValueUpdate,
  type DynamoDBClient,
  type ExpectedAttributeValue,
} from '@aws-sdk/client-dynamodb';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  SubscribeToShardCommand,
  type ChildShard,
  type KinesisClient,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { createTable } from '../ready-table.ts';

export type Lease = { key: string; owner?: string; counter: number; checkpoint: string; parents: string[] };
export type Seen = { worker: string; shard: string; sequence: string; data: string };
type Means = { dynamodb: DynamoDBClient; kinesis: KinesisClient; table: string; stream: string; seen: Seen[] };
export type Worker = Means & {
  name: string;
  consumer?: string;
  held: Map<string, Lease>;
  /** The counters of all leases, and for how many looks they have stood still. */
  watched: Map<string, { counter: number; looks: number }>;
};
type Read = { records: { sequence: string; data: string }[]; children?: ChildShard[] };

/** A lease whose counter stands still for so many looks has no holder any more. */
const looksMax = 3;

export async function createLeaseTable({ dynamodb, table }: Pick<Means, 'dynamodb' | 'table'>): Promise<void> {
  await createTable(
    dynamodb,
    new CreateTableCommand({
      TableName: table,
      AttributeDefinitions: [{ AttributeName: 'leaseKey', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
}

export async function readLeases({ dynamodb, table }: Pick<Means, 'dynamodb' | 'table'>): Promise<Lease[]> {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  return Items.map((item) => ({
    key: item['leaseKey']!.S!,
    ...(item['leaseOwner']?.S !== undefined && { owner: item['leaseOwner'].S }),
    counter: Number(item['leaseCounter']!.N),
    checkpoint: item['checkpoint']!.S!,
    parents: item['parentShardId']?.SS ?? [],
  }));
}

/** True when it was as expected; false when somebody else was faster. */
const onCondition = async (change: Promise<unknown>): Promise<boolean> => {
  try {
    await change;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
const asKnown = ({ counter, owner }: Lease): Record<string, ExpectedAttributeValue> => ({
  leaseCounter: { Value: { N: String(counter) } },
  leaseOwner: owner === undefined ? { Exists: false } : { Value: { S: owner } },
});
const update = ({ dynamodb, table }: Worker, lease: Lease, AttributeUpdates: Record<string, AttributeValueUpdate>): Promise<boolean> =>
  onCondition(
    dynamodb.send(
      new UpdateItemCommand({ TableName: table, Key: { leaseKey: { S: lease.key } }, Expected: asKnown(lease), AttributeUpdates }),
    ),
  );
const put = (Value: AttributeValue): AttributeValueUpdate => ({ Action: 'PUT', Value });

async function createLease(worker: Worker, shard: string, parents: readonly (string | undefined)[]): Promise<void> {
  const { dynamodb, table } = worker;
  const parentShardId = parents.filter((one) => one !== undefined);
  const Item: Record<string, AttributeValue> = {
    ...{ leaseKey: { S: shard }, leaseCounter: { N: '0' }, checkpoint: { S: 'TRIM_HORIZON' } },
    ...{ checkpointSubSequenceNumber: { N: '0' }, ownerSwitchesSinceCheckpoint: { N: '0' } },
    ...(parentShardId.length > 0 && { parentShardId: { SS: parentShardId } }),
  };
  await onCondition(dynamodb.send(new PutItemCommand({ TableName: table, Item, Expected: { leaseKey: { Exists: false } } })));
}

/** An empty table is filled with the shards that were there first; children are added when their parents end. */
async function syncShards(worker: Worker): Promise<void> {
  const { kinesis, stream } = worker;
  if ((await readLeases(worker)).length > 0) return;
  const input = { StreamName: stream, ShardFilter: { Type: 'AT_TRIM_HORIZON' as const }, MaxResults: 1 };
  let answer = await kinesis.send(new ListShardsCommand(input));
  const shards: Shard[] = [...answer.Shards!];
  while (answer.NextToken !== undefined) {
    answer = await kinesis.send(new ListShardsCommand({ NextToken: answer.NextToken }));
    shards.push(...answer.Shards!);
  }
  for (const { ShardId, ParentShardId, AdjacentParentShardId } of shards)
    await createLease(worker, ShardId!, [ParentShardId, AdjacentParentShardId]);
}

async function renewLeases(worker: Worker): Promise<void> {
  const { held } = worker;
  for (const lease of [...held.values()]) {
    const next = { ...lease, counter: lease.counter + 1 };
    if (await update(worker, lease, { leaseCounter: put({ N: String(next.counter) }) })) held.set(lease.key, next);
    else held.delete(lease.key);
  }
}

async function takeLease(worker: Worker, lease: Lease): Promise<boolean> {
  const { name, held } = worker;
  const next = { ...lease, owner: name, counter: lease.counter + 1 };
  const taken = await update(worker, lease, {
    leaseCounter: put({ N: String(next.counter) }),
    leaseOwner: put({ S: name }),
    ownerSwitchesSinceCheckpoint: { Action: 'ADD', Value: { N: '1' } },
  });
  if (taken) held.set(lease.key, next);
  return taken;
}

/** Takes what nobody holds, up to its share; and, when nothing is free, one lease of whoever holds the most. */
async function takeLeases(worker: Worker): Promise<void> {
  const { name, watched } = worker;
  const leases = await readLeases(worker);
  for (const { key, counter } of leases) {
    const before = watched.get(key);
    watched.set(key, { counter, looks: before?.counter === counter ? before.looks + 1 : 0 });
  }
  const open = leases.filter(({ checkpoint }) => checkpoint !== 'SHARD_END');
  const isFree = ({ key, owner }: Lease): boolean => owner === undefined || (owner !== name && watched.get(key)!.looks >= looksMax);
  const byOwner = Map.groupBy(
    open.filter((lease) => !isFree(lease)),
    ({ owner }) => owner!,
  );
  const mine = byOwner.get(name)?.length ?? 0;
  const share = Math.ceil(open.length / new Set([...byOwner.keys(), name]).size);
  let wanted = share - mine;
  const free = open.filter(isFree);
  for (const lease of free) if (wanted > 0 && (await takeLease(worker, lease))) wanted--;
  if (wanted <= 0 || free.length > 0) return;
  const [richest] = [...byOwner].filter(([owner]) => owner !== name).sort(([, a], [, b]) => b.length - a.length);
  if (richest && richest[1].length > share) await takeLease(worker, richest[1][0]!);
}

async function poll(worker: Worker, { key, checkpoint }: Lease): Promise<Read> {
  const { kinesis, stream } = worker;
  const position =
    checkpoint === 'TRIM_HORIZON'
      ? { ShardIteratorType: 'TRIM_HORIZON' as const }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER' as const, StartingSequenceNumber: checkpoint };
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand({ StreamName: stream, ShardId: key, ...position }));
  const answer = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  const records = answer.Records!.map(({ SequenceNumber, Data }) => ({ sequence: SequenceNumber!, data: Buffer.from(Data!).toString() }));
  return { records, ...(answer.NextShardIterator === undefined && { children: answer.ChildShards! }) };
}

/** Listens until it has heard all that is there, or that the shard has ended. */
async function listen(worker: Worker, { key, checkpoint }: Lease): Promise<Read> {
  const { kinesis, consumer } = worker;
  const StartingPosition =
    checkpoint === 'TRIM_HORIZON'
      ? { Type: 'TRIM_HORIZON' as const }
      : { Type: 'AFTER_SEQUENCE_NUMBER' as const, SequenceNumber: checkpoint };
  const { EventStream } = await kinesis.send(new SubscribeToShardCommand({ ConsumerARN: consumer, ShardId: key, StartingPosition }));
  const records: Read['records'] = [];
  for await (const { SubscribeToShardEvent: event } of EventStream!) {
    if (!event) continue;
    records.push(...event.Records!.map(({ SequenceNumber, Data }) => ({ sequence: SequenceNumber!, data: Buffer.from(Data!).toString() })));
    if (event.ChildShards && event.ChildShards.length > 0) return { records, children: event.ChildShards };
    if (event.MillisBehindLatest === 0) return { records };
  }
  return { records };
}

async function checkpointAt(worker: Worker, key: string, checkpoint: string): Promise<boolean> {
  const { held } = worker;
  const lease = held.get(key)!;
  const done = await update(worker, lease, { checkpoint: put({ S: checkpoint }), ownerSwitchesSinceCheckpoint: put({ N: '0' }) });
  if (done) held.set(key, { ...lease, checkpoint });
  else held.delete(key);
  return done;
}

async function consume(worker: Worker, withCheckpoints: boolean): Promise<void> {
  const { name, consumer, held, seen } = worker;
  const leases = await readLeases(worker);
  const ended = (shard: string): boolean => leases.every(({ key, checkpoint }) => key !== shard || checkpoint === 'SHARD_END');
  for (const lease of [...held.values()]) {
    if (lease.checkpoint === 'SHARD_END' || !lease.parents.every(ended)) continue;
    const { records, children } = consumer === undefined ? await poll(worker, lease) : await listen(worker, lease);
    for (const record of records) seen.push({ worker: name, shard: lease.key, ...record });
    if (!withCheckpoints) continue;
    const last = records.at(-1)?.sequence;
    if (last !== undefined && !(await checkpointAt(worker, lease.key, last))) continue;
    if (!children) continue;
    for (const child of children) await createLease(worker, child.ShardId!, child.ParentShards!);
    await checkpointAt(worker, lease.key, 'SHARD_END');
  }
}

/** Leases of shards that have ended go when all their children are being read. */
async function cleanUp(worker: Worker): Promise<void> {
  const { dynamodb, table, held } = worker;
  const leases = await readLeases(worker);
  for (const lease of [...held.values()].filter(({ checkpoint }) => checkpoint === 'SHARD_END')) {
    const children = leases.filter(({ parents }) => parents.includes(lease.key));
    if (children.length === 0 || children.some(({ checkpoint }) => checkpoint === 'TRIM_HORIZON')) continue;
    const Key = { leaseKey: { S: lease.key } };
    await onCondition(dynamodb.send(new DeleteItemCommand({ TableName: table, Key, Expected: asKnown(lease) })));
    held.delete(lease.key);
  }
}

/** `consumer` is the ARN of a registered consumer, for enhanced fan-out; without one the worker polls. */
export const startWorker = (means: Means, name: string, consumer?: string): Worker => ({
  ...means,
  ...{ name, held: new Map(), watched: new Map() },
  ...(consumer !== undefined && { consumer }),
});

/** One round of everything that a worker does side by side. Without checkpoints it dies right after it has read. */
export async function step(worker: Worker, { withCheckpoints = true } = {}): Promise<void> {
  await syncShards(worker);
  await renewLeases(worker);
  await takeLeases(worker);
  await consume(worker, withCheckpoints);
  await cleanUp(worker);
}
