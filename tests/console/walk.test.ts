/** Whole ways through the console, in a real browser against a real cloud: from the first sign-in to the reason of a denial. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Page } from 'playwright-core';
import { visit } from './browser.ts';
import {
  asRoot,
  at,
  button,
  choose,
  cloudOfWalks,
  heading,
  hostile,
  inDialog,
  leave,
  look,
  nothingSticksOut,
  walkOptions,
} from './steps.ts';

const bigBytes = 200 * 1024 * 1024;
const cloud = cloudOfWalks();

test(
  'root makes a bucket and a user; the user uploads with progress, is denied, reads why, and is given just that',
  walkOptions,
  async () => {
    const root = await visit(cloud().address);
    const { page } = root;
    await look(root, 'sign-in');
    await asRoot(page);
    await look(root, 'home');
    await at(page, 's3/create');
    await page.getByLabel('Name', { exact: true }).fill('walked-bucket');
    await button(page, 'Create bucket').click();
    await heading(page, 'walked-bucket').waitFor();
    await at(page, 'iam/users/create');
    await page.getByText('Attach').first().waitFor();
    await page.getByLabel('Name', { exact: true }).fill('ana');
    await page
      .getByRole('switch', { name: /Console password/ })
      .or(page.getByRole('checkbox', { name: /No/ }))
      .first()
      .click();
    await page.getByLabel('Password', { exact: true }).fill('correct Horse 7');
    await page.getByText('Yes').last().click(); // no forced change
    await page.getByLabel(/Name of the inline policy/).fill('uploads');
    await page.getByRole('button', { name: 'JSON', exact: true }).click();
    await page.getByLabel(/Policy document/).fill(
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: ['s3:ListAllMyBuckets', 's3:ListBucket', 's3:PutObject', 's3:AbortMultipartUpload'], Resource: '*' },
        ],
      }),
    );
    await look(root, 'create-user');
    await button(page, 'Create user').click();
    await heading(page, 'ana').waitFor();
    await look(root, 'user');

    const ana = await visit(cloud().address);
    await signInAs(ana.page, 'ana', 'correct Horse 7');
    await at(ana.page, 's3/buckets/walked-bucket');
    const put = ana.page.waitForRequest((request) => request.method() === 'PUT');
    await ana.page
      .locator('input[type=file]')
      .first()
      .setInputFiles([{ name: `${hostile}.txt`, mimeType: 'text/plain', buffer: Buffer.from('small') }]);
    await ana.page.getByText('Uploaded', { exact: true }).first().waitFor();
    assert.match((await (await put).allHeaders())['x-amz-content-sha256']!, /^[0-9a-f]{64}$/, 'the signature covers what is uploaded');
    // As text, for a file of that size is made in the browser; what its progress says is gathered as it goes by.
    await ana.page.evaluate(`{
    globalThis.seen = new Set();
    new MutationObserver(() => {
      for (const found of document.body.innerText.matchAll(/Uploading · ([\\d.]+ MB) of 200/g)) seen.add(found[1]);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    const list = new DataTransfer();
    list.items.add(new File([new Uint8Array(${bigBytes})], 'big.bin'));
    const input = document.querySelector('input[type=file]');
    input.files = list.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }`);
    await button(ana.page, 'Pause').dispatchEvent('click'); // it may move while other files finish
    await ana.page.getByText(/^Paused · \d/).waitFor();
    await button(ana.page, 'Resume').dispatchEvent('click');
    await ana.page.getByText('Uploaded · 200.0 MB of 200.0 MB').waitFor({ timeout: 400_000 });
    assert.ok(Number(await ana.page.evaluate('seen.size')) >= 3, 'the progress was to be seen');
    await look(ana, 'bucket');
    const s3 = cloud().client(S3Client);
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'walked-bucket', Key: 'big.bin' }));
    assert.equal(head.ContentLength, bigBytes);
    const stored = await s3.send(new GetObjectCommand({ Bucket: 'walked-bucket', Key: `${hostile}.txt` }));
    assert.equal(await stored.Body!.transformToString(), 'small');

    await ana.page.getByRole('link', { name: `${hostile}.txt` }).click();
    await ana.page.getByRole('link', { name: 'Why was this denied?' }).click();
    await ana.page.getByText('The smallest policy that would allow it').waitFor();
    assert.match(await ana.page.locator('pre').first().innerText(), /"s3:GetObject"/);
    await look(ana, 'why');
    const why = ana.page.url();
    assert.deepEqual([root.problems, ana.problems], [[], []]);
    await ana.close();

    await page.goto(why);
    await button(page, 'Add it to ana').click();
    await button(page, 'Confirm').click();
    await page.getByText('The policy was added.').waitFor();
    await leave(root);
  },
);

async function signInAs(page: Page, user: string, password: string): Promise<void> {
  await page.getByText('IAM user', { exact: true }).click();
  await page.getByLabel('Account id or alias').fill('000000000000');
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await button(page, 'Sign in').click();
  await heading(page, 'Your cloud').waitFor();
}

test('a queue by hand, the same from a shell, and the clock moved', walkOptions, async () => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'sqs/create');
  await page.getByLabel('Name', { exact: true }).fill('orders');
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /sqs create-queue[\s\S]*--queue-name orders/);
  await page.getByRole('tab', { name: 'Terraform' }).click();
  assert.match(await page.locator('pre:visible').first().innerText(), /resource "aws_sqs_queue" "orders"/);
  await look(guest, 'create-queue');
  await button(page, 'Create queue').click();
  await heading(page, 'orders').waitFor();
  await button(page, 'Send message').click();
  await page.getByLabel('Body').fill(hostile);
  await inDialog(page, 'Send message').click();
  await page.getByText(/^Sent message/).waitFor();
  await button(page, 'Peek').click();
  await page.getByText(hostile).waitFor();
  const sqs = cloud().client(SQSClient);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(Messages?.[0]?.Body, hostile);
  await look(guest, 'queue');
  await page.goBack();
  await at(page, '');
  const before = cloud().cloud.clock.now();
  await button(page, 'Advance 30 d').click();
  await page.getByText('The clock was advanced by 30 d.').waitFor();
  assert.ok(cloud().cloud.clock.now() - before >= 30 * 86_400_000);
  await leave(guest);
});

test('a topic, a table, a key and a stream by hand', walkOptions, async () => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'sns/create');
  await page.getByLabel('Name', { exact: true }).fill('news');
  await button(page, 'Create topic').click();
  await heading(page, 'news').waitFor();
  await button(page, 'Publish message').click();
  await page.getByLabel('Message', { exact: true }).fill('hello');
  await inDialog(page, 'Publish message').click();
  await page.getByText(/^Published message/).waitFor();
  await look(guest, 'topic');

  await at(page, 'dynamodb/create');
  await page.getByLabel('Name', { exact: true }).fill('music');
  await page.getByLabel('Partition key', { exact: true }).fill('artist');
  await page
    .getByLabel(/^Sort key/)
    .first()
    .fill('song');
  await button(page, 'Create table').click();
  await heading(page, 'music').waitFor();
  await button(page, 'Create item').click();
  await page.getByLabel('Value').nth(0).fill('IU');
  await page.getByLabel('Value').nth(1).fill(hostile);
  await button(page, 'Save changes').click();
  await page.getByText('The item was saved.').waitFor();
  await page.getByText(hostile).first().waitFor();
  await look(guest, 'table');
  await at(page, 'dynamodb/partiql');
  await page.getByLabel(/Statement/).fill('SELECT * FROM "music"');
  await button(page, 'Run').click();
  await page.getByText(hostile).first().waitFor();

  await at(page, 'kms/create');
  await button(page, 'Create key').click();
  await page.getByRole('tab', { name: 'Encrypt and decrypt' }).click();
  await page.getByLabel('Plain text').fill('secret');
  await button(page, 'Encrypt').click();
  await button(page, 'Decrypt').click();
  await look(guest, 'key');

  await at(page, 'kinesis/create');
  await page.getByLabel('Name', { exact: true }).fill('clicks');
  await button(page, 'Create stream').click();
  await page.getByText('shardId-000000000003').waitFor();
  await button(page, 'Put record').click();
  await page.getByLabel('Partition key').fill('a');
  await page.getByLabel('Data').fill(hostile);
  await inDialog(page, 'Put record').click();
  await page.getByText(/^The record is in/).waitFor();
  await look(guest, 'stream');
  await page.getByRole('tab', { name: 'Tail' }).click();
  await button(page, 'Start').click();
  await page.getByText(hostile).waitFor();
  await button(page, 'Stop').click();
  await leave(guest);
});

test('a key, a group with an open port, and an instance that is launched, read, stopped and terminated by hand', walkOptions, async () => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'ec2/create-key-pair');
  await page.getByLabel('Name', { exact: true }).fill('walker');
  const saved = page.waitForEvent('download');
  await button(page, 'Create key pair').click();
  const key = await saved;
  assert.equal(key.suggestedFilename(), 'walker.pem');
  assert.match(readFileSync(await key.path(), 'utf8'), /^-----BEGIN RSA PRIVATE KEY-----/);

  await at(page, 'ec2/create-security-group');
  await page.getByLabel('Name', { exact: true }).fill('ssh');
  await page.getByLabel('Description', { exact: true }).fill('Lets me in');
  await button(page, 'Create security group').click();
  await heading(page, /^sg-\w+ \(ssh\)$/).waitFor();
  await button(page, 'Add rule').first().click();
  await page.getByRole('textbox', { name: 'Source or destination' }).fill('nowhere');
  await inDialog(page, 'Add rule').click();
  await page.getByText('Give a block such as 10.0.0.0/16', { exact: false }).waitFor();
  await page.getByRole('textbox', { name: 'Source or destination' }).fill('10.0.0.0/8');
  await look(guest, 'add-rule');
  await inDialog(page, 'Add rule').click();
  await page.getByRole('cell', { name: '10.0.0.0/8' }).waitFor();
  await look(guest, 'security-group');

  await at(page, 'ec2/launch');
  await page.getByLabel(/^Name/).first().fill(hostile);
  await choose(page, /^Key pair/, 'walker');
  await page.getByLabel(/^User data/).fill('#!/bin/sh\necho hello');
  await page.getByText('Do it from a shell').click();
  assert.match(await page.locator('pre').first().innerText(), /ec2 run-instances[\s\S]*--count 1[\s\S]*--user-data '#!\/bin\/sh/);
  await look(guest, 'launch-instances');
  await button(page, 'Launch instances').click();
  await page.getByText('running', { exact: true }).waitFor();
  await page.getByRole('tab', { name: 'User data' }).click();
  await page.getByText('echo hello').waitFor();
  await page.getByRole('tab', { name: 'Console output' }).click();
  await page.getByText(/^ip-[\d-]+.* booted/).waitFor();
  await look(guest, 'instance');
  await button(page, 'Stop').click();
  await inDialog(page, 'Stop').click();
  await page.getByText('stopped', { exact: true }).waitFor();

  await at(page, 'ec2/instances');
  await page.getByText(hostile).waitFor();
  await page.getByRole('checkbox', { name: /^i-/ }).check();
  await look(guest, 'instances');
  await button(page, 'Actions').click();
  await page.getByRole('menuitem', { name: 'Terminate' }).click();
  await inDialog(page, 'Terminate').click();
  await page.getByText('terminated', { exact: true }).first().waitFor();
  await leave(guest);
});

test('in Korean, in the dark and on a phone it is the same console', walkOptions, async () => {
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  const { page } = guest;
  await asRoot(page, 'ko');
  await look(guest, 'phone-home');
  await at(page, 'sqs');
  await heading(page, /대기열/)
    .first()
    .waitFor();
  await look(guest, 'phone-queues');
  await button(page, '탐색 열기').click();
  await page.getByRole('navigation', { name: '탐색' }).waitFor();
  await nothingSticksOut(page);
  await leave(guest);
});
