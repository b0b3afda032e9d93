/** The meter: use is summed in memory by the hour and written behind into one table. */

import { hourOf } from '../framework/billing/month.ts';
import { kindOf, type Meter, type UsageRecord } from '../framework/meter.ts';
import type { Store } from '../store/store.ts';
import { accountsOf, addHours, daysOf, makeDays, usage } from './usage-tables.ts';

const FLUSH_MILLISECONDS = 1_000;
/** Sums written in one transaction, so that a flush never holds up others for long. */
const ROWS_PER_WRITE = 200;

const NOTED_MAX = 256;
const RECENT_MAX = 8;

type Use = Parameters<Meter['record']>[0];

export type RunningMeter = Meter & { flush(): Promise<void>; close(): Promise<void> };

/** Sums that wait to be written. Use is noted as it comes and summed many at a time. */
function gathering() {
  let pending = new Map<string, UsageRecord>();
  let noted: Use[] = [];
  /** What was summed last: most use goes with it, and its key need not be written then. */
  let recent: UsageRecord[] = [];
  const add = (row: UsageRecord): UsageRecord => {
    const key = `${row.hour}\n${kindOf(row)}`;
    const sum = pending.get(key);
    if (!sum) {
      pending.set(key, row);
      return row;
    }
    sum.quantity += row.quantity;
    return sum;
  };
  const sumUp = (): void => {
    const all = noted;
    noted = [];
    for (const use of all) {
      const hour = hourOf(use.at);
      const sum = recent.find((row) => isSame(row, use, hour));
      if (sum) sum.quantity += use.quantity;
      else {
        recent.unshift(add(rowOf(use, hour)));
        recent.length = Math.min(recent.length, RECENT_MAX);
      }
    }
  };
  return {
    note(use: Use): void {
      if (noted.push(use) >= NOTED_MAX) sumUp();
    },
    any: () => pending.size > 0 || noted.length > 0,
    take(): UsageRecord[] {
      sumUp();
      const rows = [...pending.values()];
      pending = new Map();
      recent = [];
      return rows;
    },
    giveBack(rows: readonly UsageRecord[]): void {
      for (const row of rows) add(row);
    },
  };
}

/** `onError` hears of a failed write; the sums stay in memory and are tried again with the next flush. */
export function openMeter(store: Store, onError: (error: unknown) => void): RunningMeter {
  const waiting = gathering();
  let flushing: Promise<void> = Promise.resolve();
  let made: Promise<void> | undefined;

  const writeBehind = async (): Promise<void> => {
    try {
      await (made ??= makeDays(store));
    } catch (error) {
      made = undefined;
      onError(error);
      return;
    }
    const rows = waiting.take();
    for (let at = 0; at < rows.length; at += ROWS_PER_WRITE) {
      const some = rows.slice(at, at + ROWS_PER_WRITE);
      try {
        await store.write((tx) => addHours(tx, some), 'relaxed');
      } catch (error) {
        waiting.giveBack(rows.slice(at));
        onError(error);
        return;
      }
    }
  };
  const flush = (): Promise<void> => (flushing = flushing.then(writeBehind));
  const timer = setInterval(() => {
    if (waiting.any()) void flush();
  }, FLUSH_MILLISECONDS).unref();

  return {
    record: waiting.note,
    query: async (account, from, to) => {
      await flush();
      const rows = await store.read((tx) => usage.between(tx, [account, from], [account, to]));
      return rows.map(({ row }) => row);
    },
    days: async (account, from, to) => {
      await flush();
      return daysOf(store, account, from, to);
    },
    accounts: async () => {
      await flush();
      return accountsOf(store);
    },
    flush,
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}

function rowOf(
  { account, region, service, operation, usageType, resource = '', unit, quantity, rate, unbilled }: Use,
  hour: number,
): UsageRecord {
  return {
    ...{ hour, account, region, service, operation, usageType, resource, unit, quantity },
    ...(rate !== undefined && { rate }),
    ...(unbilled && { unbilled }),
  };
}

function isSame(row: UsageRecord, use: Use, hour: number): boolean {
  return (
    row.operation === use.operation &&
    row.usageType === use.usageType &&
    row.hour === hour &&
    row.account === use.account &&
    row.region === use.region &&
    row.service === use.service &&
    row.resource === (use.resource ?? '') &&
    row.rate === use.rate
  );
}
