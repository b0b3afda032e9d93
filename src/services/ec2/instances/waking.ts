/** The start of an instance that was stopped. */

import type { WriteTransaction } from '../../../store/store.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';
import { instances, reasons, type Instance } from './instance.ts';
import { lendPublicAddress } from './launch-network.ts';
import { seatAgain } from './seats.ts';

/**
 * Throws what a launch throws where there is no seat for it.
 * @param start from which address on a free public one is looked for, between 0 and 1.
 * @param range of public addresses.
 */
export async function wake(
  tx: WriteTransaction,
  row: Instance,
  { now, start, range }: { now: number; start: number; range: string },
): Promise<void> {
  const { spot, capacity: _capacity, host: _host, ...rest } = row;
  const seat = await seatAgain(tx, row);
  const woken: Instance = { ...rest, ...seat, state: 'pending', reason: reasons.pending, transition: '', launched: now };
  // What it was told before it was stopped is over.
  await instances.put(tx, { ...woken, ...(spot && { spot: { request: spot.request } }) });
  if (!row.lendPublic) return;
  for (const { row: found } of await networkInterfaces.scanIndex(tx, 'instance', [row.account, row.region, row.id]))
    if (found.attachment?.deviceIndex === 0) await lendPublicAddress(tx, range, found, start);
}
