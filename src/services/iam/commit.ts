/** Writing to IAM's tables, so that what was decided before is forgotten at once; and when it was forgotten. */

import type { ServiceRequest } from '../../framework/request.ts';
import type { Store, WriteTransaction } from '../../store/store.ts';

/** Counts the changes of one account's identities. What was computed under an older count is stale. */
export type Epoch = { value: number };

const epochs = new WeakMap<Store, Map<string, Epoch>>();

/** The count of one account in this process; the same object every time. */
export function identityEpoch(store: Store, account: string): Epoch {
  let known = epochs.get(store);
  if (!known) epochs.set(store, (known = new Map()));
  let epoch = known.get(account);
  if (!epoch) known.set(account, (epoch = { value: 0 }));
  return epoch;
}

/** Makes the next decision of every account look again. */
export function forgetAllIdentities(store: Store): void {
  for (const epoch of epochs.get(store)?.values() ?? []) epoch.value++;
}

/** Runs a write and, whatever comes of it, makes the next decision of this account look again. */
export async function commit<T>(request: ServiceRequest, run: (tx: WriteTransaction) => Promise<T>): Promise<T> {
  try {
    return await request.store.write(run);
  } finally {
    identityEpoch(request.store, request.account).value++;
  }
}
