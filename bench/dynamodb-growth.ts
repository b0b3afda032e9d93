/**
 * One table grown through the API, measured at 10 k, 100 k, 500 k, 1 M and 2 M items beside a table that stays at 10 k.
 * `node bench/dynamodb-growth.ts [--items 10000000]`; SIZES=10000,50000 for a quick look. BENEATH=10000000: the last step's items are
 * written into the store while the cloud is stopped (bench/beneath.ts), where the machine has no hours for them.
 */

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillTable } from './beneath.ts';
import { printFigures, sendAll, sideBySide, sizesWanted, type Figure } from './growth.ts';
import { startHaneul } from './haneul.ts';
import { residentMebibytes } from './processes.ts';
import { signedJson } from './sign.ts';

const CONTROL_ITEMS = 10_000;
const CALLS = 1_500;
const QUERIES = 300;
const CONNECTIONS = 32;
const BATCH = 25;
/** Items of one partition, and what a query asks for. */
const PARTITION_ITEMS = 100;

const call = (port: number, operation: string, input: object): Buffer =>
  signedJson(port, 'dynamodb', '1.0', `DynamoDB_20120810.${operation}`, input);

const keyOf = (n: number): { owner: object; at: object } => ({
  owner: { S: `owner-${Math.floor(n / PARTITION_ITEMS)}` },
  at: { N: String(n % PARTITION_ITEMS) },
});

const KINDS = 997;
const KIND_ITEMS = 10_000;
const kindOf = (n: number): string => `kind-${n % KINDS}-${Math.floor(n / KIND_ITEMS)}`;

/** About 200 bytes, in one index besides. */
const itemOf = (n: number): object => ({
  ...keyOf(n),
  title: { S: `A thing that somebody keeps, number ${n}` },
  kind: { S: kindOf(n) },
  price: { N: '1299.95' },
  tags: { SS: ['blue', 'round', 'new'] },
});

const createTable = (port: number, TableName: string): Buffer =>
  call(port, 'CreateTable', {
    TableName,
    AttributeDefinitions: [
      { AttributeName: 'owner', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'N' },
      { AttributeName: 'kind', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'owner', KeyType: 'HASH' },
      { AttributeName: 'at', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      { IndexName: 'by-kind', KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }], Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });

/** Puts the items from one number up to another; items a second. */
async function grow(port: number, table: string, from: number, to: number): Promise<number> {
  const batches = Math.ceil((to - from) / BATCH);
  const perSecond = await sendAll(port, CONNECTIONS, batches, (batch) => {
    const first = from + batch * BATCH;
    const requests = Array.from({ length: Math.min(BATCH, to - first) }, (_, n) => ({ PutRequest: { Item: itemOf(first + n) } }));
    return call(port, 'BatchWriteItem', { RequestItems: { [table]: requests } });
  });
  return perSecond * BATCH;
}

async function measure(port: number, items: number): Promise<Record<string, Figure>> {
  const random = (of: number): number => Math.floor(Math.random() * of);
  const both = (calls: number, make: (table: string, n: number) => Buffer): Promise<Figure> =>
    sideBySide(
      port,
      calls,
      () => make('grown', random(items)),
      () => make('control', random(CONTROL_ITEMS)),
    );
  const queried = (table: string, input: object): Buffer => call(port, 'Query', { TableName: table, ...input });
  return {
    put: await both(CALLS, (TableName, n) => call(port, 'PutItem', { TableName, Item: itemOf(n) })),
    'put, new item': await sideBySide(
      port,
      CALLS,
      (n) => call(port, 'PutItem', { TableName: 'grown', Item: itemOf(1e9 + items + n) }),
      (n) => call(port, 'PutItem', { TableName: 'control', Item: itemOf(1e9 + items + n) }),
    ),
    update: await both(CALLS, (TableName, n) =>
      call(port, 'UpdateItem', {
        TableName,
        Key: keyOf(n),
        UpdateExpression: 'ADD seen :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    ),
    get: await both(CALLS, (TableName, n) => call(port, 'GetItem', { TableName, Key: keyOf(n) })),
    'query of 100': await both(QUERIES, (table, n) =>
      queried(table, {
        KeyConditionExpression: '#o = :o',
        ExpressionAttributeNames: { '#o': 'owner' },
        ExpressionAttributeValues: { ':o': keyOf(n).owner },
      }),
    ),
    'query of an index': await both(QUERIES, (table, n) =>
      queried(table, {
        IndexName: 'by-kind',
        KeyConditionExpression: 'kind = :k',
        ExpressionAttributeValues: { ':k': { S: `kind-${n % 997}-0` } },
      }),
    ),
    'scan of 100': await both(QUERIES, (TableName, n) => call(port, 'Scan', { TableName, Limit: 100, ExclusiveStartKey: keyOf(n) })),
  };
}

async function fillBeneath(data: string, from: number, to: number): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i);
  const partitions = Map.groupBy(numbers, (n) => `owner-${Math.floor(n / PARTITION_ITEMS)}`);
  await fillTable(data, { table: 'grown', partitions, entries: Map.groupBy(numbers, kindOf), itemOf });
}

async function report(port: number, pid: number, items: number, how: string): Promise<void> {
  const figures = await measure(port, items);
  printFigures(`${items.toLocaleString('en')} items, ${how}, ${Math.round(residentMebibytes(pid).now)} MiB resident`, figures);
}

if (import.meta.main) {
  const data = mkdtempSync(join(tmpdir(), 'haneul-bench-'));
  let server = await startHaneul(data);
  try {
    const { port, pid } = server;
    for (const table of ['grown', 'control']) {
      await sendAll(port, 1, 1, () => createTable(port, table));
      await sendAll(port, 1, 1, () => call(port, 'DescribeTable', { TableName: table }));
    }
    await grow(port, 'control', 0, CONTROL_ITEMS);
    let items = 0;
    for (const size of sizesWanted('--items', [10_000, 100_000, 500_000, 1_000_000, 2_000_000])) {
      const perSecond = await grow(port, 'grown', items, size);
      items = size;
      await report(port, pid, items, `${Math.round(perSecond)} items/s put`);
    }
    const beneath = Number(process.env['BENEATH'] ?? 0);
    if (beneath > items) {
      await server.stop();
      await fillBeneath(data, items, beneath);
      server = await startHaneul(data);
      await report(server.port, server.pid, beneath, 'most of them written beneath');
    }
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}
