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

/** Notes which keys no queue seals with any more, and takes away those whose last messages have expired. */
export async function forgetKeys(store: Store, now: number): Promise<void> {
  const unused = await store.read(async (tx) => {
    const current = new Set((await dataKeys.scan(tx)).map(({ row }) => row.id));
    return (await messageKeys.scan(tx)).map(({ row }) => row).filter(({ id }) => !current.has(id));
  });
  for (const { id, retired } of unused) {
    if (retired === undefined) await store.write((tx) => change(tx, id, (row) => ({ ...row, retired: now })));
    else if (isOver(retired, now)) await store.write((tx) => change(tx, id, (row) => (isOver(lastUse(row), now) ? undefined : row)));
  }
}

const isOver = (last: number, now: number): boolean => last + keyOutlivesMilliseconds < now;
const lastUse = ({ retired, moved }: MessageKey): number => Math.max(retired ?? Infinity, moved ?? 0);

async function change(tx: WriteTransaction, id: string, to: (row: MessageKey) => MessageKey | undefined): Promise<void> {
  const row = await messageKeys.get(tx, id);
  const next = row && to(row);
  if (next && next !== row) await messageKeys.put(tx, next);
  else if (row && !next) await messageKeys.delete(tx, id);
}
