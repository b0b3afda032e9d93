/**
 * Global tables against a naive model: items are written and deleted in three regions, of which two become replicas on the way, while changes are
 * being carried. In the end all regions hold what was written last.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

const regions = ['us-east-1', 'eu-west-1', 'ap-northeast-1'] as const;
const keys = ['a', 'b', 'c', 'd'];

type Step = { kind: 'put' | 'delete'; region: number; key: string } | { kind: 'replica'; from: number } | { kind: 'settle' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), region: fc.nat(2), key: fc.constantFrom(...keys) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), region: fc.nat(2), key: fc.constantFrom(...keys) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replica' as const), from: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'settle' as const }) },
);

let cloud: LiveCloud;
let clients: D.DynamoDBClient[];
before(async () => {
  cloud = await startCloud();
  clients = regions.map((region) => cloud.client(D.DynamoDBClient, { region }));
});
after(() => cloud.close());

let made = 0;

test('all regions end with what was written last', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
      const TableName = `converging-${++made}`;
      await create(TableName);
      const model = new Map<string, string>();
      // Regions become replicas in their order.
      let members = 1;
      for (const [n, one] of steps.entries()) {
        await cloud.cloud.clock.advance(1);
        if (one.kind === 'settle') await cloud.cloud.settled();
        else if (one.kind === 'replica') members = await addReplica(TableName, members, one.from);
        else await write(TableName, one.region % members, one, String(n), model);
      }
      while (members < regions.length) members = await addReplica(TableName, members, 0);
      await cloud.cloud.settled();
      for (const [at, client] of clients.entries()) {
        const { Items } = await client.send(new D.ScanCommand({ TableName }));
        const found = Object.fromEntries(Items!.map(({ id, v }) => [id!.S!, v!.S!]).toSorted());
        assert.deepEqual(found, Object.fromEntries([...model].toSorted()), regions[at]!);
      }
    }),
    { seed, numRuns: 12 },
  );
});

async function create(TableName: string): Promise<void> {
  await createTable(
    clients[0]!,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
}

/** A replica cannot be written to before it is whole; so what it is filled with is settled, but not what the others tell each other. */
async function addReplica(TableName: string, members: number, from: number): Promise<number> {
  if (members === regions.length) return members;
  const ReplicaUpdates = [{ Create: { RegionName: regions[members]! } }];
  await clients[from % members]!.send(new D.UpdateTableCommand({ TableName, ReplicaUpdates }));
  await cloud.cloud.settled();
  return members + 1;
}

async function write(
  TableName: string,
  region: number,
  one: { kind: string; key: string },
  value: string,
  model: Map<string, string>,
): Promise<void> {
  const Key = { id: { S: one.key } };
  if (one.kind === 'put') {
    model.set(one.key, value);
    await clients[region]!.send(new D.PutItemCommand({ TableName, Item: { ...Key, v: { S: value } } }));
  } else {
    model.delete(one.key);
    await clients[region]!.send(new D.DeleteItemCommand({ TableName, Key }));
  }
}
