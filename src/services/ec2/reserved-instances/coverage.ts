/**
 * Which seconds of an instance a reservation has paid: hour by hour, so many seconds as were reserved, to whichever instances of the account
 * fit, those bound to a zone first. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/apply_ri.html
 */

import { hourMilliseconds, hourOf, piecesOf } from '../../../framework/billing/month.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import type { Instance } from '../instances/instance.ts';
import { weightOf } from './offering.ts';
import { reservedHours, reservedInstances, endOf, type ReservedInstances } from './reserved-instances.ts';

/** For so long the use of an hour is remembered: nothing is metered later. */
const keptHours = 48;

/** A piece of time within one hour. */
export type Slice = { from: number; to: number; /** How much of it is paid by reservations, in milliseconds. */ covered: number };

/** Takes for each hour of a span what reservations have left. */
export async function cover(tx: WriteTransaction, row: Instance, from: number, to: number): Promise<Slice[]> {
  const fitting = row.spot || row.tenancy === 'host' ? [] : await reservationsFor(tx, row);
  const slices = cut(from, to);
  for (const slice of slices)
    for (const one of fitting)
      if (one.start < slice.to && endOf(one) > slice.from)
        slice.covered += await take(tx, one, hourOf(slice.from), slice.to - slice.from - slice.covered, weightIn(one, row.type));
  return slices;
}

/** A span in pieces that lie within one hour each. */
export const cut = (from: number, to: number): Slice[] => Array.from(piecesOf({ from, to }), (piece) => ({ ...piece, covered: 0 }));

async function reservationsFor(tx: ReadTransaction, row: Instance): Promise<ReservedInstances[]> {
  const rows = (await reservedInstances.scanIndex(tx, 'live', [row.account, row.region])).map((found) => found.row);
  const fitting = rows.filter((one) => fits(one, row));
  return fitting.toSorted((a, b) => Number(a.zone === undefined) - Number(b.zone === undefined) || a.start - b.start);
}

/** Sizes of a family stand in for each other in a whole region, and with shared tenancy only. */
const isFlexible = ({ zone, tenancy }: ReservedInstances): boolean => zone === undefined && tenancy === 'default';

function fits(one: ReservedInstances, { type, zone, tenancy }: Instance): boolean {
  if (one.tenancy !== tenancy || (one.zone !== undefined && one.zone !== zone)) return false;
  return one.type === type || (isFlexible(one) && instanceTypes.get(one.type)?.family.name === instanceTypes.get(type)?.family.name);
}

/** How much a millisecond of an instance takes of a reservation. */
const weightIn = (one: ReservedInstances, type: string): number => (isFlexible(one) ? weightOf(type) / weightOf(one.type) : 1);

/** Takes up to so many milliseconds of an hour of a reservation; resolves to how many there were. */
async function take(tx: WriteTransaction, one: ReservedInstances, hour: number, wanted: number, weight: number): Promise<number> {
  if (wanted <= 0) return 0;
  const used = (await reservedHours.get(tx, one.id, hour))?.used ?? 0;
  const left = one.count * hourMilliseconds - used;
  const taken = Math.min(wanted, left / weight);
  if (taken <= 0) return 0;
  await reservedHours.put(tx, { reserved: one.id, hour, used: used + taken * weight });
  await reservedHours.delete(tx, one.id, hour - keptHours * hourMilliseconds);
  return taken;
}
