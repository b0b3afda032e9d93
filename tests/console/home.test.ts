/** The home page: what runs and how the background work is, who did what, what it costs and will cost, the clock, and the first steps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { monthOf } from '../../src/framework/billing/month.ts';
import { setFreeTier } from '../../src/framework/billing/settings.ts';
import { until } from '../journeys/until.ts';
import { visit } from './browser.ts';
import { asRoot, button, cloudOfWalks, heading, hostile, leave, look, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();
const account = '000000000000';

type Status = { reconcilers: { name: string; state: string; lastError?: string }[]; services: { running: string[] } };

test('what runs is told, and which of the background work fails and why', walkOptions, async () => {
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await heading(page, 'What runs').waitFor();
  const answer = await fetch(`http://localhost:${cloud().port}/_haneul/status`, { headers: { 'x-haneul-token': 'the-token' } });
  const { reconcilers } = (await answer.json()) as Status;
  assert.ok(reconcilers.length > 0);
  await page
    .getByText(/^All is well \(\d+\)$/)
    .first()
    .waitFor();
  assert.equal(await page.getByText(/^All is well/).innerText(), `All is well (${reconcilers.length})`);

  // The answer of the cloud with a failure in it: none of its own can be made to fail from outside.
  await page.route('**/_console/api/status', async (route) => {
    const response = await route.fetch();
    const status = (await response.json()) as Status;
    status.reconcilers = [{ name: 'sqs/mover', state: 'failing', lastError: hostile }, ...status.reconcilers];
    await route.fulfill({ response, json: status });
  });
  await page.reload();
  await page.getByText(`sqs/mover: ${hostile}`).first().waitFor();
  assert.equal(await page.getByText(/^All is well/).count(), 0);
  await look(guest, 'home-failing');
  await leave(guest);
});

test('what happens is there at once and ticks the first steps off; cost and forecast follow the clock', walkOptions, async () => {
  await cloud().cloud.store.write((tx) => setFreeTier(tx, 'none'));
  // On the second of a month, whatever day it is.
  const now = cloud().cloud.clock.now();
  await cloud().advance(monthOf(now).to + 30 * 3_600_000 - now);
  cloud().cloud.meter.record({
    ...{ account, region: 'us-east-1', service: 'ec2', operation: 'RunInstances', usageType: 'BoxUsage:m5.large', unit: 'Seconds' },
    ...{ quantity: 36_000, resource: `arn:aws:ec2:us-east-1:${account}:instance/i-1`, at: cloud().cloud.clock.now() },
  });
  const guest = await visit(cloud().address);
  const { page } = guest;
  await asRoot(page);
  await page.getByText('0 of 8 done').first().waitFor();
  const sqs = cloud().client(SQSClient);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'watched' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  const line = page.locator('ul.trail li').filter({ hasText: 'CreateQueue' }).first();
  await line.waitFor();
  await line.getByText('root').waitFor();
  await line.getByRole('button', { name: 'As a command: CreateQueue' }).click();
  await page
    .getByText(/sqs create-queue[\s\S]*--queue-name watched/)
    .first()
    .waitFor();
  await page.reload();
  await page.getByText('1 of 8 done').first().waitFor();

  await page.getByText('$0.96', { exact: true }).first().waitFor();
  const before = cloud().cloud.clock.now();
  await page.getByText('Do it from a shell').first().click();
  await page
    .getByText(/haneul clock advance 1d/)
    .first()
    .waitFor();
  await button(page, 'Advance 1 d').click();
  await page.getByText('The clock was advanced by 1 d.').first().waitFor();
  assert.ok(cloud().cloud.clock.now() - before >= 86_400_000);
  await cloud().cloud.settled();
  // So much in a day is counted on to the end of the month.
  const amounts = page.locator('dd').filter({ hasText: /^\$[\d,.]+$/ });
  await until(120, async () => {
    await page.reload();
    await amounts.nth(1).waitFor();
    const [soFar, forecast] = (await amounts.allInnerTexts()).map((text) => Number(text.replaceAll(/[$,]/g, '')));
    assert.ok(soFar! >= 0.96 && forecast! > soFar!, `${soFar} so far, ${forecast} foreseen`);
  });
  await look(guest, 'home-forecast');

  await button(page, 'Freeze').click();
  await page.getByText('Frozen', { exact: true }).first().waitFor();
  await button(page, 'Run').click();
  await page.getByText('Running', { exact: true }).first().waitFor();
  await leave(guest);
});
