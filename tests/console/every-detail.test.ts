/** Whatever the lists lead to: details with all their tabs, forms and windows, in light and in the dark. Nothing of it shuts people out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { visit } from './browser.ts';
import { fillCloud } from './one-of-everything.ts';
import { asRoot, at, cloudOfWalks, leave, placesIn, seriousFindings, settled, turnDark, walkOptions } from './steps.ts';

const cloud = cloudOfWalks();
const servicesOfWalks = [
  ['s3', 's3-control', 'glacier'],
  ['iam'],
  ['sqs', 'sns', 'kinesis', 'firehose', 'dynamodb'],
  ['kms', 'cloudwatch-logs', 'cloudtrail', 'budgets', 'cost-explorer'],
  ['ec2'],
] as const;

type Seen = { page: Page; findings: Set<string>; counts: { details: number; tabs: number; forms: number; windows: number } };

/** Here in light and in the dark. */
async function judge({ page, findings }: Seen, what: string): Promise<void> {
  await settled(page);
  for (const one of await seriousFindings(page)) findings.add(`${what}: ${one}`);
  await turnDark(page, true);
  for (const one of await seriousFindings(page, 'of colours')) findings.add(`${what} in the dark: ${one}`);
  await turnDark(page, false);
}

const dialogOf = (page: Page) => page.getByRole('dialog');

/** What a button opens: a window, which is closed again, or a page of its own. */
async function judgeOpened(seen: Seen, what: string, open: () => Promise<void>): Promise<void> {
  const { page, counts } = seen;
  const before = page.url();
  await open();
  await settled(page);
  if (page.url() !== before) {
    counts.forms++;
    await judge(seen, what);
  } else if ((await dialogOf(page).count()) > 0) {
    counts.windows++;
    await judge(seen, what);
    await page.keyboard.press('Escape');
    await dialogOf(page).waitFor({ state: 'hidden' });
  }
}

async function judgeDetail(seen: Seen, place: string): Promise<void> {
  const { page, counts } = seen;
  counts.details++;
  await at(page, place);
  await judge(seen, place);
  // By their place: some change what they say once they are chosen.
  const tabs = page.locator('main [role=tab]:visible');
  for (let index = 1; index < (await tabs.count()); index++) {
    const name = await tabs.nth(index).innerText();
    await tabs.nth(index).click();
    counts.tabs++;
    await judge(seen, `${place} (${name})`);
  }
  const buttons = page.locator('h1').locator('xpath=ancestor::*[.//button][1]').locator('.actions button:not([disabled])');
  for (let index = 0; index < (await buttons.count()); index++) {
    const name = await buttons.nth(index).innerText();
    const here = page.url();
    await judgeOpened(seen, `${place} ${name}`, () => buttons.nth(index).click());
    if (page.url() === here) continue;
    await at(page, place);
    await settled(page);
  }
}

async function judgeList(seen: Seen, place: string): Promise<void> {
  const { page } = seen;
  await at(page, place);
  await settled(page);
  const first = page.locator('main tbody th a, main tbody td a').first();
  const detail = (await first.count()) > 0 ? new URL(String(await first.getAttribute('href')), page.url()) : undefined;
  const primary = page.locator('main [class*=header] button[class*=variant-primary]:not([disabled])').first();
  if ((await primary.count()) > 0) await judgeOpened(seen, `${place} ${await primary.innerText()}`, () => primary.click());
  if (detail) await judgeDetail(seen, detail.pathname.replace('/_console/', '') + detail.search);
}

let filled: Promise<void> | undefined;

for (const services of servicesOfWalks)
  test(`details, forms and windows of ${services.join(', ')}`, walkOptions, async (t) => {
    await (filled ??= fillCloud(cloud()));
    const guest = await visit(cloud().address);
    const { page } = guest;
    const seen: Seen = { page, findings: new Set(), counts: { details: 0, tabs: 0, forms: 0, windows: 0 } };
    await asRoot(page);
    for (const service of services) {
      await at(page, service);
      await page.locator('nav.frame-navigation a').first().waitFor({ state: 'attached' });
      for (const place of await placesIn(page, 'nav.frame-navigation a')) if (place.includes('/')) await judgeList(seen, place);
    }
    t.diagnostic(JSON.stringify(seen.counts));
    assert.deepEqual([...seen.findings], []);
    assert.ok(seen.counts.details > 0 && seen.counts.forms + seen.counts.windows > 0, JSON.stringify(seen.counts));
    await leave(guest);
  });
