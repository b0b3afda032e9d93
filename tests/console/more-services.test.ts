/** Budgets, vaults, delivery streams, access points and batch jobs, and the audit trail, by hand in a real browser against a real cloud. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { BudgetsClient, DescribeBudgetsCommand } from '@aws-sdk/client-budgets';
import { CloudTrailClient, LookupEventsCommand, type LookupAttribute } from '@aws-sdk/client-cloudtrail';
import { AttachRolePolicyCommand, CreateRoleCommand, CreateUserCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type QueueAttributeName,
} from '@aws-sdk/client-sqs';
import { until } from '../journeys/until.ts';
import { visit } from './browser.ts';
import {
  asRoot,
  at,
  button,
  cloudOfWalks,
  confirmDeletion,
  dialogGone,
  heading,
  hostile,
  inDialog,
  leave,
  look,
  walkOptions,
} from './steps.ts';

const cloud = cloudOfWalks();
const account = '000000000000';

async function role(name: string, service: string): Promise<string> {
  const iam = cloud().client(IAMClient);
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }] };
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }));
  return Role!.Arn!;
}

test('a budget, a vault and a delivery stream are made, changed and deleted by hand', walkOptions, async () => {
  const deliverer = await role('deliverer', 'firehose.amazonaws.com');
  await cloud()
    .client(S3Client)
    .send(new CreateBucketCommand({ Bucket: 'delivered' }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);

  await at(page, 'budgets/budgets/create');
  await page.getByLabel('Name', { exact: true }).fill(hostile);
  await page.getByLabel('Amount ($)').fill('25');
  await page.getByLabel(/^Mail to/).fill('me@example.com');
  await look(guest, 'create-budget');
  await button(page, 'Create budget').click();
  await heading(page, hostile).waitFor();
  await page.getByText('$0.00 / $25.00').waitFor();
  await look(guest, 'budget');
  await button(page, 'Change the amount').click();
  await page.getByRole('dialog').getByLabel('Amount ($)').fill('40');
  await inDialog(page, 'Change the amount').click();
  await page.getByText('$0.00 / $40.00').waitFor();
  const { Budgets } = await cloud()
    .client(BudgetsClient)
    .send(new DescribeBudgetsCommand({ AccountId: account }));
  assert.equal(Number(Budgets?.[0]?.BudgetLimit?.Amount), 40);

  await at(page, 'glacier/vaults/create');
  await page.getByLabel('Name', { exact: true }).fill('seldom');
  await button(page, 'Create vault').click();
  await heading(page, 'seldom').waitFor();
  await page.getByText('No jobs').waitFor();
  await look(guest, 'vault');

  await at(page, 'firehose/streams/create');
  await page.getByLabel('Name', { exact: true }).fill('clicks');
  await page.getByLabel('Bucket', { exact: true }).fill('arn:aws:s3:::delivered');
  await page.getByLabel('Role', { exact: true }).fill(deliverer);
  await button(page, 'Create delivery stream').click();
  await heading(page, 'clicks').waitFor();
  await page.getByText('ACTIVE', { exact: true }).waitFor();
  await button(page, 'Put record').click();
  await page.getByRole('dialog').getByLabel('Data').fill(hostile);
  await inDialog(page, 'Put record').click();
  // "Saved." was said before.
  await dialogGone(page);
  await look(guest, 'delivery-stream');
  await button(page, 'Delete').click();
  await confirmDeletion(page);
  await page.getByText('No delivery streams').or(page.getByText('DELETING')).first().waitFor();
  await leave(guest);
});

test('a replication rule copies what is put afterwards', walkOptions, async () => {
  const copier = await role('copier', 's3.amazonaws.com');
  const s3 = cloud().client(S3Client);
  for (const Bucket of ['copied-from', 'copied-to']) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  }
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 's3/buckets/copied-from?tab=replication');
  await page.getByText('No replication rules').waitFor();
  await button(page, 'Add replication rule').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill(hostile);
  await dialog.getByLabel('Copied to').fill('arn:aws:s3:::copied-to');
  await dialog.getByLabel('Role', { exact: true }).fill(copier);
  await look(guest, 'add-replication');
  await inDialog(page, 'Add replication rule').click();
  await page.getByRole('cell', { name: 'arn:aws:s3:::copied-to' }).waitFor();
  await look(guest, 'replication');
  await s3.send(new PutObjectCommand({ Bucket: 'copied-from', Key: 'one', Body: '1' }));
  await until(60, async () => assert.equal((await s3.send(new ListObjectsV2Command({ Bucket: 'copied-to' }))).KeyCount, 1));
  await page.getByRole('checkbox', { name: hostile }).check();
  await button(page, 'Delete').click();
  await confirmDeletion(page);
  await page.getByText('No replication rules').waitFor();
  await leave(guest);
});

test('an access point gets a policy, and a batch job tags what it finds', walkOptions, async () => {
  const worker = await role('worker', 'batchoperations.s3.amazonaws.com');
  const s3 = cloud().client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'many-objects' }));
  await s3.send(new PutObjectCommand({ Bucket: 'many-objects', Key: 'in/one', Body: '1' }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 's3-control/access-points/create');
  await page.getByLabel('Name', { exact: true }).fill('for-readers');
  await page.getByLabel('Bucket', { exact: true }).fill('many-objects');
  await button(page, 'Create access point').click();
  await heading(page, 'for-readers').waitFor();
  await page.getByText('It has no policy of its own.').waitFor();
  await button(page, 'Edit policy').click();
  await inDialog(page, 'Edit policy').click();
  await dialogGone(page);
  await page.getByText(/"s3:GetObject"/).waitFor();
  await look(guest, 'access-point');

  await at(page, 's3-control/jobs/create');
  await page.getByLabel('Objects of bucket').fill('many-objects');
  await page.getByLabel('Tag key').fill('seen');
  await page.getByLabel('Role', { exact: true }).fill(worker);
  await look(guest, 'create-job');
  await button(page, 'Create batch job').click();
  await page.getByText('Complete', { exact: true }).waitFor();
  await page.getByText('1 / 1').waitFor();
  await look(guest, 'job');
  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket: 'many-objects', Key: 'in/one' }));
  assert.deepEqual(TagSet, [{ Key: 'seen', Value: '' }]);
  await leave(guest);
});

test('messages of a dead-letter queue are moved back, and the progress is to be seen', walkOptions, async () => {
  const sqs = cloud().client(SQSClient);
  const { QueueUrl: dead } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ['QueueArn'] }));
  const { QueueUrl: living } = await sqs.send(new CreateQueueCommand({ QueueName: 'living' }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes!.QueueArn, maxReceiveCount: 1 });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: living, Attributes: { RedrivePolicy } }));
  const Entries = ['1', '2', '3'].map((Id) => ({ Id, MessageBody: Id }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: living, Entries }));
  await until(60, async () => {
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: living, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }));
    const AttributeNames: QueueAttributeName[] = ['ApproximateNumberOfMessages'];
    const waiting = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames }));
    assert.equal(waiting.Attributes?.ApproximateNumberOfMessages, '3');
  });
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await at(page, 'sqs/queues/dead');
  await page.getByRole('tab', { name: /[Rr]edrive/ }).click();
  await page.getByRole('link', { name: 'living' }).waitFor();
  await button(page, 'Start redrive').click();
  await page.getByText('3 / 3').waitFor();
  await page.getByText('COMPLETED').waitFor();
  await look(guest, 'redrive');
  await leave(guest);
});

test('what happened is found in the trail, and done again from a shell', walkOptions, async () => {
  const iam = cloud().client(IAMClient);
  const Tags = [{ Key: 'Note', Value: 'a b' }];
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  await iam.send(new CreateRoleCommand({ RoleName: 'replayed', AssumeRolePolicyDocument: JSON.stringify(trust), Tags }));
  await iam.send(new CreateUserCommand({ UserName: 'reported' }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await page.getByText(/of 8 done/).waitFor();
  await page.getByRole('button', { name: 'As a command: CreateUser' }).first().click();
  await page.getByText(/iam create-user/).waitFor();
  await look(guest, 'home-replay');
  // The newest page of the history is full of what others do all the while, and an event is there some time after its call.
  const trail = cloud().client(CloudTrailClient);
  const named: LookupAttribute[] = [{ AttributeKey: 'ResourceName', AttributeValue: 'replayed' }];
  await until(60, async () => assert.ok((await trail.send(new LookupEventsCommand({ LookupAttributes: named }))).Events?.length));
  const { Events = [] } = await trail.send(new LookupEventsCommand({ LookupAttributes: named }));
  await at(page, 'cloudtrail');
  await page.getByRole('rowheader').getByRole('link').first().waitFor();
  await at(page, `cloudtrail/events/${Events.find(({ EventName }) => EventName === 'CreateRole')!.EventId}`);
  await page.getByText(/iam create-role/).waitFor();
  await look(guest, 'trail-event');
  const line = (await page.locator('pre').first().innerText())
    .replace("'replayed'", 'again')
    .replace('--role-name replayed', '--role-name again');
  await promisify(execFile)('/bin/sh', ['-c', line], {
    env: { ...process.env, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'us-east-1' },
  });
  const { Roles = [] } = await iam.send(new ListRolesCommand({}));
  assert.ok(Roles.some(({ RoleName }) => RoleName === 'again'));

  await at(page, 'iam/credential-report');
  await page.getByText('reported', { exact: true }).waitFor();
  const saved = page.waitForEvent('download');
  await button(page, 'Download as CSV').click();
  assert.equal((await saved).suggestedFilename(), 'credential-report.csv');
  await look(guest, 'credential-report');
  await at(page, 'iam/roles/deliverer?tab=access');
  await page.getByText('Never').first().waitFor();
  await look(guest, 'last-accessed');
  await leave(guest);
});
