/**
 * Zones that the owner of the cloud has taken down, so that services behave as when AWS loses one. Durable: a zone stays down over a
 * restart. A reconciler that must act names the table under `watches`; an operation asks for the zone that it needs.
 */

import type { ReadTransaction, WriteTransaction } from '../store/store.ts';
import { table } from '../store/table.ts';

export type ZoneFault = {
  /** Its name: `us-east-1a`. */
  zone: string;
  down: boolean;
  /** Since when it has been down or up, cloud time. */
  since: number;
  /** What was kept in this zone alone up to this moment of cloud time is lost, also once it is up again. */
  destroyed?: number;
};

export const zoneFaults = table<ZoneFault>('framework/zone-faults', { key: ({ zone }) => [zone] });

/** What became of something that was kept in one zone alone since a moment of cloud time. */
export async function stateIn(tx: ReadTransaction, zone: string, keptSince: number): Promise<'reachable' | 'unreachable' | 'lost'> {
  const fault = await zoneFaults.peek(tx, zone);
  if (fault?.destroyed !== undefined && keptSince <= fault.destroyed) return 'lost';
  return fault?.down ? 'unreachable' : 'reachable';
}

export async function isDown(tx: ReadTransaction, zone: string): Promise<boolean> {
  return (await zoneFaults.peek(tx, zone))?.down ?? false;
}

/** Takes a zone down, or brings it back. Asking for what is so already changes nothing but a destruction, which is for ever. */
export async function changeZone(
  tx: WriteTransaction,
  { zone, down, destroy, now }: { zone: string; down: boolean; destroy: boolean; now: number },
): Promise<ZoneFault> {
  const old = await zoneFaults.get(tx, zone);
  const destroyed = destroy ? now : old?.destroyed;
  const since = old?.down === down ? old.since : now;
  const next: ZoneFault = { zone, down, since, ...(destroyed !== undefined && { destroyed }) };
  await zoneFaults.put(tx, next);
  return next;
}
