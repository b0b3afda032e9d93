/** A table of ten thousand rows in the console, and the longest frames of whatever is done with it. */

import type { Page } from 'playwright-core';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { ConsoleCloud } from './browser.ts';
import { asRoot, at } from './steps.ts';

export const rowsOfLongTable = 10_000;

export type LongTable = {
  find: ReturnType<Page['getByPlaceholder']>;
  header: ReturnType<Page['locator']>;
  /** Milliseconds of the longest task since the last time, 0 where none was of 50 ms. */
  longest(): Promise<number>;
};

/** The API gives five hundred events at a time; here it gives all at once. */
export async function openLongTable(cloud: ConsoleCloud, page: Page): Promise<LongTable> {
  await cloud.client(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: 'long' }));
  const now = Date.now();
  const events = Array.from({ length: rowsOfLongTable }, (_, index) => ({
    ...{ eventId: String(index), logStreamName: 'stream', timestamp: now - index * 1_000, ingestionTime: now },
    message: `message ${(index * 7_919) % 10_007} of many`,
  }));
  await page.route('**/*', (route) =>
    route.request().headers()['x-amz-target'] === 'Logs_20140328.FilterLogEvents'
      ? route.fulfill({ contentType: 'application/x-amz-json-1.1', body: JSON.stringify({ events }) })
      : route.continue(),
  );
  await asRoot(page);
  await at(page, 'cloudwatch-logs/groups/long?tab=events');
  await page.getByText(`(${rowsOfLongTable})`).waitFor();
  await page.evaluate(`{
    globalThis.long = [];
    globalThis.note = (entries) => { for (const { duration } of entries) long.push(Math.round(duration)); };
    globalThis.watcher = new PerformanceObserver((list) => note(list.getEntries()));
    watcher.observe({ type: 'longtask' });
  }`);
  return {
    find: page.getByPlaceholder('Find by any column').first(),
    header: page.locator('thead [role=button]').last(),
    longest: async () => {
      const found = Number(await page.evaluate('note(watcher.takeRecords()); Math.max(0, ...long)'));
      await page.evaluate('long.length = 0');
      return found;
    },
  };
}
