/** Items and bytes of tables and indexes are counted about every six hours. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

const hour = 3_600_000;

test('a table tells its items and bytes as of the last count, and each index its own', async (t) => {
  const cloud = await startCloud();
  t.after(() => cloud.close());
  const client = cloud.client(D.DynamoDBClient);
  const TableName = 'counted';
  await createTable(
    client,
    new D.CreateTableCommand({
      TableName,
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'N' },
        { AttributeName: 'g', AttributeType: 'S' },
      ],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        { IndexName: 'by-g', KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }], Projection: { ProjectionType: 'KEYS_ONLY' } },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  // 2 + 2 bytes of the key, 1 + 1 of the group, 4 + 10 of the text.
  const put = (id: number, grouped: boolean) =>
    client.send(
      new D.PutItemCommand({ TableName, Item: { id: { N: String(id) }, ...(grouped && { g: { S: 'x' } }), text: { S: 'x'.repeat(10) } } }),
    );
  const counts = async () => {
    const { Table } = await client.send(new D.DescribeTableCommand({ TableName }));
    const [index] = Table!.GlobalSecondaryIndexes!;
    return [Table!.ItemCount, Table!.TableSizeBytes, index!.ItemCount, index!.IndexSizeBytes];
  };
  for (let id = 1; id <= 9; id++) await put(id, id <= 4);
  await cloud.advance(5 * hour);
  assert.deepEqual(await counts(), [0, 0, 0, 0]);
  await cloud.advance(2 * hour);
  assert.deepEqual(await counts(), [9, 9 * 18 + 4 * 2, 4, 4 * 6]);
  await client.send(new D.DeleteItemCommand({ TableName, Key: { id: { N: '1' } } }));
  await cloud.advance(hour);
  assert.equal((await counts())[0], 9);
  await cloud.advance(6 * hour);
  assert.deepEqual(await counts(), [8, 8 * 18 + 3 * 2, 3, 3 * 6]);
});
