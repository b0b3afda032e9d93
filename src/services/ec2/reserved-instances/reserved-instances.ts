/** Reserved instances: what was bought, and the hours of it that have been used. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-reserved-instances.html */

import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import type { Place } from '../resource.ts';
import type { Offering } from './offering.ts';

export type ReservedInstances = Omit<Offering, 'id'> & {
  account: string;
  region: string;
  id: string;
  count: number;
  bought: number;
  /** From when to when they hold, cloud time. */
  start: number;
  end: number;
  /** A modification put others in their place at this moment, or they were taken out of the queue. */
  replaced?: number;
  unqueued?: true;
  /** They come of a modification: nothing is paid at once for them. */
  modified?: true;
  /** What is paid at once has been metered. */
  charged?: true;
  /** Nothing more comes of them. */
  over?: true;
};

/** How much of an hour of a reservation is used: milliseconds of an instance times its weight. */
export type ReservedHour = { reserved: string; hour: number; used: number };

export const reservedInstances = table<ReservedInstances, 'live'>('ec2/reserved-instances', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { live: (row) => (row.over ? undefined : [row.account, row.region, row.id]) },
});
export const reservedHours = table<ReservedHour>('ec2/reserved-hours', { key: (row) => [row.reserved, row.hour] });

export type Modification = {
  account: string;
  region: string;
  id: string;
  at: number;
  token?: string;
  from: string[];
  to: { id: string; zone?: string; type: string; count: number }[];
};

export const reservedModifications = table<Modification>('ec2/reserved-modifications', {
  key: (row) => [row.account, row.region, row.id],
});

export const reservedType = { name: 'reserved-instances' };

export type ReservedState = 'active' | 'queued' | 'queued-deleted' | 'retired';

/** A state is a matter of the time. */
export function stateOf({ start, end, replaced, unqueued }: ReservedInstances, now: number): ReservedState {
  if (unqueued) return 'queued-deleted';
  if (replaced !== undefined || end <= now) return 'retired';
  return start > now ? 'queued' : 'active';
}

/** When they stop being there. */
export const endOf = ({ end, replaced }: ReservedInstances): number => Math.min(end, replaced ?? Infinity);

export async function requireReserved(tx: ReadTransaction, { account, region }: Place, id: string): Promise<ReservedInstances> {
  const row = await reservedInstances.get(tx, account, region, id);
  if (row) return row;
  throw refusal('InvalidReservedInstancesId')(`The specified Reserved Instance '${id}' does not exist.`);
}

export async function reservedIn(tx: ReadTransaction, { account, region }: Place): Promise<ReservedInstances[]> {
  return (await reservedInstances.scan(tx, [account, region])).map(({ row }) => row);
}
