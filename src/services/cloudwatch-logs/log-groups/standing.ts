/** What log groups keep costs as long as they keep it, compressed: https://aws.amazon.com/cloudwatch/pricing/ */

import { arn } from '../../../framework/arn.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { standingMeter, type Standing } from '../../../framework/standing-use.ts';
import { groupSizes, logGroups } from '../tables.ts';

/** What CloudWatch counts of a byte, since it keeps logs compressed. */
const compressed = 0.15;

/** Not woken by events, which come by the thousand: an hour's sum is looked at when it is over. */
export const standing: Reconciler = standingMeter('cloudwatch-logs', [logGroups], (context) => all(context));

async function* all({ store }: ReconcilerContext): AsyncGenerator<Standing> {
  for await (const { account, region, name, id, created } of logGroups.each(store)) {
    const bytes = (await store.read((tx) => groupSizes.get(tx, id)))?.bytes ?? 0;
    const count = Math.round(bytes * compressed);
    const resource = arn('logs', region, account, `log-group:${name}`);
    if (count > 0)
      yield {
        id,
        account,
        region,
        usageType: 'TimedStorage-ByteHrs',
        operation: 'HourlyStorageMetering',
        resource,
        unit: 'ByteHours',
        count,
        since: created,
      };
  }
}
