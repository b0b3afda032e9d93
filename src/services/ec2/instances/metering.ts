/** What running instances cost: by the second, a minute at least. https://aws.amazon.com/ec2/pricing/on-demand/ */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { table } from '../../../store/table.ts';
import type { Instance } from './instance.ts';

const minute = 60_000;

/** Until when the last run of an instance has been metered, so that no second counts twice, whoever looks after it. */
export type MeteredRun = {
  instance: string;
  /** The run: when it was launched. */
  run: number;
  to: number;
  /** Nothing more comes of this run. */
  ended?: true;
};

export const meteredRuns = table<MeteredRun>('ec2/metered-runs', { key: (row) => [row.instance] });

/**
 * Records what has passed since the last look, a minute at a time: the first is due at once. Written down before it is metered: a
 * crash in between forgets a minute rather than charging it twice.
 */
export async function meterInstance(context: ReconcilerContext, row: Instance): Promise<void> {
  const now = context.clock.now();
  const last = await lastRun(context, row);
  const from = last?.to ?? row.launched;
  if (last ? now - from < minute : now < from) return;
  await meter(context, row, { from, to: last ? now : Math.max(now, row.launched + minute) });
}

/** Records the rest of a run that is over. Of one that never ran there is none. */
export async function meterEnd(context: ReconcilerContext, row: Instance): Promise<void> {
  const last = await lastRun(context, row);
  if (!last || last.ended) return;
  await meter(context, row, { from: last.to, to: Math.max(last.to, context.clock.now()) }, true);
}

async function lastRun({ store }: ReconcilerContext, { id, launched }: Instance): Promise<MeteredRun | undefined> {
  const last = await store.read((tx) => meteredRuns.get(tx, id));
  return last?.run === launched ? last : undefined;
}

async function meter(context: ReconcilerContext, row: Instance, { from, to }: { from: number; to: number }, ended = false): Promise<void> {
  const { account, region, id } = row;
  await context.store.write((tx) => meteredRuns.put(tx, { instance: id, run: row.launched, to, ...(ended && { ended }) }));
  if (to === from) return;
  context.meter.record({
    ...{ account, region, service: 'ec2', operation: 'RunInstances', at: from, usageType: `BoxUsage:${row.type}` },
    ...{ quantity: (to - from) / 1000, unit: 'Seconds', resource: `arn:aws:ec2:${region}:${account}:instance/${id}` },
  });
}
