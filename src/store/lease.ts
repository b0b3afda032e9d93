/** Leases kept as ordinary records: the clock decides when one may be taken over, the token decides who is right. */

import { randomUUID } from 'node:crypto';
import { below, encodeKey } from './keys.ts';
import { LeaseHeld, LeaseLost, type Lease, type ReadTransaction, type Store } from './store.ts';

type LeaseRecord = { owner: string; token: string; until: number };

export async function acquireLease(store: Store, name: string, milliseconds: number): Promise<Lease> {
  const key = encodeKey('lease', name);
  const owner = randomUUID();
  const stored = async (tx: ReadTransaction): Promise<LeaseRecord | undefined> => {
    const text = await tx.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as LeaseRecord);
  };
  const write = (until: number, token: bigint) => JSON.stringify({ owner, token: String(token), until } satisfies LeaseRecord);

  const token = await store.write(async (tx) => {
    const held = await stored(tx);
    const now = Date.now();
    if (held && held.until > now) throw new LeaseHeld(`the lease ${name} is held`);
    const next = held ? BigInt(held.token) + 1n : 1n;
    await tx.put(key, write(now + milliseconds, next));
    return next;
  });

  const check = async (tx: ReadTransaction): Promise<void> => {
    if ((await stored(tx))?.owner !== owner) throw new LeaseLost(`the lease ${name} was taken over`);
  };
  const extend = (until: () => number) =>
    store.write(async (tx) => {
      await check(tx);
      await tx.put(key, write(until(), token));
    });

  return {
    token,
    check,
    renew: () => extend(() => Date.now() + milliseconds),
    release: () => extend(() => 0), // the record stays, so that tokens keep growing
  };
}

/** Ends every lease: for a store that one process owns, when it opens, since whoever held them is dead. */
export async function endLeases(store: Store): Promise<void> {
  const held = (await store.read((tx) => tx.range(below(encodeKey('lease'))))).filter(
    ([, value]) => (JSON.parse(value) as LeaseRecord).until > 0,
  );
  if (held.length === 0) return;
  await store.write(async (tx) => {
    for (const [key, value] of held)
      await tx.put(key, JSON.stringify({ ...(JSON.parse(value) as LeaseRecord), owner: '', until: 0 } satisfies LeaseRecord));
  });
}
