/** Items, records and letters by hand, in a real browser against a real cloud: what DynamoDB, Kinesis and SNS keep and hand on. */

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
import { CreateTopicCommand, ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Locator, Page } from 'playwright-core';
import { messages as dynamodb } from '../../console/src/dynamodb/messages.ts';
import { messages as kinesis } from '../../console/src/kinesis/messages.ts';
import { messages as shared } from '../../console/src/resource/messages.ts';
import { messages as sns } from '../../console/src/sns/messages.ts';
import { until } from '../journeys/until.ts';
import { visit } from './browser.ts';
import {
  asRoot,
  at,
  button,
  choose,
  cloudOfWalks,
  comesTrue,
  dialogGone,
  hostile,
  inDialog,
  leave,
  look,
  nothingSticksOut,
  settled,
  walkOptions,
} from './steps.ts';

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

/** Waits until those songs are listed, and no other. */
async function songsAre(page: Page, songs: readonly string[]): Promise<void> {
  const listed = `[...document.querySelectorAll('tbody tr')].map((row) => row.innerText.split(/\\s+/).find((word) => /^[a-d]\\d$/.test(word)))`;
  await comesTrue(page, `JSON.stringify(${listed}) === '${JSON.stringify(songs)}'`);
}

test('an item is written as JSON, and found by each condition of a query, by index and by PartiQL', walkOptions, async () => {
  const t = dynamodb.en;
  const client = await makeTable('songs');
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'dynamodb/tables/songs');
  await button(page, t.createItem).click();
  await page.getByRole('dialog').getByRole('tab', { name: t.json, exact: true }).click();
  const json = page.getByLabel(t.itemJson);
  await json.fill('{"artist":');
  await button(page, shared.en.save).click();
  await page.getByRole('dialog').getByText('SyntaxError').waitFor();
  await json.fill('{"artist":{"S":"IU"},"song":{"S":"a1"},"year":{"N":"one"}}');
  await button(page, shared.en.save).click();
  await page.getByRole('dialog').getByText('ValidationException').waitFor();
  const typed = {
    artist: { S: 'IU' },
    song: { S: 'a1' },
    year: { N: '2010' },
    raw: { B: 'AAEC' },
    tags: { SS: ['x', 'y'] },
    deep: { M: { list: { L: [{ BOOL: true }, { NULL: true }, { S: hostile }] } } },
  };
  await json.fill(JSON.stringify(typed));
  await look(guest, 'item-json');
  await button(page, shared.en.save).click();
  await dialogGone(page);
  await songsAre(page, ['a1']);
  const { Item } = await client.send(new GetItemCommand({ TableName: 'songs', Key: { artist: typed.artist, song: typed.song } }));
  assert.deepEqual(Item, { ...typed, raw: { B: Uint8Array.of(0, 1, 2) } });

  await button(page, 'IU').click();
  await page.getByRole('dialog').getByRole('tab', { name: t.json, exact: true }).click();
  assert.deepEqual(JSON.parse(await json.inputValue()), typed, 'what is edited is what is stored');
  await json.fill(JSON.stringify({ ...typed, year: { N: '2011' } }));
  await button(page, shared.en.save).click();
  await dialogGone(page);

  for (const [song, year] of [
    ['a2', 2012],
    ['b1', 2013],
    ['b2', 2014],
  ] as const)
    await client.send(
      new PutItemCommand({ TableName: 'songs', Item: { artist: typed.artist, song: { S: song }, year: { N: String(year) } } }),
    );
  await client.send(new PutItemCommand({ TableName: 'songs', Item: { artist: { S: 'other' }, song: { S: 'c1' }, note: { S: 'a note' } } }));
  const [run, value] = [button(page, t.run), page.getByLabel(t.value, { exact: true })];
  await choose(page, /^How$/, t.query);
  await page.getByLabel(`${t.partitionKey}: artist`).fill('IU');
  await run.click();
  await songsAre(page, ['a1', 'a2', 'b1', 'b2']);
  for (const [condition, given, songs] of [
    [t.equals, 'a2', ['a2']],
    [t.less, 'b1', ['a1', 'a2']],
    [t.lessEqual, 'b1', ['a1', 'a2', 'b1']],
    [t.greater, 'b1', ['b2']],
    [t.greaterEqual, 'b1', ['b1', 'b2']],
    [t.begins, 'a', ['a1', 'a2']],
  ] as const) {
    await page.getByLabel(`${t.condition}: song`).click();
    await page.getByRole('option', { name: condition, exact: true }).click();
    await value.fill(given);
    await run.click();
    await songsAre(page, songs);
  }
  await page.getByLabel(`${t.condition}: song`).click();
  await page.getByRole('option', { name: t.between, exact: true }).click();
  await value.fill('a2');
  await page.getByLabel(t.upper, { exact: true }).fill('b1');
  await run.click();
  await songsAre(page, ['a2', 'b1']);
  await look(guest, 'query');

  await choose(page, t.index, 'by-year');
  await page.getByLabel(`${t.condition}: year`).click();
  await page.getByRole('option', { name: t.greaterEqual, exact: true }).click();
  await value.fill('2013');
  await run.click();
  await songsAre(page, ['b1', 'b2']);
  await value.fill('late');
  await run.click();
  await page.getByText('ValidationException').waitFor();
  await choose(page, /^How$/, t.scan);
  await choose(page, t.index, 'songs');
  await page.getByLabel(t.filterName).fill('note');
  await page.getByLabel(t.filterValue, { exact: true }).fill('note');
  await run.click();
  await songsAre(page, ['c1']);

  await at(page, 'dynamodb/partiql');
  const statement = page.getByRole('textbox', { name: t.statement });
  await statement.fill(`INSERT INTO "songs" VALUE {'artist': 'IU', 'song': 'd1', 'year': 2020}`);
  await run.click();
  await page.getByText(t.done).waitFor();
  await statement.fill(`SELECT song, "year" FROM "songs" WHERE artist = 'IU' AND "year" > 2013`);
  await run.click();
  for (const cell of ['b2', 'd1', '2020']) await page.getByRole('cell', { name: cell, exact: true }).waitFor();
  assert.equal(await page.getByRole('cell', { name: 'a1', exact: true }).count(), 0);
  await look(guest, 'partiql');
  await statement.fill('SELECT FROM');
  await run.click();
  await page.getByText('ValidationException').waitFor();
  await leave(guest);
});

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

for (const language of ['en', 'ko'] as const)
  test(
    `a subscription is confirmed by the letter in the mailbox, and what is published comes there; in ${language}`,
    walkOptions,
    async () => {
      const [t, s] = [sns[language], shared[language]];
      const client = cloud().client(SNSClient);
      const { TopicArn } = await client.send(new CreateTopicCommand({ Name: `news-${language}` }));
      const address = `reader-${language}@example.com`;
      const guest = await visit(cloud().address, { language, ...(language === 'ko' && { dark: true, width: 390, height: 844 }) });
      const { page } = guest;
      await asRoot(page, language);
      await at(page, `sns/topics/${encodeURIComponent(TopicArn!)}`);
      await button(page, t.subscribe).first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel(t.protocol).click();
      await page.getByRole('option', { name: 'email', exact: true }).click();
      await dialog.getByLabel(t.endpoint).fill(address);
      await inDialog(page, t.subscribe).click();
      await dialogGone(page);
      const line = page.getByRole('row').filter({ hasText: address });
      await line.getByText(t.pending, { exact: true }).waitFor();
      const topic = page.url();

      await at(page, 'sns/mailbox');
      // Letters come behind what was asked for; the page shows those that are there when it is opened.
      const letterComes = (letter: Locator): Promise<void> =>
        until(180, async () => {
          await page.reload();
          await settled(page);
          return (await letter.count()) > 0;
        });
      await letterComes(line.getByText(/Token=/));
      await look(guest, `mailbox-${language}`);
      const token = /Token=([0-9a-f]+)/.exec(await line.first().innerText())![1]!;
      await page.goto(topic);
      await button(page, t.confirm).click();
      await dialog.getByLabel(t.token, { exact: true }).fill('not a token');
      await inDialog(page, s.confirm).click();
      await dialog
        .getByText(/InvalidParameter/)
        .first()
        .waitFor();
      await dialog.getByLabel(t.token, { exact: true }).fill(token);
      await inDialog(page, s.confirm).click();
      await dialogGone(page);
      await line.getByText(t.confirmed, { exact: true }).waitFor();
      const { Subscriptions = [] } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      assert.match(Subscriptions[0]!.SubscriptionArn!, /^arn:/);
      await look(guest, `subscription-${language}`);

      await at(page, 'sns/mailbox');
      await client.send(new PublishCommand({ TopicArn, Subject: 'The news', Message: hostile }));
      await letterComes(line.filter({ hasText: 'The news' }).getByText(hostile));
      await nothingSticksOut(page);
      await leave(guest);
    },
  );
