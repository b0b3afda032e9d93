/** Where use is kept: by the hour, and by the day for bills, which are read by the month. Both are written in one transaction. */

import { dayMilliseconds, dayOf } from '../framework/billing/month.ts';
import { kindOf, type DayOfUsage, type UsageRecord } from '../framework/meter.ts';
import type { ReadTransaction, Store, WriteTransaction } from '../store/store.ts';
import { table } from '../store/table.ts';

const ROWS_PER_READ = 5_000;
const ROWS_PER_WRITE = 500;

type What = Omit<UsageRecord, 'hour'>;

/** What tells one sum of an hour, or of a day, from another. Few have a rate of their own. */
const whatOf = ({ region, service, operation, usageType, resource, rate }: What): string[] => [
  ...[region, service, operation, usageType, resource],
  ...(rate === undefined ? [] : [rate]),
];

export const usage = table<UsageRecord>('haneul/usage', { key: (row) => [row.account, row.hour, ...whatOf(row)] });

export const usageDays = table<DayOfUsage>('haneul/usage-days', { key: (row) => [row.account, row.day, ...whatOf(row)] });

/** Says that the days hold all that the hours hold: in a store that an older release has written they do not. */
const usageDaysMade = table<{ id: 'made' }>('haneul/usage-days-made', { key: (row) => [row.id] });

export const meterTables = [usage, usageDays, usageDaysMade] as const;

/** Adds sums to their hours and to their days. */
export async function addHours(tx: WriteTransaction, rows: readonly UsageRecord[]): Promise<void> {
  for (const row of rows) {
    const stored = await usage.get(tx, row.account, row.hour, ...whatOf(row));
    await usage.put(tx, stored ? { ...row, quantity: stored.quantity + row.quantity } : row);
  }
  for (const row of summedByDay(rows).values()) {
    const stored = await usageDays.get(tx, row.account, row.day, ...whatOf(row));
    await usageDays.put(tx, stored ? { ...row, quantity: stored.quantity + row.quantity } : row);
  }
}

function summedByDay(rows: readonly UsageRecord[], sums = new Map<string, DayOfUsage>()): Map<string, DayOfUsage> {
  for (const { hour, ...row } of rows) {
    const day = dayOf(hour);
    const key = `${day}\n${kindOf(row)}`;
    const sum = sums.get(key);
    if (sum) sum.quantity += row.quantity;
    else sums.set(key, { day, ...row });
  }
  return sums;
}

/** Sums up, once, the hours that were written before there were days. Ends at once in any other store. */
export async function makeDays(store: Store): Promise<void> {
  const isMade = async (tx: ReadTransaction): Promise<boolean> => (await usageDaysMade.get(tx, 'made')) !== undefined;
  if (await store.read(isMade)) return;
  const sums = new Map<string, DayOfUsage>();
  for await (const row of usage.each(store, [], ROWS_PER_READ)) summedByDay([row], sums);
  const days = [...sums.values()];
  for (let at = 0; at < days.length; at += ROWS_PER_WRITE)
    await store.write(async (tx) => {
      // Another process has been faster, and has added to them since.
      if (await isMade(tx)) return;
      for (const row of days.slice(at, at + ROWS_PER_WRITE)) await usageDays.put(tx, row);
    });
  await store.write((tx) => usageDaysMade.put(tx, { id: 'made' }));
}

/** A day at a time, of those that there are: requests get their turn between. */
export async function daysOf(store: Store, account: string, from: number, to: number): Promise<DayOfUsage[]> {
  const days: DayOfUsage[] = [];
  for (let next = Math.ceil(from / dayMilliseconds) * dayMilliseconds; next < to;) {
    const [first] = await store.read((tx) => usageDays.between(tx, [account, next], [account, to], { limit: 1 }));
    if (!first) break;
    const { day } = first.row;
    for (const { row } of await store.read((tx) => usageDays.scan(tx, [account, day]))) days.push(row);
    next = day + dayMilliseconds;
  }
  return days;
}

/** Every account with its first day: one row each is read. */
export async function accountsOf(store: Store): Promise<{ account: string; since: number }[]> {
  const found: { account: string; since: number }[] = [];
  for (;;) {
    const last = found.at(-1);
    const [next] = await store.read((tx) => usageDays.between(tx, [last ? `${last.account}\u0000` : ''], ['\u{10ffff}'], { limit: 1 }));
    if (!next) return found;
    found.push({ account: next.row.account, since: next.row.day });
  }
}
