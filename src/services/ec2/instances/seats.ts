/** Where the instances of a launch sit: in reserved capacity, on a dedicated host, or just within the account's quota. */

import type { ReadTransaction } from '../../../store/store.ts';
import { capacityWish, seatsFor } from '../capacity-reservations/seating.ts';
import { invalidParameterCombination, refusal } from '../errors.ts';
import { hostSeats, hostWish } from '../hosts/seating.ts';
import { instanceTypes, type InstanceType } from '../instance-types/instance-type.ts';
import { requireResource, type Place } from '../resource.ts';
import type { Input } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import type { Instance } from './instance.ts';
import { quotaLeft, vcpuLimitExceeded } from './quota.ts';

type LaunchInput = Pick<Input<'RunInstances'>, 'Placement' | 'CapacityReservationSpecification'>;

export type Seat = Pick<Instance, 'tenancy' | 'capacity' | 'host'>;

export type Wanted = { type: InstanceType; zone: string; vpc: string; spot: boolean; least: number; most: number };

/**
 * A seat for each instance, `most` of them or fewer, but not fewer than `least`. Throws VcpuLimitExceeded, MaxSpotInstanceCountExceeded,
 * ReservationCapacityExceeded or InsufficientCapacityOnHost.
 */
export async function planSeats(tx: ReadTransaction, place: Place, input: LaunchInput, wanted: Wanted): Promise<Seat[]> {
  const { type, zone, spot, least, most } = wanted;
  const { Placement: placement = {} } = input;
  const vpc = await requireResource(tx, place, vpcType, wanted.vpc);
  const given = placement.Tenancy ?? 'default';
  const tenancy = given === 'default' ? vpc.tenancy : given;
  const onHost = hostWish(placement);
  const wish = capacityWish(input.CapacityReservationSpecification);
  if (tenancy === 'host') {
    if (placement.GroupName || placement.GroupId)
      throw invalidParameterCombination(
        `You cannot launch an instance with a tenancy of ''host'' into a placement group. Either remove the placement group from the request, or specify a different tenancy.`,
      );
    if (wish.target !== undefined || wish.preference === 'capacity-reservations-only')
      throw invalidParameterCombination('Capacity reservations cannot be used with a tenancy of host.');
    return (await hostSeats(tx, place, onHost, { type, zone, least, most })).map((host) => ({ tenancy, host }));
  }
  const seats = spot
    ? Array.from({ length: most }, () => ({}))
    : await seatsFor(tx, place, wish, { type: type.name, zone, tenancy, least, most });
  const reserved = seats.filter((one) => 'reservation' in one).length;
  const room = reserved + Math.max(0, Math.floor((await quotaLeft(tx, place, { spot })) / type.vcpus));
  if (room < least) throw spot ? refusal('MaxSpotInstanceCountExceeded')('Max spot instance count exceeded') : vcpuLimitExceeded();
  return seats.slice(0, room).map((capacity) => ({ tenancy, ...(Object.keys(capacity).length > 0 && { capacity }) }));
}

/** Where an instance that was stopped sits when it is started again. Throws what `planSeats` throws. */
export async function seatAgain(tx: ReadTransaction, row: Instance): Promise<Seat> {
  const type = instanceTypes.get(row.type)!;
  const { tenancy, zone } = row;
  if (tenancy === 'host') {
    const [host] = await hostSeats(tx, row, row.host!, { type, zone, least: 1, most: 1 });
    return { tenancy, host: host! };
  }
  if (row.spot) return { tenancy };
  const { reservation: _old, ...wish } = row.capacity ?? {};
  const [capacity] = await seatsFor(tx, row, wish, { type: row.type, zone, tenancy, least: 1, most: 1 });
  return { tenancy, ...(capacity && Object.keys(capacity).length > 0 && { capacity }) };
}
