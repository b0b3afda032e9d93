/** A policy by cards and by JSON, and log groups, streams and events by hand, in a real browser. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetPolicyVersionCommand, IAMClient } from '@aws-sdk/client-iam';
import { visit } from './browser.ts';
import {
  asRoot,
  at,
  button,
  choose,
  cloudOfWalks,
  confirmDeletion,
  dialogGone,
  heading,
  hostile,
  leave,
  look,
  nothingSticksOut,
  walkOptions,
} from './steps.ts';

const cloud = cloudOfWalks();

test('a policy is put together from cards, checked, told in words, and edited again', walkOptions, async () => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'iam/policies/create');
  await page.getByLabel('Name', { exact: true }).fill('queue-users');
  const first = page.getByRole('region', { name: 'Statement 1' });
  await first.waitFor();
  await page.getByText('Allows s3:GetObject, s3:ListBucket on', { exact: false }).waitFor();
  await button(page, 'Add a statement').click();
  const second = page.getByRole('region', { name: 'Statement 2' });
  await page.getByText('Statement 2: it needs an action.').waitFor();
  await second.getByRole('combobox', { name: 'Actions' }).fill('sqs:SendMessage sqs:ReceiveMessage');
  await second.getByRole('button', { name: 'Add', exact: true }).first().click();
  await second.getByRole('combobox', { name: 'Resources' }).fill('somewhere');
  await second.getByRole('button', { name: 'Add', exact: true }).last().click();
  await page.getByText('Statement 2: a resource is neither an ARN nor *.').waitFor();
  await look(guest, 'policy-cards-fault');
  await button(page, 'Create policy').click();
  await page.getByText('Mend what is listed below the statements.').waitFor();
  await second.getByRole('button', { name: 'Remove somewhere' }).click();
  await second.getByRole('combobox', { name: 'Resources' }).fill('arn:aws:sqs:us-east-1:000000000000:*');
  await second.getByRole('button', { name: 'Add', exact: true }).last().click();
  await second.getByText('Deny', { exact: true }).click();
  await second.getByRole('button', { name: 'Add a condition' }).click();
  await second.getByRole('combobox', { name: 'Key' }).fill('aws:SecureTransport');
  await second.getByRole('combobox', { name: 'Operator' }).fill('Bool');
  await second.getByRole('textbox', { name: /^Values/ }).fill('false');
  await page.getByText('Forbids sqs:SendMessage, sqs:ReceiveMessage on', { exact: false }).waitFor();
  await look(guest, 'policy-cards');
  await button(page, 'JSON').click();
  const json = page.getByLabel('Policy document');
  assert.deepEqual((JSON.parse(await json.inputValue()) as { Statement: unknown[] }).Statement[1], {
    Effect: 'Deny',
    Action: ['sqs:SendMessage', 'sqs:ReceiveMessage'],
    Resource: 'arn:aws:sqs:us-east-1:000000000000:*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
  await button(page, 'Create policy').click();
  await heading(page, 'queue-users').waitFor();
  await button(page, 'Edit policy').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove statement 1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save changes' }).click();
  await dialogGone(page);
  const PolicyArn = 'arn:aws:iam::000000000000:policy/queue-users';
  const { PolicyVersion } = await cloud()
    .client(IAMClient)
    .send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
  const kept = JSON.parse(decodeURIComponent(PolicyVersion!.Document!)) as { Statement: unknown[] };
  assert.equal(kept.Statement.length, 1);
  await leave(guest);
});

test('log groups, streams and events are made, found by their words, and taken away', walkOptions, async () => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'cloudwatch-logs');
  await page.getByText('No log groups').waitFor();
  await look(guest, 'log-groups-empty');
  await button(page, 'Create log group').first().click();
  await page.getByLabel('Name', { exact: true }).fill('not so');
  await page.getByText('Letters, digits and _ - / . # only', { exact: false }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('/shop/orders');
  await page.getByText('Do it from a shell').click();
  assert.match(
    await page.locator('pre').first().innerText(),
    / logs create-log-group[\s\S]*put-retention-policy[\s\S]*--retention-in-days 30/,
  );
  await look(guest, 'create-log-group');
  await button(page, 'Create log group').click();
  await heading(page, '/shop/orders').waitFor();
  await page.getByText('30 days').waitFor();
  await page.getByText('No log streams').waitFor();
  const logs = cloud().client(CloudWatchLogsClient);
  const stream = { logGroupName: '/shop/orders', logStreamName: 'host-1' };
  await logs.send(new CreateLogStreamCommand(stream));
  const now = Date.now();
  const lines = ['order 1 taken', `ERROR ${hostile}`, 'order 2 taken'];
  await logs.send(new PutLogEventsCommand({ ...stream, logEvents: lines.map((message, at_) => ({ timestamp: now + at_, message })) }));
  await page.getByRole('link', { name: 'host-1' }).waitFor();
  await look(guest, 'log-group');
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByText('order 2 taken').waitFor();
  await page.getByRole('searchbox', { name: 'Filter pattern' }).fill('ERROR');
  await page.keyboard.press('Enter');
  await page.getByText('order 2 taken').waitFor({ state: 'detached' });
  await page.getByText(`ERROR ${hostile}`).waitFor();
  await choose(page, 'Span', 'Last hour');
  await page.getByText(`ERROR ${hostile}`).waitFor();
  await look(guest, 'log-events');
  await page.getByRole('link', { name: 'host-1' }).click();
  await heading(page, 'host-1').waitFor();
  await page.getByText('order 1 taken').waitFor();
  await at(page, 'cloudwatch-logs/groups/%2Fshop%2Forders');
  await button(page, 'Change retention').click();
  await choose(page, /^Retention$/, /^7 days$/);
  await page.getByRole('dialog').getByRole('button', { name: 'Save changes' }).click();
  await dialogGone(page);
  await page.getByText('7 days').first().waitFor();
  await button(page, 'Delete').first().click();
  await confirmDeletion(page);
  await page.getByText('No log groups').waitFor();
  assert.deepEqual((await logs.send(new DescribeLogGroupsCommand({}))).logGroups, []);
  await leave(guest);
});

test('both are the same in Korean, in the dark and on a phone', walkOptions, async () => {
  const guest = await visit(cloud().address, { language: 'ko', dark: true, width: 390, height: 844 });
  const { page } = guest;
  await asRoot(page, 'ko');
  await at(page, 'iam/policies/create');
  await page.getByRole('region', { name: '명령문 1' }).waitFor();
  await look(guest, 'policy-phone');
  await nothingSticksOut(page);
  await at(page, 'cloudwatch-logs');
  await page.getByText('로그 그룹이 없습니다').waitFor();
  await look(guest, 'logs-phone');
  await nothingSticksOut(page);
  await leave(guest);
});
