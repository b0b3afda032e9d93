/** How long data keys of queues are kept: for as long as a message may lie under them. */

import type { Store, WriteTransaction } from '../../../store/store.ts';
import { keyMovedAnewMilliseconds, keyOutlivesMilliseconds } from '../limits.ts';
import { dataKeys, messageKeys, type Message, type MessageKey } from '../tables.ts';
import { ownKey } from './encryption.ts';

/** Inside the transaction that puts a message into another queue: its key stays for another retention. */
export async function keepKey(tx: WriteTransaction, { sealedBy }: Message, now: number): Promise<void> {
  if (sealedBy === undefined || sealedBy === ownKey) return;
  const row = await messageKeys.get(tx, sealedBy);
  if (row && now >= (row.moved ?? 0) + keyMovedAnewMilliseconds) await messageKeys.put(tx, { ...row, moved: now });
}

/** Stores of which every key has been looked at. */
const looked = new WeakSet<Store>();

/** Takes away the keys that no queue seals with any more and whose last messages have expired. */
export async function forgetKeys(store: Store, now: number): Promise<void> {
  if (!looked.has(store)) await retireForsaken(store, now);
  looked.add(store);
  for await (const { id, retired } of messageKeys.eachIndexed(store, 'retired')) {
    if (!isOver(retired!, now)) return;
    await store.write((tx) => change(tx, id, (present) => (isOver(lastUse(present), now) ? undefined : present)));
  }
}

/** An early release did not write down when a queue left its key: once a start they are looked for. */
async function retireForsaken(store: Store, now: number): Promise<void> {
  const forsaken = await store.read(async (tx) => {
    const current = new Set((await dataKeys.scan(tx)).map(({ row }) => row.id));
    return (await messageKeys.scan(tx)).map(({ row }) => row).filter(({ id, retired }) => retired === undefined && !current.has(id));
  });
  for (const { id } of forsaken) await store.write((tx) => change(tx, id, (row) => ({ ...row, retired: now })));
}

const isOver = (last: number, now: number): boolean => last + keyOutlivesMilliseconds < now;
const lastUse = ({ retired, moved }: MessageKey): number => Math.max(retired ?? Infinity, moved ?? 0);

async function change(tx: WriteTransaction, id: string, to: (row: MessageKey) => MessageKey | undefined): Promise<void> {
  const row = await messageKeys.get(tx, id);
  const next = row && to(row);
  if (next && next !== row) await messageKeys.put(tx, next);
  else if (row && !next) await messageKeys.delete(tx, id);
}
