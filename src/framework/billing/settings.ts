/** How the owner wants bills to be made: which free allowances there are. */

import type { ReadTransaction, WriteTransaction } from '../../store/store.ts';
import { table } from '../../store/table.ts';

/**
 * `first-year`: those of an account's first twelve months, and those that are for always. `always`: the latter alone, which is what accounts
 * have that AWS opened after 15 July 2025, beside credits. `none`: every use is paid for.
 */
export const freeTiers = ['first-year', 'always', 'none'] as const;
export type FreeTierSetting = (typeof freeTiers)[number];

type BillingSettings = { id: 'free-tier'; freeTier: FreeTierSetting };

export const billingSettings = table<BillingSettings>('framework/billing-settings', { key: ({ id }) => [id] });

export async function freeTierOf(tx: ReadTransaction): Promise<FreeTierSetting> {
  return (await billingSettings.peek(tx, 'free-tier'))?.freeTier ?? 'first-year';
}

export async function setFreeTier(tx: WriteTransaction, freeTier: FreeTierSetting): Promise<void> {
  await billingSettings.put(tx, { id: 'free-tier', freeTier });
}
