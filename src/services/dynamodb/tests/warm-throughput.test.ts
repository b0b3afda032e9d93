/** Warm throughput of tables and indexes: AWS's defaults, what is asked for, and that it never falls. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';
import { refused } from '../../../../tests/refused.ts';

let cloud: LiveCloud;
let client: D.DynamoDBClient;
before(async () => {
  cloud = await startCloud();
  client = cloud.client(D.DynamoDBClient);
});
after(() => cloud.close());

const units = (ReadUnitsPerSecond: number, WriteUnitsPerSecond: number) => ({ ReadUnitsPerSecond, WriteUnitsPerSecond });
const capacity = (ReadCapacityUnits: number, WriteCapacityUnits: number) => ({ ReadCapacityUnits, WriteCapacityUnits });

type More = { index?: Partial<D.GlobalSecondaryIndex> } & Partial<D.CreateTableCommandInput>;

function definition(TableName: string, { index, ...more }: More = {}): D.CreateTableCommandInput {
  const names = index ? ['id', 'kind'] : ['id'];
  const byKind = { IndexName: 'byKind', KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' as const }] };
  return {
    TableName,
    AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: more.ProvisionedThroughput ? 'PROVISIONED' : 'PAY_PER_REQUEST',
    ...(index && { GlobalSecondaryIndexes: [{ ...byKind, Projection: { ProjectionType: 'ALL' as const }, ...index }] }),
    ...more,
  };
}

const create = (TableName: string, more?: More) => createTable(client, new D.CreateTableCommand(definition(TableName, more)));
const update = (TableName: string, change: Partial<D.UpdateTableCommandInput>) =>
  client.send(new D.UpdateTableCommand({ TableName, ...change }));
const updateIndex = (TableName: string, WarmThroughput: D.WarmThroughput) =>
  update(TableName, { GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'byKind', WarmThroughput } }] });

/** Of the table, then of its index. */
async function warm(TableName: string, region = 'us-east-1'): Promise<(number | string | undefined)[][]> {
  const { Table } = await cloud.client(D.DynamoDBClient, { region }).send(new D.DescribeTableCommand({ TableName }));
  return [Table!, ...(Table!.GlobalSecondaryIndexes ?? [])].map(({ WarmThroughput: told }) => [
    told?.ReadUnitsPerSecond,
    told?.WriteUnitsPerSecond,
    told?.Status,
  ]);
}

const invalid = (rest: string) => ({ code: 'ValidationException', message: `One or more parameter values were invalid: ${rest}` });

test('tables and indexes have what AWS gives them, or what is asked for', async () => {
  await create('plain', { index: {} });
  assert.deepEqual(await warm('plain'), [
    [12_000, 4_000, 'ACTIVE'],
    [12_000, 4_000, 'ACTIVE'],
  ]);
  await create('asked', { WarmThroughput: { ReadUnitsPerSecond: 12_001 }, index: { WarmThroughput: units(13_000, 5_000) } });
  assert.deepEqual(await warm('asked'), [
    [12_001, 4_000, 'ACTIVE'],
    [13_000, 5_000, 'ACTIVE'],
  ]);
  await create('provisioned', { ProvisionedThroughput: capacity(5, 3), index: { ProvisionedThroughput: capacity(2, 1) } });
  assert.deepEqual(await warm('provisioned'), [
    [5, 3, 'ACTIVE'],
    [2, 1, 'ACTIVE'],
  ]);
});

test('it rises by UpdateTable, and is never less than present', async () => {
  await create('rising', { index: {} });
  await update('rising', { WarmThroughput: units(14_000, 4_000) });
  await updateIndex('rising', { WriteUnitsPerSecond: 4_500 });
  assert.deepEqual(await warm('rising'), [
    [14_000, 4_000, 'ACTIVE'],
    [12_000, 4_500, 'ACTIVE'],
  ]);
  await update('rising', { WarmThroughput: units(14_000, 4_000) });
  const never = 'is lower than current WarmThroughput, decreasing WarmThroughput is not supported';
  await refused(
    update('rising', { WarmThroughput: units(13_999, 4_000) }),
    invalid(`Requested ReadUnitsPerSecond for WarmThroughput for table ${never}`),
  );
  await refused(
    updateIndex('rising', { WriteUnitsPerSecond: 4_499 }),
    invalid(`Requested WriteUnitsPerSecond for WarmThroughput for index byKind ${never}`),
  );
});

test('a provisioned table keeps the most that it was ever given, through other billing modes too', async () => {
  await create('kept', { ProvisionedThroughput: capacity(3, 3) });
  await update('kept', { ProvisionedThroughput: capacity(1, 4) });
  assert.deepEqual(await warm('kept'), [[3, 4, 'ACTIVE']]);
  await update('kept', { BillingMode: 'PAY_PER_REQUEST' });
  assert.deepEqual(await warm('kept'), [[12_000, 4_000, 'ACTIVE']]);
  await update('kept', { BillingMode: 'PROVISIONED', ProvisionedThroughput: capacity(1, 1) });
  assert.deepEqual(await warm('kept'), [[12_000, 4_000, 'ACTIVE']]);
});

test('a new table is refused less than it begins with, and more than the account may have', async () => {
  const make = (more: More) => client.send(new D.CreateTableCommand(definition('refused', more)));
  const page =
    'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial';
  const initial = `is lower than initial throughput for OnDemand. See: ${page}`;
  await refused(make({ WarmThroughput: units(1, 1) }), invalid(`Requested ReadUnitsPerSecond for WarmThroughput for table ${initial}`));
  await refused(
    make({ index: { WarmThroughput: units(12_000, 3_999) } }),
    invalid(`Requested WriteUnitsPerSecond for WarmThroughput for index byKind ${initial}`),
  );
  await refused(
    make({ ProvisionedThroughput: capacity(10, 10), WarmThroughput: units(5, 5) }),
    invalid('Requested ReadUnitsPerSecond for WarmThroughput for table is lower than ReadCapacityUnits of ProvisionedThroughput'),
  );
  await refused(make({ WarmThroughput: units(40_001, 4_000) }), {
    code: 'LimitExceededException',
    message:
      'Subscriber limit exceeded: Requested ReadUnitsPerSecond for WarmThroughput for table exceeds TableMaxReadCapacityUnits of the account in region us-east-1',
  });
});

test('replicas have the same, those that are made later and those that are there', async () => {
  await create('shared', { WarmThroughput: units(15_000, 5_000), index: {} });
  await update('shared', { ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] });
  await cloud.cloud.settled();
  assert.deepEqual((await warm('shared', 'eu-west-1'))[0], [15_000, 5_000, 'ACTIVE']);
  await update('shared', { WarmThroughput: units(16_000, 6_000) });
  await updateIndex('shared', units(17_000, 7_000));
  assert.deepEqual(await warm('shared', 'eu-west-1'), [
    [16_000, 6_000, 'ACTIVE'],
    [17_000, 7_000, 'ACTIVE'],
  ]);
});

test('an index on demand has a maximum of its own', async () => {
  const index = async (name: string): Promise<D.GlobalSecondaryIndexDescription> =>
    (await client.send(new D.DescribeTableCommand({ TableName: name }))).Table!.GlobalSecondaryIndexes![0]!;
  const limits = { MaxReadRequestUnits: 1, MaxWriteRequestUnits: 1 };
  await create('limited', { index: { OnDemandThroughput: limits } });
  assert.deepEqual((await index('limited')).OnDemandThroughput, limits);
  const change = (OnDemandThroughput: D.OnDemandThroughput): Promise<unknown> =>
    update('limited', { GlobalSecondaryIndexUpdates: [{ Update: { IndexName: 'byKind', OnDemandThroughput } }] });
  const put = (letter: string): Promise<unknown> =>
    client.send(
      new D.PutItemCommand({
        TableName: 'limited',
        Item: { id: { S: 'a' }, kind: { S: 'x'.repeat(1000) }, fill: { S: letter.repeat(300_000) } },
      }),
    );
  // 295 units each: five minutes' worth has been saved up, and a second's worth may be owed.
  await put('a');
  await put('b');
  await assert.rejects(put('c'), { name: 'ThrottlingException', message: /maximum OnDemandThroughput configured on table or index/ });
  await change({ MaxWriteRequestUnits: -1 });
  await put('c');
  assert.deepEqual((await index('limited')).OnDemandThroughput, { MaxReadRequestUnits: 1, MaxWriteRequestUnits: -1 });
  await assert.rejects(change({ MaxReadRequestUnits: 0 }), { name: 'ValidationException', message: /outside of valid range/ });
});
