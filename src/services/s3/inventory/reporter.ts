/** Makes the reports that are due, one after another, at midnights of the cloud's clock. One that cannot be delivered waits for the next. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { dayMilliseconds } from '../limits.ts';
import { buckets, identifiedConfigurations } from '../tables.ts';
import type { Inventory } from './configuration.ts';
import { writeReport } from './report.ts';
import { dueReport } from './schedule.ts';
import { inventoryReports, type InventoryReport } from './tables.ts';

export const inventoryReporter: Reconciler = {
  name: 's3/inventory',
  run: async (context) => {
    for await (const report of inventoryReports.each(context.store)) {
      context.signal.throwIfAborted();
      await makeReport(context, report);
    }
    return { nextAt: (Math.floor(context.now / dayMilliseconds) + 1) * dayMilliseconds };
  },
};

async function makeReport(context: ReconcilerContext, report: InventoryReport): Promise<void> {
  const { store, now } = context;
  const { bucket, inventory } = await store.read(async (tx) => ({
    bucket: await buckets.get(tx, report.bucket),
    inventory: (await identifiedConfigurations.get(tx, report.bucket, 'inventory', report.id))?.value as Inventory | undefined,
  }));
  if (!bucket || !inventory?.IsEnabled) return;
  const midnight = dueReport(report, inventory.Schedule!.Frequency!, now);
  if (midnight === undefined) return;
  try {
    await writeReport(context, bucket, inventory, midnight);
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    context.log(`the inventory ${report.id} of ${report.bucket} was not delivered: ${error.message}`);
  }
  await store.write(async (tx) => {
    const present = await inventoryReports.get(tx, report.bucket, report.id);
    if (present) await inventoryReports.put(tx, { ...present, last: midnight });
  });
}
