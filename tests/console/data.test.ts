/** What a table has read and written, and the shards and records of a stream, looked at in a real browser against a real cloud. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { messages as dynamodb } from '../../console/src/dynamodb/messages.ts';
import { messages as kinesis } from '../../console/src/kinesis/messages.ts';
import { messages as shared } from '../../console/src/resource/messages.ts';
import { until } from '../journeys/until.ts';
import { visit } from './browser.ts';
import { asRoot, at, button, cloudOfWalks, dialogGone, hostile, inDialog, leave, look, nothingSticksOut, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();

async function makeTable(TableName: string): Promise<DynamoDBClient> {
  const client = cloud().client(DynamoDBClient);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'artist', AttributeType: 'S' },
        { AttributeName: 'song', AttributeType: 'S' },
        { AttributeName: 'year', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'artist', KeyType: 'HASH' },
        { AttributeName: 'song', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-year',
          KeySchema: [
            { AttributeName: 'artist', KeyType: 'HASH' },
            { AttributeName: 'year', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 120, minDelay: 1 }, { TableName });
  return client;
}

for (const language of ['en', 'ko'] as const)
  test(`what a table has read and written is drawn; in ${language}`, walkOptions, async () => {
    const t = dynamodb[language];
    const TableName = `used-${language}`;
    const client = await makeTable(TableName);
    const guest = await visit(cloud().address, { language, ...(language === 'ko' && { dark: true, width: 390, height: 844 }) });
    const { page } = guest;
    await asRoot(page, language);
    await at(page, `dynamodb/tables/${TableName}?tab=capacity`);
    await page.getByText(t.capacityNone).waitFor();
    const song = { artist: { S: 'IU' }, song: { S: 'a1' } };
    for (let written = 0; written < 3; written += 1) await client.send(new PutItemCommand({ TableName, Item: song }));
    await client.send(new GetItemCommand({ TableName, Key: song, ConsistentRead: true }));
    await cloud().cloud.settled();
    const graph = page.getByRole('img', { name: t.capacityUsed });
    await until(180, async () => {
      await page.reload();
      await graph.or(page.getByText(t.capacityNone)).first().waitFor();
      return (await graph.count()) === 1;
    });
    const keys = page.locator('figure.graph .graph-key');
    assert.deepEqual(
      (await keys.allInnerTexts()).map((text) => text.trim()),
      [`${t.reads} 1`, `${t.writes} 3`],
    );
    await nothingSticksOut(page);
    await look(guest, `capacity-${language}`);
    await leave(guest);
  });

test('shards are drawn by their part of the keys, and the tail goes on where the stream was given others', walkOptions, async () => {
  const [t, s] = [kinesis.ko, shared.ko];
  const client = cloud().client(KinesisClient);
  const StreamName = 'clicks';
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
  const active = (shards: number) =>
    until(180, async () => {
      const { StreamDescriptionSummary: summary } = await client.send(new DescribeStreamSummaryCommand({ StreamName }));
      assert.deepEqual([summary!.StreamStatus, summary!.OpenShardCount], ['ACTIVE', shards]);
    });
  await active(2);
  const put = async (PartitionKey: string, data: string) =>
    (await client.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(data) }))).ShardId!;
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  const { page } = guest;
  await asRoot(page, 'ko');
  await at(page, `kinesis/streams/${StreamName}`);
  await page.getByRole('img', { name: '0–50 %' }).waitFor();
  await page.getByRole('img', { name: '50–100 %' }).waitFor();
  await page.getByRole('tab', { name: t.tail }).click();
  await button(page, t.start).click();
  await put('a', hostile);
  await page.getByText(hostile, { exact: true }).waitFor();
  // While it runs, another hand gives the stream four shards.
  await button(page, t.resize).click();
  await page.getByRole('dialog').getByLabel(t.target).fill('4');
  await inDialog(page, s.save).click();
  await dialogGone(page);
  await active(4);
  const shards = new Set<string>();
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) shards.add(await put(key, `later ${key}`));
  assert.ok(shards.size > 1);
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await page.getByText(`later ${key}`, { exact: true }).waitFor();
  await look(guest, 'tail-ko');
  await button(page, t.stop).click();
  await page.getByRole('tab', { name: t.shardMap }).click();
  await page.reload();
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }));
  const lines = page.locator('.shards > li');
  await until(180, async () => assert.equal(await lines.count(), Shards.length));
  assert.equal(await page.locator('.shard-range [data-open=true]').count(), 4);
  assert.equal(await page.locator('.shard-range [data-open=false]').count(), Shards.length - 4);
  const child = Shards.find(({ ParentShardId }) => ParentShardId !== undefined)!;
  await lines.filter({ hasText: child.ShardId! }).getByText(t.parents.replace('{parents}', child.ParentShardId!)).first().waitFor();
  await nothingSticksOut(page);
  await look(guest, 'shards-ko');
  await leave(guest);
});
