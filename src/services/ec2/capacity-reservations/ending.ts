/** The end of a capacity reservation. */

import type { WriteTransaction } from '../../../store/store.ts';
import { instances } from '../instances/instance.ts';
import { capacityReservations, seated, type CapacityReservation } from './capacity-reservation.ts';

/** Its instances run on, on demand. */
export async function endReservation(
  tx: WriteTransaction,
  row: CapacityReservation,
  state: 'cancelled' | 'expired',
  now: number,
): Promise<void> {
  for (const { capacity, ...one } of await seated(tx, row)) {
    const { reservation: _over, ...wish } = capacity!;
    await instances.put(tx, { ...one, ...(Object.keys(wish).length > 0 && { capacity: wish }) });
  }
  await capacityReservations.put(tx, { ...row, state, ended: now });
}
