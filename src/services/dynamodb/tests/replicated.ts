/** Calls on tables that have replicas, each in the region that it names. */

import assert from 'node:assert/strict';
import * as D from '@aws-sdk/client-dynamodb';
import type { LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

export const home = 'us-east-1';

/** Texts of a table's items, or of an index's, by their ids. */
export type Contents = (TableName: string, region: string, IndexName?: string) => Promise<Record<string, string>>;

/** A client for each region. */
export function clientsIn(cloud: () => LiveCloud): (region: string) => D.DynamoDBClient {
  const clients = new Map<string, D.DynamoDBClient>();
  return (region) => {
    let client = clients.get(region);
    if (!client) clients.set(region, (client = cloud().client(D.DynamoDBClient, { region })));
    return client;
  };
}

/** What all regions hold once everything has been carried: they must agree. */
export async function agreed(
  { cloud }: LiveCloud,
  contents: Contents,
  name: string,
  regions: readonly string[],
): Promise<Record<string, string>> {
  await cloud.settled();
  const first = await contents(name, regions[0]!);
  for (const region of regions.slice(1)) assert.deepEqual(await contents(name, region), first, region);
  return first;
}

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

  const remove = (TableName: string, region: string, id: string): Promise<unknown> =>
    at(region).send(new D.DeleteItemCommand({ TableName, Key: { id: { S: id } } }));

  const contents: Contents = async (TableName, region, IndexName) => {
    const { Items } = await at(region).send(new D.ScanCommand({ TableName, ...(IndexName && { IndexName }) }));
    for (const { text, bytes } of Items!) assert.equal(Buffer.from(bytes!.B!).toString(), text!.S);
    return Object.fromEntries(Items!.map(({ id, text }) => [id!.S!, text!.S!]).toSorted());
  };

  return { create, update, replicate, describe, put, putMany, remove, contents };
}
