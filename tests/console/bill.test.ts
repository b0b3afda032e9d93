/** Use things, advance the clock, see the bill: by hand, in both languages. */

import { test } from 'node:test';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { monthOf } from '../../src/framework/billing/month.ts';
import { setFreeTier } from '../../src/framework/billing/settings.ts';
import { visit } from './browser.ts';
import { asRoot, at, button, cloudOfWalks, heading, leave, look, walkOptions, withKey } from './steps.ts';

const cloud = cloudOfWalks();
const account = '000000000000';

test('what is used stands on the bill, by service, by resource and line by line, with a forecast', walkOptions, async () => {
  await cloud().cloud.store.write((tx) => setFreeTier(tx, 'none'));
  // On the second of a month, whatever day it is: neither the clock nor the bill is to leave it.
  const now = cloud().cloud.clock.now();
  await cloud().advance(monthOf(now).to + 30 * 3_600_000 - now);
  const sqs = cloud().client(SQSClient);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  // An instance that ran for ten hours, as the meter tells it.
  cloud().cloud.meter.record({
    ...{ account, region: 'us-east-1', service: 'ec2', operation: 'RunInstances', usageType: 'BoxUsage:m5.large', unit: 'Seconds' },
    ...{ quantity: 36_000, resource: `arn:aws:ec2:us-east-1:${account}:instance/i-1`, at: cloud().cloud.clock.now() },
  });
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await heading(page, 'Cost of this month').waitFor();
  await page.getByText('$0.96', { exact: true }).waitFor();
  await page.getByText('After the first whole day of use').waitFor();
  await button(page, 'Advance 1 d').click();
  await page.getByText('The clock was advanced by', { exact: false }).first().waitFor();
  await page.getByRole('link', { name: 'See the bill' }).click();
  await heading(page, 'Bill').waitFor();
  await page.getByText('Forecast for the month').waitFor();
  await page.getByRole('link', { name: 'Amazon Elastic Compute Cloud - Compute' }).waitFor();
  await page.getByRole('link', { name: 'Amazon Simple Queue Service' }).waitFor();
  await look(guest, 'bill');

  await page.getByRole('tab', { name: 'By resource' }).click();
  await page.getByText(`arn:aws:ec2:us-east-1:${account}:instance/i-1`).waitFor();
  await page.getByText(`arn:aws:sqs:us-east-1:${account}:orders`).waitFor();
  await look(guest, 'bill-resources');
  await page.getByRole('tab', { name: 'By service' }).click();
  await page.getByRole('link', { name: 'Amazon Elastic Compute Cloud - Compute' }).click();
  await page.getByText('BoxUsage:m5.large', { exact: true }).waitFor();
  await page.getByText('10 Hrs', { exact: true }).waitFor();
  await look(guest, 'bill-lines');
  await page.reload();
  await page.getByText('BoxUsage:m5.large', { exact: true }).waitFor();
  await leave(guest);
});

test('the bill in Korean, in the dark', walkOptions, async () => {
  const guest = await visit(cloud().address, { language: 'ko', dark: true });
  const { page } = guest;
  await asRoot(page, 'ko');
  await heading(page, '이번 달 비용').waitFor();
  await at(page, 'cost-explorer/bill');
  await heading(page, '청구서').waitFor();
  await page.getByRole('link', { name: 'Amazon Elastic Compute Cloud - Compute' }).waitFor();
  await look(guest, 'bill-ko-dark');
  await leave(guest);
});

test('who may not see what it costs is told so', walkOptions, async () => {
  const iam = cloud().client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'clerk' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'clerk' }));
  const guest = await visit(cloud().address);
  const { page } = guest;
  await withKey(page, AccessKey);
  await page.getByText('Your user may not see what this costs', { exact: false }).waitFor();
  await leave(guest);
});
