/** What belongs to no service: search over everything, and faults on the home page. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { visit } from './browser.ts';
import { asRoot, button, cloudOfWalks, heading, hostile, inDialog, leave, look, nothingSticksOut, walkOptions, withKey } from './steps.ts';
import { createTable } from '../ready-table.ts';

const cloud = cloudOfWalks();

test('everything is found by name, id, tag and ARN, by the keyboard, and by what one may list', walkOptions, async () => {
  await cloud()
    .client(SQSClient)
    .send(new CreateQueueCommand({ QueueName: 'orders-incoming' }));
  await cloud()
    .client(S3Client)
    .send(new CreateBucketCommand({ Bucket: 'orders-archive' }));
  await createTable(
    cloud().client(DynamoDBClient),
    new CreateTableCommand({
      TableName: 'orders',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
  const Tags = [
    { Key: 'Name', Value: hostile },
    { Key: 'team', Value: 'orders' },
  ];
  const { Vpc } = await cloud()
    .client(EC2Client)
    .send(new CreateVpcCommand({ CidrBlock: '10.7.0.0/16', TagSpecifications: [{ ResourceType: 'vpc', Tags }] }));
  const iam = cloud().client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'orders-clerk' }));
  await iam.send(new AttachUserPolicyCommand({ UserName: 'orders-clerk', PolicyArn: 'arn:aws:iam::aws:policy/AmazonSQSFullAccess' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'orders-clerk' }));

  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await page.keyboard.press('Control+k');
  const box = page.getByRole('dialog').getByRole('searchbox');
  let lists = 0;
  page.on('request', (request) => void (request.headers()['x-amz-target'] === 'AmazonSQS.ListQueues' && lists++));
  await page.getByText('Ctrl+K opens this from everywhere', { exact: false }).waitFor();
  await look(guest, 'search-empty');
  await box.fill('orders');
  for (const name of ['orders-incoming', 'orders-archive', 'orders', 'orders-clerk', hostile])
    await page.getByRole('dialog').getByRole('link', { name, exact: true }).waitFor();
  await page.getByText('team=orders').waitFor();
  await page.getByText('Looking through the lists').waitFor({ state: 'detached' });
  await look(guest, 'search');
  await box.fill('');
  await page.getByText('Ctrl+K opens this from everywhere', { exact: false }).waitFor();
  await box.fill('no such thing anywhere');
  await page.getByText('Nothing is called no such thing anywhere.').waitFor();
  await box.fill(`arn:aws:ec2:us-east-1:000000000000:vpc/${Vpc!.VpcId}`);
  await page.getByRole('dialog').getByRole('link', { name: hostile }).waitFor();
  await page.keyboard.press('Enter');
  await heading(page, `${Vpc!.VpcId} (${hostile})`).waitFor();
  assert.equal(lists, 1, 'another word is looked for in what is listed already');
  await leave(guest);

  const clerk = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  await withKey(clerk.page, AccessKey, 'ko');
  await button(clerk.page, '전체 검색').click();
  await clerk.page.getByRole('dialog').getByRole('searchbox').fill('orders');
  await clerk.page.getByRole('link', { name: 'orders-incoming' }).waitFor();
  await clerk.page.getByText(/나열할 권한이 없어 찾지 못한 것: .*사용자/).waitFor();
  await look(clerk, 'search-phone');
  await nothingSticksOut(clerk.page);
  await leave(clerk);
});

test('the owner takes a zone down and brings it up again on the home page', walkOptions, async () => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await page.getByText('us-east-1a: up').waitFor();
  await button(page, 'Take down us-east-1a').click();
  await page.getByText('haneul fault az us-east-1a down').waitFor();
  await page.getByRole('checkbox', { name: 'Destroy what is there alone' }).check();
  await page.getByText('haneul fault az us-east-1a down --destroy').waitFor();
  await look(guest, 'fault');
  await page.getByRole('checkbox', { name: 'Destroy what is there alone' }).uncheck();
  await inDialog(page, 'Take down').click();
  await page.getByText('us-east-1a: down').waitFor();
  const states = async (): Promise<string> =>
    JSON.stringify(
      await (await fetch(`http://localhost:${cloud().port}/_haneul/faults`, { headers: { 'x-haneul-token': 'the-token' } })).json(),
    );
  assert.match(await states(), /"zone":"us-east-1a","state":"down"/);
  await look(guest, 'home-faults');
  await button(page, 'Bring up us-east-1a').click();
  await page.getByText('us-east-1a: up').waitFor();
  assert.match(await states(), /"zone":"us-east-1a","state":"up"/);
  await leave(guest);
});
