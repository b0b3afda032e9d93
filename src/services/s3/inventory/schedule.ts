/** When reports are made: at midnights of the cloud's clock, weekly ones on Sundays, the first one soon: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html. Pure. */

import { dayMilliseconds } from '../limits.ts';
import type { InventoryReport } from './tables.ts';

const weekMilliseconds = 7 * dayMilliseconds;
/** The epoch began on a Thursday. */
const firstSunday = 3 * dayMilliseconds;

/** The midnight for which a report is to be made now: the last that is due where several were missed; undefined where none is. */
export function dueReport({ since, last }: InventoryReport, frequency: 'Daily' | 'Weekly', now: number): number | undefined {
  const midnight = Math.floor(now / dayMilliseconds) * dayMilliseconds;
  const sunday = Math.floor((now - firstSunday) / weekMilliseconds) * weekMilliseconds + firstSunday;
  if (last === undefined) {
    const first = (Math.floor(since / dayMilliseconds) + 1) * dayMilliseconds;
    return first <= midnight ? midnight : undefined;
  }
  const latest = frequency === 'Daily' ? midnight : sunday;
  return latest > last ? latest : undefined;
}
