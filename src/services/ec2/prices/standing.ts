/** What costs by being there: reserved capacity that nobody uses, dedicated hosts, reserved instances. Metered as instances are. */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { meterSpan } from '../../../framework/standing-use.ts';
import { table } from '../../../store/table.ts';
import { resourceArn, type AnyResourceType, type Place } from '../resource.ts';

const minute = 60_000;

/** Until when a resource has been metered, and how many units of it there were at that moment. */
export type MeteredStanding = { resource: string; to: number; units: number };

export const meteredStandings = table<MeteredStanding>('ec2/metered-standings', { key: (row) => [row.resource] });

export type Standing = Place & {
  id: string;
  type: Pick<AnyResourceType, 'name'>;
  /** Since when it has been there, cloud time. */
  since: number;
  /** How many of it there are now: each costs. */
  units: number;
  usageType: string;
  /** Dollars an hour for one, as decimal text, where no price list knows it. */
  rate?: string;
  /** When it ended. */
  ended?: number;
};

/**
 * Records what has passed since the last look, at least a minute at a time unless the units have changed. Written down before it is
 * metered: a crash in between forgets rather than charging twice. Resolves to when it is due again, in cloud time.
 */
export async function meterStanding(context: ReconcilerContext, one: Standing): Promise<number> {
  const { account, region, id, type, units, usageType, rate } = one;
  const now = Math.min(context.clock.now(), one.ended ?? Infinity);
  const last = await context.store.read((tx) => meteredStandings.get(tx, id));
  const from = last?.to ?? one.since;
  const due = from + minute;
  if (last && last.units === units && one.ended === undefined && now < due) return due;
  if (last && last.to >= now && last.units === units) return now + minute;
  await context.store.write((tx) => meteredStandings.put(tx, { resource: id, to: Math.max(from, now), units }));
  const use = { account, region, usageType, operation: 'RunInstances', resource: resourceArn(type, one, id), unit: 'Seconds' as const };
  meterSpan(context.meter, 'ec2', { ...use, count: last?.units ?? units, ...(rate !== undefined && { rate }) }, { from, to: now });
  return now + minute;
}
