/** Calls on tables that have replicas, each in the region that it names. */

import * as D from '@aws-sdk/client-dynamodb';
import { createTable } from '../../../../tests/ready-table.ts';

export const home = 'us-east-1';

export function callsIn(at: (region: string) => D.DynamoDBClient) {
  const create = (TableName: string, more: Partial<D.CreateTableCommandInput> = {}, region = home): Promise<D.CreateTableCommandOutput> =>
    createTable(
      at(region),
      new D.CreateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        ...more,
      }),
    );

  const update = (TableName: string, more: Partial<D.UpdateTableCommandInput>, region = home): Promise<D.UpdateTableCommandOutput> =>
    at(region).send(new D.UpdateTableCommand({ TableName, ...more }));

  const replicate = (TableName: string, RegionName: string, from = home): Promise<D.UpdateTableCommandOutput> =>
    update(TableName, { ReplicaUpdates: [{ Create: { RegionName } }] }, from);

  const describe = async (TableName: string, region: string): Promise<D.TableDescription> =>
    (await at(region).send(new D.DescribeTableCommand({ TableName }))).Table!;

  const itemOf = (id: string, text: string) => ({ id: { S: id }, text: { S: text }, bytes: { B: Buffer.from(text) } });

  const put = (TableName: string, region: string, id: string, text: string): Promise<D.PutItemCommandOutput> =>
    at(region).send(new D.PutItemCommand({ TableName, Item: itemOf(id, text) }));

  /** Items PREFIX-0, PREFIX-1 and so on. */
  const putMany = async (TableName: string, region: string, prefix: string, count: number): Promise<void> => {
    const items = Array.from({ length: count }, (_, n) => itemOf(`${prefix}-${n}`, 'x'));
    for (let done = 0; done < count; done += 25) {
      const requests = items.slice(done, done + 25).map((Item) => ({ PutRequest: { Item } }));
      await at(region).send(new D.BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
  };

  return { create, update, replicate, describe, put, putMany };
}
