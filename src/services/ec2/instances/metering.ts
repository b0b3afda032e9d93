/** What running instances cost: by the second, a minute at least. https://aws.amazon.com/ec2/pricing/on-demand/ */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { Instance } from './instance.ts';

const secondsMin = 60;

/** Until when a run has been metered, in memory: a cloud that was down does not charge for it. */
const meteredTo = new Map<string, number>();

/** Records what has passed since the last look. The first record of a run is a minute. */
export function meterInstance({ meter, clock }: ReconcilerContext, row: Instance): void {
  const now = clock.now();
  const run = `${row.id} ${row.launched}`;
  const from = meteredTo.get(run);
  const seconds = from === undefined ? Math.max(secondsMin, (now - row.launched) / 1000) : (now - from) / 1000;
  if (seconds < 1) return;
  const to = from === undefined ? row.launched + seconds * 1000 : now;
  if (from !== undefined && now <= from) return;
  meteredTo.set(run, to);
  const { account, region } = row;
  meter.record({
    ...{ account, region, service: 'ec2', operation: 'RunInstances', at: now, usageType: `BoxUsage:${row.type}` },
    ...{ quantity: seconds, unit: 'Seconds', resource: `arn:aws:ec2:${region}:${account}:instance/${row.id}` },
  });
}
