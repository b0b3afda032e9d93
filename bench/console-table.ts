/** `node bench/console-table.ts`: the longest frames of a table of ten thousand rows in the console, while one types, empties, sorts and scrolls. */

import { closeBrowser, startConsoleCloud, visit } from '../tests/console/browser.ts';
import { openLongTable } from '../tests/console/long-table.ts';

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
    const { page } = guest;
    const { find, header, longest } = await openLongTable(cloud, page);
    await page.waitForTimeout(SETTLE_MILLISECONDS);
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
        await longest();
        await doing[action]();
        await page.waitForTimeout(SETTLE_MILLISECONDS);
        frames[action].push(await longest());
      }
    return frames;
  } finally {
    await closeBrowser();
    await cloud.close();
  }
}

if (import.meta.main) console.log(await measureLongestFrames());
