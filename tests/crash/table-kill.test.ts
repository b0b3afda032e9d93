/**
 * A cloud is killed under the load of puts, deletions and transactions: acknowledged items are there, a deleted one does not return, a
 * half-done transaction is invisible, and the table, its index and the replay of its stream agree.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as D from '@aws-sdk/client-dynamodb';
import * as S from '@aws-sdk/client-dynamodb-streams';
import { newUser, type User } from '../cli/haneul-process.ts';
import { clientOptions, isConnectionLost } from './writers.ts';
import { createTable } from '../ready-table.ts';

const rounds = 6;
const writers = 3;
const accounts = 8;
const opening = 1_000;
const TableName = 'crash-test';

let user: User;
before(async () => void (user = await newUser()));
after(() => user.leave());

/** What a writer knows of its own items; `doubt` is the one whose last change was not acknowledged. */
type Owned = { items: Map<string, string>; doubt: { id: string; value: string | undefined } | undefined; acknowledged: number };

test('kill -9 at random moments, under the load of writers and of transfers', async (context) => {
  const owned: Owned[] = Array.from({ length: writers }, () => ({ items: new Map(), doubt: undefined, acknowledged: 0 }));
  let cloud = await user.up();
  const arn = await prepare(cloud.endpoint);
  for (let round = 1; round <= rounds; round++) {
    const running = [...owned.map((own, writer) => write(cloud.endpoint, writer, own)), transfer(cloud.endpoint), transfer(cloud.endpoint)];
    await sleep(300 + Math.random() * 600);
    cloud.child.kill('SIGKILL');
    await cloud.ended;
    await Promise.all(running);
    cloud = await user.up();
    await check(cloud.endpoint, arn, owned);
  }
  cloud.child.kill('SIGTERM');
  assert.equal((await cloud.ended).code, 0);
  const acknowledged = owned.reduce((sum, own) => sum + own.acknowledged, 0);
  context.diagnostic(`${rounds} kills, ${acknowledged} acknowledged changes, none lost`);
  assert.ok(acknowledged > rounds * writers);
});

async function prepare(endpoint: string): Promise<string> {
  const client = new D.DynamoDBClient(clientOptions(endpoint));
  const { TableDescription } = await createTable(
    client,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'kind', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        { IndexName: 'by-kind', KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  for (let n = 0; n < accounts; n++) {
    const Item = { id: { S: `account${n}` }, kind: { S: 'account' }, balance: { N: String(opening) } };
    await client.send(new D.PutItemCommand({ TableName, Item }));
  }
  client.destroy();
  return TableDescription!.LatestStreamArn!;
}

/** Runs until the cloud has gone. */
async function untilGone(endpoint: string, step: (client: D.DynamoDBClient) => Promise<void>): Promise<void> {
  const client = new D.DynamoDBClient(clientOptions(endpoint));
  try {
    for (;;) await step(client);
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
  } finally {
    client.destroy();
  }
}

/** Items of one writer, some of them longer than a value of the store. */
const write = (endpoint: string, writer: number, own: Owned): Promise<void> =>
  untilGone(endpoint, async (client) => {
    const id = `w${writer}-${Math.floor(Math.random() * 30)}`;
    const remove = own.items.has(id) && Math.random() < 0.4;
    const value = remove ? undefined : `${own.acknowledged} ${'x'.repeat(Math.random() < 0.1 ? 60_000 : 50)}`;
    own.doubt = { id, value };
    if (value === undefined) await client.send(new D.DeleteItemCommand({ TableName, Key: { id: { S: id } } }));
    else await client.send(new D.PutItemCommand({ TableName, Item: { id: { S: id }, kind: { S: `w${writer}` }, value: { S: value } } }));
    settle(own, value);
    own.acknowledged++;
  });

function settle(own: Owned, value: string | undefined): void {
  if (value === undefined) own.items.delete(own.doubt!.id);
  else own.items.set(own.doubt!.id, value);
  own.doubt = undefined;
}

/** Takes from one account what it gives to another. */
const transfer = (endpoint: string): Promise<void> =>
  untilGone(endpoint, async (client) => {
    const from = Math.floor(Math.random() * accounts);
    const to = (from + 1 + Math.floor(Math.random() * (accounts - 1))) % accounts;
    const change = (n: number, sign: '+' | '-'): D.TransactWriteItem => ({
      Update: {
        TableName,
        Key: { id: { S: `account${n}` } },
        UpdateExpression: `SET balance = balance ${sign} :n`,
        ExpressionAttributeValues: { ':n': { N: '7' } },
      },
    });
    await client.send(new D.TransactWriteItemsCommand({ TransactItems: [change(from, '-'), change(to, '+')] }));
  });

type Found = Map<string, Record<string, D.AttributeValue>>;

async function check(endpoint: string, arn: string, owned: readonly Owned[]): Promise<void> {
  const client = new D.DynamoDBClient(clientOptions(endpoint));
  const table = await scan(client);
  assert.deepEqual(sorted(await scan(client, 'by-kind')), sorted(table), 'the index holds what the table holds');
  assert.deepEqual(sorted(await replay(endpoint, arn)), sorted(table), 'the replay of the stream gives the table');
  let total = 0;
  for (let n = 0; n < accounts; n++) total += Number(table.get(`account${n}`)!['balance']!.N);
  assert.equal(total, accounts * opening, 'transfers are whole or not there');
  for (const [writer, own] of owned.entries()) {
    const present = new Map([...table].filter(([id]) => id.startsWith(`w${writer}-`)).map(([id, item]) => [id, item['value']!.S!]));
    if (own.doubt) settle(own, present.get(own.doubt.id) === own.doubt.value ? own.doubt.value : own.items.get(own.doubt.id));
    assert.deepEqual(new Map([...present].toSorted()), new Map([...own.items].toSorted()), `writer ${writer}: what was acknowledged`);
  }
  client.destroy();
}

const sorted = (found: Found): unknown => [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));

async function scan(client: D.DynamoDBClient, IndexName?: string): Promise<Found> {
  const found: Found = new Map();
  for (let start: Record<string, D.AttributeValue> | undefined; ;) {
    const page: D.ScanCommandOutput = await client.send(
      new D.ScanCommand({ TableName, ...(IndexName && { IndexName }), ...(start && { ExclusiveStartKey: start }) }),
    );
    for (const item of page.Items!) found.set(item['id']!.S!, item);
    start = page.LastEvaluatedKey;
    if (!start) return found;
  }
}

async function replay(endpoint: string, StreamArn: string): Promise<Found> {
  const reader = new S.DynamoDBStreamsClient(clientOptions(endpoint));
  const found: Found = new Map();
  const { StreamDescription } = await reader.send(new S.DescribeStreamCommand({ StreamArn }));
  for (const { ShardId } of StreamDescription!.Shards!) {
    const command = new S.GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
    let { ShardIterator } = await reader.send(command);
    while (ShardIterator) {
      const page: S.GetRecordsCommandOutput = await reader.send(new S.GetRecordsCommand({ ShardIterator }));
      for (const { eventName, dynamodb } of page.Records!) {
        const id = dynamodb!.Keys!['id']!.S!;
        if (eventName === 'REMOVE') found.delete(id);
        else found.set(id, dynamodb!.NewImage as Record<string, D.AttributeValue>);
      }
      ShardIterator = page.Records!.length > 0 ? page.NextShardIterator : undefined;
    }
  }
  reader.destroy();
  return found;
}
