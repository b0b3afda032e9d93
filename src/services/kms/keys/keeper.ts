/** Keys on the clock: deletes those whose wait is over, and rotates those that are due. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { dayMilliseconds } from '../limits.ts';
import { forgetMaterial, newMaterial } from '../materials/material.ts';
import { aliases, grants, keyPolicies, keys, materials, type Key, type Material } from '../tables.ts';

const keysPerPage = 50;
const grantsPerPage = 200;

export const keeper: Reconciler = {
  name: 'kms/keys',
  watches: [keys],
  run: async (context) => {
    for (;;) {
      const due = await context.store.read((tx) => keys.scanIndex(tx, 'due', [], { limit: keysPerPage }));
      for (const { row } of due) {
        const at = dueAt(row);
        if (at > context.now) return { nextAt: at };
        context.signal.throwIfAborted();
        await (row.deletion === undefined ? rotate(context, row) : erase(context, row));
      }
      if (due.length < keysPerPage) return undefined;
    }
  },
};

const dueAt = (key: Key): number => key.deletion ?? key.rotation!.nextAt;

/** Grants first, a page at a time: the key goes last, so a crash between leaves it due. */
async function erase({ store }: ReconcilerContext, { account, region, id }: Key): Promise<void> {
  for (let more = true; more;)
    more = await store.write(async (tx) => {
      const page = await grants.scan(tx, [account, region, id], { limit: grantsPerPage });
      for (const { row } of page) await grants.delete(tx, account, region, id, row.id);
      return page.length === grantsPerPage;
    });
  const erased = await store.write(async (tx) => {
    const key = await keys.get(tx, account, region, id);
    // Cancelled since it was found due.
    if (key?.deletion === undefined) return [];
    for (const { row } of await aliases.scanIndex(tx, 'key', [account, region, id])) await aliases.delete(tx, account, region, row.name);
    const versions = await materials.scan(tx, [id]);
    for (const { row } of versions) await materials.delete(tx, id, row.version);
    await keyPolicies.delete(tx, account, region, id);
    await keys.delete(tx, account, region, id);
    return versions.map(({ row }) => row.id);
  });
  erased.forEach(forgetMaterial);
}

/** One missed period at a time, each dated when it was due: the clock may have been advanced by years. */
async function rotate(context: ReconcilerContext, seen: Key): Promise<void> {
  const { store, now } = context;
  const created = seen.rotation!.nextAt;
  const material = await newMaterial(context, seen, { version: seen.version + 1, created, rotation: 'AUTOMATIC' });
  await store.write(async (tx) => {
    const key = await keys.get(tx, seen.account, seen.region, seen.id);
    if (key?.rotation === undefined || key.deletion !== undefined || key.rotation.nextAt > now || key.version !== seen.version) return;
    const { days } = key.rotation;
    await useMaterial(tx, { ...key, rotation: { days, nextAt: created + days * dayMilliseconds } }, material);
  });
}

/** New material encrypts from now on; the older versions stay for what they have encrypted. */
export async function useMaterial(tx: WriteTransaction, key: Key, material: Material): Promise<void> {
  await materials.put(tx, material);
  await keys.put(tx, { ...key, version: material.version, material: material.id });
}
