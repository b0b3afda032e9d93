/** Between processes what one has changed reaches the other within moments, as it does between AWS's regions: tests poll for it. */

import { setTimeout } from 'node:timers/promises';

/** What is waited for has the processor meanwhile. */
const pollMilliseconds = 30;

/** Tries until the attempt neither rejects nor resolves to false; throws what it rejected with last when the time is over. */
export async function until(seconds: number, attempt: () => Promise<unknown>): Promise<void> {
  for (const end = performance.now() + seconds * 1_000; ;) {
    try {
      if ((await attempt()) !== false) return;
      if (performance.now() > end) throw new Error(`it did not come about within ${seconds} s`);
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await setTimeout(pollMilliseconds);
  }
}
