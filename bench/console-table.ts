/** `node bench/console-table.ts`: the longest frames of a table of ten thousand rows in the console, while one types, empties, sorts and scrolls. */

import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { startConsoleCloud, visit } from '../tests/console/browser.ts';
import { asRoot, at } from '../tests/console/steps.ts';

const ROWS = 10_000;
const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
/** Long after the last frame that an action could still cause. */
const SETTLE_MILLISECONDS = 1_500;

const actions = ['type', 'empty', 'sort', 'sort the other way', 'scroll'] as const;
export type LongestFrames = Record<(typeof actions)[number], number[]>;

/** Milliseconds of the longest task of each action, 0 where none was of 50 ms, a number a round. */
export async function measureLongestFrames(): Promise<LongestFrames> {
  const cloud = await startConsoleCloud();
  const guest = await visit(cloud.address);
  const frames: LongestFrames = { type: [], empty: [], sort: [], 'sort the other way': [], scroll: [] };
  try {
    await cloud.client(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: 'long' }));
    const { page } = guest;
    const now = Date.now();
    // The API gives five hundred at a time; here it gives all at once.
    const events = Array.from({ length: ROWS }, (_, at) => ({
      ...{ eventId: String(at), logStreamName: 'stream', timestamp: now - at * 1_000, ingestionTime: now },
      message: `message ${(at * 7_919) % 10_007} of many`,
    }));
    await page.route('**/*', (route) =>
      route.request().headers()['x-amz-target'] === 'Logs_20140328.FilterLogEvents'
        ? route.fulfill({ contentType: 'application/x-amz-json-1.1', body: JSON.stringify({ events }) })
        : route.continue(),
    );
    await asRoot(page);
    await at(page, 'cloudwatch-logs/groups/long?tab=events');
    await page.getByText(`(${ROWS})`).waitFor();
    await page.waitForTimeout(SETTLE_MILLISECONDS);
    await page.evaluate(`{
      globalThis.long = [];
      new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) long.push(Math.round(duration)); })
        .observe({ type: 'longtask' });
    }`);
    const find = page.getByPlaceholder('Find by any column').first();
    const header = page.locator('thead [role=button]').last();
    const doing: Record<(typeof actions)[number], () => Promise<void>> = {
      type: () => find.pressSequentially('message 99', { delay: 60 }),
      empty: () => find.fill(''),
      sort: () => header.click(),
      'sort the other way': () => header.click(),
      scroll: async () => {
        for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, 150);
      },
    };
    for (let round = 0; round < ROUNDS; round++)
      for (const action of actions) {
        await page.evaluate('long.length = 0');
        await doing[action]();
        await page.waitForTimeout(SETTLE_MILLISECONDS);
        frames[action].push(Number(await page.evaluate('Math.max(0, ...long)')));
      }
    return frames;
  } finally {
    await guest.close();
    await cloud.close();
  }
}

if (import.meta.main) console.log(await measureLongestFrames());
