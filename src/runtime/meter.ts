/** The meter: use is summed in memory by the hour and written behind into one table. */

import type { Meter, UsageRecord } from '../framework/meter.ts';
import type { Store } from '../store/store.ts';
import { table } from '../store/table.ts';

const FLUSH_MILLISECONDS = 1_000;
const HOUR_MILLISECONDS = 3_600_000;
/** Sums written in one transaction, so that a flush never holds up others for long. */
const ROWS_PER_WRITE = 200;

export const usage = table<UsageRecord>('haneul/usage', {
  key: (row) => [row.account, row.hour, row.region, row.service, row.operation, row.usageType, row.resource],
});

export type RunningMeter = Meter & { flush(): Promise<void>; close(): Promise<void> };

/** `onError` hears of a failed write; the sums stay in memory and are tried again with the next flush. */
export function openMeter(store: Store, onError: (error: unknown) => void): RunningMeter {
  let pending = new Map<string, UsageRecord>();
  let flushing: Promise<void> = Promise.resolve();

  const add = (row: UsageRecord): void => {
    const key = `${row.account}\n${row.hour}\n${row.region}\n${row.service}\n${row.operation}\n${row.usageType}\n${row.resource}`;
    const sum = pending.get(key);
    if (sum) sum.quantity += row.quantity;
    else pending.set(key, row);
  };

  const writeBehind = async (): Promise<void> => {
    const rows = [...pending.values()];
    pending = new Map();
    for (let at = 0; at < rows.length; at += ROWS_PER_WRITE) {
      const some = rows.slice(at, at + ROWS_PER_WRITE);
      try {
        await store.write((tx) => addAll(tx, some), 'relaxed');
      } catch (error) {
        for (const row of rows.slice(at)) add(row);
        onError(error);
        return;
      }
    }
  };
  const flush = (): Promise<void> => (flushing = flushing.then(writeBehind));
  const timer = setInterval(() => {
    if (pending.size > 0) void flush();
  }, FLUSH_MILLISECONDS).unref();

  return {
    record: (use) =>
      add({
        hour: Math.floor(use.at / HOUR_MILLISECONDS) * HOUR_MILLISECONDS,
        account: use.account,
        region: use.region,
        service: use.service,
        operation: use.operation,
        usageType: use.usageType,
        resource: use.resource ?? '',
        unit: use.unit,
        quantity: use.quantity,
      }),
    query: async (account, from, to) => {
      await flush();
      const rows = await store.read((tx) => usage.between(tx, [account, from], [account, to]));
      return rows.map(({ row }) => row);
    },
    flush,
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}

async function addAll(tx: Parameters<Parameters<Store['write']>[0]>[0], rows: readonly UsageRecord[]): Promise<void> {
  for (const row of rows) {
    const stored = await usage.get(tx, row.account, row.hour, row.region, row.service, row.operation, row.usageType, row.resource);
    await usage.put(tx, stored ? { ...row, quantity: stored.quantity + row.quantity } : row);
  }
}
