/** How many of each kind an account has, kept beside them in the same transaction, so that quotas cost no scan. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { quotaExceeded } from '../errors.ts';
import { accounts, type CountedKind } from '../tables.ts';
import { loadAccount } from './account.ts';

/** Counts up or down; throws LimitExceeded where a quota (named as AWS names it) would be passed. */
export async function changeCount(
  tx: WriteTransaction,
  request: ServiceRequest,
  kind: CountedKind,
  by: number,
  quota = Infinity,
  quotaName = '',
): Promise<void> {
  const account = await loadAccount(tx, request);
  const count = (account.counts[kind] ?? 0) + by;
  if (by > 0 && count > quota) throw quotaExceeded(quotaName, quota);
  await accounts.put(tx, { ...account, counts: { ...account.counts, [kind]: Math.max(count, 0) } });
}
