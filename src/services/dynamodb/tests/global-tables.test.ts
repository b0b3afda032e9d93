/** Global tables: replicas in other regions are filled, kept alike by the last writer, share settings, and go one by one. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import * as S from '@aws-sdk/client-dynamodb-streams';
import * as I from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { agreed, callsIn, clientsIn, home } from './replicated.ts';

const hour = 3_600_000;
const west = 'eu-west-1';
const tokyo = 'ap-northeast-1';
let cloud: LiveCloud;

before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

const at = clientsIn(() => cloud);
const { create, update, replicate, put, putMany, remove, contents, describe } = callsIn(at);

async function made(name: string, ...regions: string[]): Promise<void> {
  await create(name);
  for (const region of regions) {
    await replicate(name, region);
    await cloud.cloud.settled();
  }
}

const settled = (name: string, ...regions: string[]) => agreed(cloud, contents, name, regions);

test('a new replica is given what the table holds, then every change, in both directions', async () => {
  await create('songs');
  await putMany('songs', home, 'old', 250);
  const { TableDescription } = await replicate('songs', west);
  assert.equal(TableDescription!.TableStatus, 'UPDATING');
  await put('songs', home, 'old-7', 'changed meanwhile');
  await remove('songs', home, 'old-8');
  const all = await settled('songs', home, west);
  assert.equal(Object.keys(all).length, 249);
  assert.equal(all['old-7'], 'changed meanwhile');
  const table = await describe('songs', west);
  assert.equal(table.TableStatus, 'ACTIVE');
  assert.equal(table.GlobalTableVersion, '2019.11.21');
  assert.deepEqual(
    table.Replicas!.map(({ RegionName, ReplicaStatus }) => [RegionName, ReplicaStatus]),
    [[home, 'ACTIVE']],
  );
  assert.equal((await describe('songs', home)).Replicas![0]!.ReplicaStatus, 'ACTIVE');
  await put('songs', west, 'west', 'w');
  await remove('songs', west, 'old-9');
  const later = await settled('songs', home, west);
  assert.equal(later['west'], 'w');
  assert.equal(later['old-9'], undefined);
});

test('the last writer wins everywhere, though regions hear of each other late and in another order', async () => {
  await made('contest', west, tokyo);
  await Promise.all([put('contest', home, 'a', 'home'), put('contest', west, 'a', 'west'), put('contest', tokyo, 'a', 'tokyo')]);
  await settled('contest', home, west, tokyo);
  await cloud.advance(5);
  await put('contest', west, 'a', 'later');
  assert.deepEqual(await settled('contest', home, west, tokyo), { a: 'later' });
  // A write that has seen another is later than it, even in the same millisecond.
  await remove('contest', home, 'a');
  assert.deepEqual(await settled('contest', home, west, tokyo), {});
  await put('contest', tokyo, 'a', 'again');
  assert.deepEqual(await settled('contest', home, west, tokyo), { a: 'again' });
});

test('a third replica is made from any of the others, and all know each other', async () => {
  await made('three', west);
  await put('three', home, 'a', '1');
  await replicate('three', tokyo, west);
  assert.deepEqual(await settled('three', home, west, tokyo), { a: '1' });
  const others = async (region: string): Promise<(string | undefined)[]> =>
    (await describe('three', region)).Replicas!.map(({ RegionName }) => RegionName).toSorted();
  assert.deepEqual(await others(home), [tokyo, west].toSorted());
  assert.deepEqual(await others(west), [tokyo, home].toSorted());
  assert.deepEqual(await others(tokyo), [west, home].toSorted());
  await put('three', tokyo, 'b', '2');
  await put('three', home, 'c', '3');
  assert.deepEqual(await settled('three', home, west, tokyo), { a: '1', b: '2', c: '3' });
});

async function recordsOf(name: string, region: string): Promise<S._Record[]> {
  const reader = cloud.client(S.DynamoDBStreamsClient, { region });
  const StreamArn = (await describe(name, region)).LatestStreamArn!;
  const { StreamDescription } = await reader.send(new S.DescribeStreamCommand({ StreamArn }));
  const ShardId = StreamDescription!.Shards!.at(-1)!.ShardId!;
  const asked = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  const { ShardIterator } = await reader.send(new S.GetShardIteratorCommand(asked));
  return (await reader.send(new S.GetRecordsCommand({ ShardIterator }))).Records!;
}

test('each replica has a stream of its own, which cannot be disabled; nothing comes back to where it began', async () => {
  await made('echo', west);
  await put('echo', home, 'a', '1');
  await cloud.cloud.settled();
  await put('echo', west, 'b', '2');
  await remove('echo', west, 'a');
  await cloud.cloud.settled();
  const told = async (region: string): Promise<string[]> =>
    (await recordsOf('echo', region)).map(({ eventName, dynamodb }) => `${eventName} ${dynamodb!.Keys!['id']!.S}`);
  assert.deepEqual(await told(home), ['INSERT a', 'INSERT b', 'REMOVE a']);
  assert.deepEqual(await told(west), ['INSERT a', 'INSERT b', 'REMOVE a']);
  const [first] = await recordsOf('echo', west);
  assert.equal(first!.awsRegion, west);
  assert.deepEqual(Object.keys(first!.dynamodb!.NewImage!).toSorted(), ['bytes', 'id', 'text']);
  await refused(update('echo', { StreamSpecification: { StreamEnabled: false } }), {
    code: 'ValidationException',
    message: /Disabling Stream is not allowed for a Global Table replica/,
  });
  await create('keys-only', { StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } });
  await refused(replicate('keys-only', west), { code: 'ValidationException', message: /NEW_AND_OLD_IMAGES/ });
});

test('what expires in one region goes in all, and only where it expired the stream says why', async () => {
  await made('sessions', west);
  await at(home).send(
    new D.UpdateTimeToLiveCommand({ TableName: 'sessions', TimeToLiveSpecification: { AttributeName: 'until', Enabled: true } }),
  );
  const ttl = await at(west).send(new D.DescribeTimeToLiveCommand({ TableName: 'sessions' }));
  assert.deepEqual(ttl.TimeToLiveDescription, { TimeToLiveStatus: 'ENABLED', AttributeName: 'until' });
  const until = String(Math.floor(cloud.cloud.clock.now() / 1000) + 60);
  await at(west).send(new D.PutItemCommand({ TableName: 'sessions', Item: { id: { S: 'a' }, until: { N: until } } }));
  await cloud.advance(2 * hour);
  assert.deepEqual(await settled('sessions', home, west), {});
  const removals = (await Promise.all([home, west].map((region) => recordsOf('sessions', region)))).flat();
  assert.equal(removals.filter(({ eventName }) => eventName === 'REMOVE').length, 2);
  assert.ok(removals.some(({ userIdentity }) => userIdentity?.PrincipalId === 'dynamodb.amazonaws.com'));
});

test('indexes, capacity mode and write capacity are shared; classes, protection and tags are not', async () => {
  await made('shared', west);
  await put('shared', home, 'a', '1');
  await update('shared', {
    AttributeDefinitions: [{ AttributeName: 'text', AttributeType: 'S' }],
    GlobalSecondaryIndexUpdates: [
      {
        Create: { IndexName: 'by-text', KeySchema: [{ AttributeName: 'text', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
      },
    ],
    DeletionProtectionEnabled: true,
  });
  await put('shared', west, 'b', '2');
  await settled('shared', home, west);
  assert.deepEqual(await contents('shared', home, 'by-text'), { a: '1', b: '2' });
  assert.deepEqual(await contents('shared', west, 'by-text'), { a: '1', b: '2' });
  const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 7 };
  await update(
    'shared',
    {
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput,
      GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'by-text', ProvisionedThroughput } }],
    },
    west,
  );
  const ReplicaUpdates = [
    {
      Update: {
        RegionName: west,
        ProvisionedThroughputOverride: { ReadCapacityUnits: 20 },
        GlobalSecondaryIndexes: [{ IndexName: 'by-text', ProvisionedThroughputOverride: { ReadCapacityUnits: 30 } }],
        TableClassOverride: 'STANDARD_INFREQUENT_ACCESS' as const,
      },
    },
  ];
  await update('shared', { ReplicaUpdates });
  const [here, there] = [await describe('shared', home), await describe('shared', west)];
  const units = ({ ProvisionedThroughput: told, GlobalSecondaryIndexes: indexes }: D.TableDescription): unknown[] =>
    [told, indexes![0]!.ProvisionedThroughput].map((one) => [one!.ReadCapacityUnits, one!.WriteCapacityUnits]);
  assert.deepEqual(units(here), [
    [5, 7],
    [5, 7],
  ]);
  assert.deepEqual(units(there), [
    [20, 7],
    [30, 7],
  ]);
  assert.deepEqual([here.DeletionProtectionEnabled, there.DeletionProtectionEnabled], [true, false]);
  assert.equal(there.TableClassSummary!.TableClass, 'STANDARD_INFREQUENT_ACCESS');
  const [replica] = here.Replicas!;
  assert.deepEqual(replica!.ProvisionedThroughputOverride, { ReadCapacityUnits: 20 });
  assert.deepEqual(replica!.GlobalSecondaryIndexes, [{ IndexName: 'by-text', ProvisionedThroughputOverride: { ReadCapacityUnits: 30 } }]);
  assert.equal(replica!.ReplicaTableClassSummary!.TableClass, 'STANDARD_INFREQUENT_ACCESS');
  // A later change of what is shared leaves the override.
  await update('shared', { ProvisionedThroughput: { ReadCapacityUnits: 6, WriteCapacityUnits: 8 } });
  assert.deepEqual(units(await describe('shared', west))[0], [20, 8]);
  await update('shared', { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'by-text' } }] });
  assert.equal((await describe('shared', west)).GlobalSecondaryIndexes, undefined);
});

test('a replica is taken away by its region or from another; the last table is an ordinary one again', async () => {
  await made('leaving', west, tokyo);
  await put('leaving', home, 'a', '1');
  await settled('leaving', home, west, tokyo);
  await refused(at(home).send(new D.DeleteTableCommand({ TableName: 'leaving' })), {
    code: 'ValidationException',
    message: /source region .* 24 hours/,
  });
  await at(tokyo).send(new D.DeleteTableCommand({ TableName: 'leaving' }));
  assert.deepEqual(
    (await describe('leaving', home)).Replicas!.map(({ RegionName }) => RegionName),
    [west],
  );
  await update('leaving', { ReplicaUpdates: [{ Delete: { RegionName: west } }] });
  await refused(describe('leaving', west), 'ResourceNotFoundException');
  const last = await describe('leaving', home);
  assert.deepEqual([last.Replicas, last.GlobalTableVersion], [undefined, undefined]);
  await put('leaving', home, 'b', '2');
  await cloud.cloud.settled();
  // It may have replicas again, with what it holds now.
  await replicate('leaving', west);
  assert.deepEqual(await settled('leaving', home, west), { a: '1', b: '2' });
  await cloud.advance(25 * hour);
  await at(home).send(new D.DeleteTableCommand({ TableName: 'leaving' }));
  assert.equal((await describe('leaving', west)).Replicas, undefined);
});

test('a replica that has no throughput left is told when it has', async () => {
  await create('slow', { BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 1 } });
  await replicate('slow', west);
  await cloud.cloud.settled();
  // Five minutes of what is not used can be saved: 300 units. Transactions take twice as much where they are made.
  const Item = (n: number): D.Put['Item'] => ({
    id: { S: `t${n}` },
    text: { S: 'x' },
    bytes: { B: Buffer.from('x') },
    long: { S: 'x'.repeat(20_000) },
  });
  const TransactItems = Array.from({ length: 7 }, (_, n) => ({ Put: { TableName: 'slow', Item: Item(n) } }));
  await at(west).send(new D.TransactWriteItemsCommand({ TransactItems }));
  for (let n = 7; n < 11; n++) {
    await at(home).send(new D.PutItemCommand({ TableName: 'slow', Item: Item(n) }));
    await cloud.cloud.settled();
  }
  assert.notDeepEqual(await contents('slow', home), await contents('slow', west));
  for (let n = 0; n < 3; n++) await cloud.advance(10 * 60_000);
  assert.equal(Object.keys(await settled('slow', home, west)).length, 11);
});

test('replicated writes are metered', async () => {
  const usage = await cloud.cloud.meter.query('000000000000', 0, Number.MAX_SAFE_INTEGER);
  const replicated = usage.filter(({ usageType }) => usageType === 'ReplWriteRequestUnits');
  assert.ok(replicated.some(({ region, quantity }) => region === west && quantity >= 250));
});

test('what is asked wrongly is refused, and what is not built says so', async () => {
  await made('strict', west);
  await refused(replicate('strict', west), { code: 'ValidationException', message: /one or more replicas already existed as tables/ });
  await refused(replicate('strict', home), { code: 'ValidationException', message: /local region/ });
  await refused(replicate('strict', 'nowhere'), { code: 'ValidationException', message: /region/ });
  await refused(update('strict', { ReplicaUpdates: [{ Delete: { RegionName: tokyo } }] }), 'ResourceNotFoundException');
  await refused(update('strict', { ReplicaUpdates: [{}] }), 'ValidationException');
  await refused(update('strict', { ReplicaUpdates: [] }), 'ValidationException');
  const Create = { RegionName: tokyo };
  await refused(update('strict', { MultiRegionConsistency: 'STRONG', ReplicaUpdates: [{ Create }] }), {
    code: 'NotImplemented',
    message: /STRONG/,
  });
  await refused(update('strict', { GlobalTableWitnessUpdates: [{ Create }] }), { code: 'NotImplemented', message: /Witness/ });
  await refused(update('strict', { ReplicaUpdates: [{ Create: { ...Create, KMSMasterKeyId: 'k' } }] }), {
    code: 'NotImplemented',
    message: /KMS/,
  });
});

test('how all replicas scale is told and changed at once, and what comes from other regions is followed', async () => {
  const ProvisionedThroughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
  await create('scaled', {
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput,
    AttributeDefinitions: ['id', 'text'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-text',
        KeySchema: [{ AttributeName: 'text', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
        ProvisionedThroughput,
      },
    ],
  });
  await replicate('scaled', west);
  await cloud.cloud.settled();
  const tracking = { ScalingPolicyUpdate: { TargetTrackingScalingPolicyConfiguration: { TargetValue: 50 } } };
  const scaled = (more: Partial<D.UpdateTableReplicaAutoScalingCommandInput>) =>
    at(home).send(new D.UpdateTableReplicaAutoScalingCommand({ TableName: 'scaled', ...more }));
  const { TableAutoScalingDescription: told } = await scaled({
    ProvisionedWriteCapacityAutoScalingUpdate: { MinimumUnits: 5, MaximumUnits: 50, ...tracking },
    GlobalSecondaryIndexUpdates: [
      { IndexName: 'by-text', ProvisionedWriteCapacityAutoScalingUpdate: { MinimumUnits: 5, MaximumUnits: 40, ...tracking } },
    ],
    ReplicaUpdates: [
      { RegionName: west, ReplicaProvisionedReadCapacityAutoScalingUpdate: { MinimumUnits: 6, MaximumUnits: 60, ...tracking } },
    ],
  });
  assert.deepEqual(
    told!.Replicas!.map((one) => [
      one.RegionName,
      one.ReplicaProvisionedWriteCapacityAutoScalingSettings!.MaximumUnits,
      one.ReplicaProvisionedReadCapacityAutoScalingSettings!.MaximumUnits,
      one.ReplicaProvisionedReadCapacityAutoScalingSettings!.AutoScalingDisabled,
      one.GlobalSecondaryIndexes![0]!.ProvisionedWriteCapacityAutoScalingSettings!.MaximumUnits,
    ]),
    [
      [home, 50, undefined, true, 40],
      [west, 50, 60, false, 40],
    ],
  );
  const policy = told!.Replicas![1]!.ReplicaProvisionedWriteCapacityAutoScalingSettings!.ScalingPolicies![0]!;
  assert.equal(policy.PolicyName, 'DynamoDBWriteCapacityUtilization:table/scaled');
  assert.equal(policy.TargetTrackingScalingPolicyConfiguration!.TargetValue, 50);
  await scaled({ ReplicaUpdates: [{ RegionName: west, ReplicaProvisionedReadCapacityAutoScalingUpdate: { AutoScalingDisabled: true } }] });
  const { TableAutoScalingDescription: later } = await at(west).send(new D.DescribeTableReplicaAutoScalingCommand({ TableName: 'scaled' }));
  const inWest = later!.Replicas!.find(({ RegionName }) => RegionName === west)!;
  assert.deepEqual(inWest.ReplicaProvisionedReadCapacityAutoScalingSettings, { AutoScalingDisabled: true });
  await put('scaled', home, 'a', 'carried');
  await settled('scaled', home, west);
  const usage = await cloud.cloud.meter.query('000000000000', 0, Number.MAX_SAFE_INTEGER);
  const carried = usage.filter(({ usageType, region }) => usageType === 'ReplConsumedWriteCapacityUnits' && region === west);
  assert.ok(carried.some(({ resource, quantity }) => resource!.endsWith('table/scaled') && quantity === 1));
  assert.ok(carried.some(({ resource, quantity }) => resource!.endsWith('index/by-text') && quantity === 1));
  await refused(scaled({}), 'ValidationException');
  await refused(scaled({ ReplicaUpdates: [{ RegionName: tokyo }] }), 'ResourceNotFoundException');
  await refused(scaled({ GlobalSecondaryIndexUpdates: [{ IndexName: 'none' }] }), 'ResourceNotFoundException');
  const onDemand = new D.UpdateTableReplicaAutoScalingCommand({
    TableName: 'strict',
    ProvisionedWriteCapacityAutoScalingUpdate: { MinimumUnits: 1, MaximumUnits: 2 },
  });
  await refused(at(home).send(onDemand), 'ValidationException');
});

test('adding a replica needs to be allowed in its region, too', async () => {
  const iam = cloud.client(I.IAMClient);
  await iam.send(new I.CreateUserCommand({ UserName: 'modest' }));
  const { AccessKey } = await iam.send(new I.CreateAccessKeyCommand({ UserName: 'modest' }));
  const Statement = [
    { Effect: 'Allow', Action: 'dynamodb:*', Resource: `arn:aws:dynamodb:${home}:*:table/*` },
    { Effect: 'Allow', Action: 'dynamodb:CreateTable', Resource: '*' },
  ];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new I.PutUserPolicyCommand({ UserName: 'modest', PolicyName: 'p', PolicyDocument }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const modest = cloud.client(D.DynamoDBClient, { credentials });
  const ReplicaUpdates = [{ Create: { RegionName: tokyo } }];
  await refused(modest.send(new D.UpdateTableCommand({ TableName: 'strict', ReplicaUpdates })), {
    code: 'AccessDeniedException',
    message: /CreateTableReplica on resource: arn:aws:dynamodb:ap-northeast-1/,
  });
});
