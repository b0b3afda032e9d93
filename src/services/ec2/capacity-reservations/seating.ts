/** In which reservations the instances of a launch sit, or one that is started again. */

import type { ReadTransaction } from '../../../store/store.ts';
import { invalidParameterCombination, invalidParameterValue, refusal } from '../errors.ts';
import type { CapacityState } from '../instances/instance.ts';
import { requireResource, type Place } from '../resource.ts';
import type { Input } from '../sdk.ts';
import { activeReservations, capacityReservationType, seated, suits, type CapacityReservation } from './capacity-reservation.ts';

type Specification = Input<'RunInstances'>['CapacityReservationSpecification'];
type Wish = Omit<CapacityState, 'reservation'>;

const preferences: readonly string[] = ['open', 'none', 'capacity-reservations-only'];

/** What a call says of reservations. Throws InvalidParameterValue or InvalidParameterCombination. */
export function capacityWish(given: Specification): Wish {
  const { CapacityReservationPreference: preference, CapacityReservationTarget: target } = given ?? {};
  if (preference !== undefined && !preferences.includes(preference))
    throw invalidParameterValue(`Value (${preference}) for parameter capacityReservationPreference is invalid.`);
  const id = target?.CapacityReservationId;
  if (id === undefined) return preference === undefined || preference === 'open' ? {} : { preference };
  if (preference === 'none' || preference === 'open')
    throw invalidParameterCombination(
      'CapacityReservationPreference and CapacityReservationTarget cannot be specified together unless the preference is capacity-reservations-only.',
    );
  return { target: id };
}

/**
 * The reservation of each instance, those that have one first; the list ends where only a reservation would do and none has room.
 * Throws ReservationCapacityExceeded where that leaves less than `least`.
 */
export async function seatsFor(
  tx: ReadTransaction,
  place: Place,
  wish: Wish,
  { type, zone, tenancy, least, most }: { type: string; zone: string; tenancy: string; least: number; most: number },
): Promise<CapacityState[]> {
  const exclusive = wish.target !== undefined || wish.preference === 'capacity-reservations-only';
  const rows = wish.preference === 'none' ? [] : await candidates(tx, place, wish, { type, zone, tenancy });
  const free: string[] = [];
  for (const row of rows) {
    const room = row.count - (await seated(tx, row)).length;
    free.push(...Array<string>(Math.max(0, Math.min(room, most - free.length))).fill(row.id));
  }
  if (exclusive && free.length < least)
    throw refusal('ReservationCapacityExceeded')(
      'The requested reservation does not have sufficient compatible and available capacity for this request.',
    );
  const seats = free.map((reservation) => ({ ...wish, reservation }));
  return exclusive ? seats : [...seats, ...Array.from({ length: most - seats.length }, () => ({ ...wish }))];
}

/** The reservation that is named, or all that are open to everybody, those that end first before others. */
async function candidates(
  tx: ReadTransaction,
  place: Place,
  wish: Wish,
  kind: { type: string; zone: string; tenancy: string },
): Promise<CapacityReservation[]> {
  if (wish.target !== undefined) {
    const row = await requireResource(tx, place, capacityReservationType, wish.target);
    return row.state === 'active' && suits(row, kind) ? [row] : [];
  }
  const rows = (await activeReservations(tx, place)).filter((row) => row.match === 'open' && suits(row, kind));
  return rows.toSorted((a, b) => (a.endsAt ?? Infinity) - (b.endsAt ?? Infinity) || a.created - b.created);
}
