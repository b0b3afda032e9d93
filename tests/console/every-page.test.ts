/** Every page that the navigation of a service leads to, in both languages, light and dark, wide and on a phone: no fault, nothing that shuts people out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateLogGroupCommand, CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateVolumeCommand, CreateVpcCommand, EC2Client, type ResourceType } from '@aws-sdk/client-ec2';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Page } from 'playwright-core';
import { visit, type Visit } from './browser.ts';
import { asRoot, at, cloudOfWalks, hostile, leave, look, nothingSticksOut, walkOptions } from './steps.ts';
import { createTable } from '../ready-table.ts';

const cloud = cloudOfWalks();
const rightToLeft = '\u202Eevil\u202C';
/** About as long as S3 lets a key be. */
const longKey = 'k'.repeat(980) + hostile;

/** One of everything, with names that a page must show and not run. */
async function fill(): Promise<void> {
  const { client } = cloud();
  const Tags = [
    { Key: 'Name', Value: hostile },
    { Key: rightToLeft, Value: hostile },
  ];
  const tagged = (kind: ResourceType) => ({ TagSpecifications: [{ ResourceType: kind, Tags }] });
  const s3 = client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'hostile-names' }));
  for (const Key of [hostile, longKey, `${rightToLeft}.txt`])
    await s3.send(new PutObjectCommand({ Bucket: 'hostile-names', Key, Body: 'x' }));
  await client(EC2Client).send(new CreateVpcCommand({ CidrBlock: '10.44.0.0/16', ...tagged('vpc') }));
  await client(EC2Client).send(new CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1, ...tagged('volume') }));
  await client(IAMClient).send(new CreateUserCommand({ UserName: 'somebody', Path: '/<b>/' }));
  const { QueueUrl } = await client(SQSClient).send(new CreateQueueCommand({ QueueName: 'names', tags: { note: 'x' } }));
  await client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: hostile }));
  await client(SNSClient).send(new CreateTopicCommand({ Name: 'names', Attributes: { DisplayName: hostile } }));
  await client(KMSClient).send(new CreateKeyCommand({ Description: hostile }));
  await client(KinesisClient).send(new CreateStreamCommand({ StreamName: 'names', ShardCount: 1 }));
  await client(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: 'names' }));
  await createTable(
    client(DynamoDBClient),
    new CreateTableCommand({
      ...{ TableName: 'names', BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] },
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
}

/** Where links lead to below the console's own place, without their query. */
const placesIn = async (page: Page, selector: string): Promise<string[]> => {
  const found = await page
    .locator(selector)
    .evaluateAll((links) => links.map((link) => (link as unknown as { pathname: string }).pathname));
  return [...new Set(found)].map((path) => path.replace('/_console/', ''));
};

/** Until nothing on the page turns any more. */
async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  const loading = page.getByText(/^(Loading|불러오는 중)$/);
  while ((await loading.count()) > 0) await loading.first().waitFor({ state: 'hidden' });
}

async function everyPage(guest: Visit, language: 'en' | 'ko', name: string): Promise<string[]> {
  const { page } = guest;
  await asRoot(page, language);
  await page.locator('.tile a').first().waitFor();
  const visited: string[] = [];
  for (const service of await placesIn(page, '.tile a')) {
    await at(page, service);
    await page.locator('nav.frame-navigation a').first().waitFor({ state: 'attached' });
    for (const place of await placesIn(page, 'nav.frame-navigation a')) {
      // The service's own line is the same page as its first.
      if (!place.includes('/')) continue;
      await at(page, place);
      await settled(page);
      await look(guest, `every-${name}-${place.replaceAll('/', '-')}`);
      await nothingSticksOut(page);
      visited.push(place);
    }
  }
  assert.ok(visited.length >= 30, visited.join(' '));
  return visited;
}

test('every page of the navigation in English and light', walkOptions, async () => {
  await fill();
  const guest = await visit(cloud().address);
  await everyPage(guest, 'en', 'light');
  await at(guest.page, 's3/buckets/hostile-names');
  await guest.page.getByRole('link', { name: hostile, exact: true }).waitFor();
  await guest.page.getByRole('link', { name: longKey, exact: true }).waitFor();
  await look(guest, 'hostile-names');
  await leave(guest);
});

test('every page of the navigation in Korean, in the dark and on a phone', walkOptions, async () => {
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  await everyPage(guest, 'ko', 'phone');
  await leave(guest);
});
