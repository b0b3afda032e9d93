/** Capacity reservations: the record, and who sits in them. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-capacity-reservations.html */

import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { instancesIn, instanceType, type Instance } from '../instances/instance.ts';
import { resourcesBy, resourceType, type Place } from '../resource.ts';

export type CapacityReservation = {
  account: string;
  region: string;
  id: string;
  created: number;
  type: string;
  zone: string;
  tenancy: 'default' | 'dedicated';
  count: number;
  ebsOptimized: boolean;
  match: 'open' | 'targeted';
  state: 'active' | 'cancelled' | 'expired';
  /** Absent: it is active until it is cancelled. */
  endsAt?: number;
  /** When it was cancelled or expired: it is shown for a while. */
  ended?: number;
  tags?: Tag[];
};

export const capacityReservations = table<CapacityReservation, 'active' | 'ended'>('ec2/capacity-reservations', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    active: (row) => (row.state === 'active' ? [row.account, row.region, row.id] : undefined),
    ended: (row) => (row.ended === undefined ? undefined : [row.ended]),
  },
});

export const capacityReservationType = resourceType('capacity-reservation', 'cr', capacityReservations, [
  'InvalidCapacityReservationId.NotFound',
  (id: string) => `The capacity reservation ID '${id}' does not exist`,
]);

/** Instances of an account that hold capacity: they run, or are to. */
export const holdingInstances = (tx: ReadTransaction, place: Place): Promise<Instance[]> => instancesIn(tx, ['pending', 'running'], place);

/** Those that sit in a reservation. */
export const seated = (tx: ReadTransaction, row: CapacityReservation): Promise<Instance[]> =>
  resourcesBy(tx, row, instanceType, 'capacity', row.id);

export async function activeReservations(tx: ReadTransaction, { account, region }: Place): Promise<CapacityReservation[]> {
  return (await capacityReservations.scanIndex(tx, 'active', [account, region])).map(({ row }) => row);
}

/** Whether an instance is of the kind that a reservation is for. */
export const suits = (row: CapacityReservation, one: { type: string; zone: string; tenancy: string }): boolean =>
  row.type === one.type && row.zone === one.zone && row.tenancy === one.tenancy;

/** An instance on demand that says nothing else sits in an open reservation of its kind. */
export const mayTake = (row: CapacityReservation, one: Instance): boolean =>
  suits(row, one) && !one.spot && !one.capacity?.reservation && !one.capacity?.target && one.capacity?.preference !== 'none';
