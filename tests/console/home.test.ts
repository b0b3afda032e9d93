/** The home page: what runs and how the background work is, who did what, what it costs and will cost, the clock, and the first steps. */

import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Request, Response } from 'playwright-core';
import { messages as bill } from '../../console/src/cost-explorer/messages.ts';
import { messages as faults } from '../../console/src/home/messages-faults.ts';
import { messages } from '../../console/src/home/messages.ts';
import { fill } from '../../console/src/language/catalogue.ts';
import { monthOf } from '../../src/framework/billing/month.ts';
import { setFreeTier } from '../../src/framework/billing/settings.ts';
import { until } from '../journeys/until.ts';
import { visit } from './browser.ts';
import { asRoot, button, cloudOfWalks, heading, hostile, leave, look, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();
const account = '000000000000';

type Status = { reconcilers: { name: string; state: string; lastError?: string }[]; services: { running: string[] } };

/** Before a service is chosen. */
const firstLoadBytesMax = 350 * 1024;

/** What a response weighs by itself: an asset as it is pressed by gzip, an answer of the API as it came. */
async function weightOf(response: Response): Promise<number> {
  const path = join(import.meta.dirname, '..', '..', 'console', new URL(response.url()).pathname.replace('/_console', 'dist'));
  if (path.includes('/assets/')) return (await stat(`${path}.gz`).catch(() => stat(path))).size;
  return (await response.body()).length;
}

for (const language of ['en', 'ko'] as const)
  test(`all that comes before a service is chosen, until every card is there, is small: ${language}`, walkOptions, async (t) => {
    const [h, f, b] = [messages[language], faults[language], bill[language]];
    const guest = await visit('about:blank', { language });
    const { page } = guest;
    const came: Response[] = [];
    const underWay = new Set<Request>();
    const isStream = (request: Request): boolean => request.url().endsWith('/api/events');
    page.on('request', (request) => isStream(request) || underWay.add(request));
    page.on('response', (response) => isStream(response.request()) || came.push(response));
    page.on('requestfailed', (request) => underWay.delete(request));
    page.on('requestfinished', (request) => underWay.delete(request));
    await page.goto(cloud().address);
    await asRoot(page, language);
    for (const title of [h.trail, h.clock, b.thisMonth, h.steps, f.faults, h.health]) await heading(page, title).waitFor();
    for (const text of [fill(h.stepsTaken, { count: 0, all: 8 }), /us-east-1f/, /^Haneul \d/, b.soFar])
      await page.getByText(text).first().waitFor();
    await page.locator('.trail li').or(page.getByText(h.trailEmpty)).first().waitFor();
    await until(120, async () =>
      assert.deepEqual(
        [...underWay].map((request) => request.url()),
        [],
      ),
    );
    const weights = await Promise.all(came.map(async (one) => [new URL(one.url()).pathname, await weightOf(one)] as const));
    const sum = weights.reduce((all, [, weight]) => all + weight, 0);
    t.diagnostic(`${sum} bytes in ${weights.length} answers`);
    assert.ok(
      weights.some(([path, weight]) => /\/assets\/shell-.*\.js$/.test(path) && weight > 0),
      'the shell is among them',
    );
    assert.ok(sum <= firstLoadBytesMax, `${sum} bytes: ${weights.map(([path, weight]) => `${path} ${weight}`).join(', ')}`);
    await leave(guest);
  });

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
