/** Bills of what the meter has counted. */

import type { Clock } from '../clock.ts';
import type { DayOfUsage, Meter } from '../meter.ts';
import type { Store } from '../../store/store.ts';
import { aYearLater, dayOf, monthsOf, type Span } from './month.ts';
import { rate, type Charge, type FreeTier } from './rate.ts';
import { billedDays } from './savings-plans-applied.ts';
import { freeTierOf, type FreeTierSetting } from './settings.ts';

export type Means = { readonly store: Store; readonly meter: Meter; readonly clock: Pick<Clock, 'now'> };

/** Whose bill: one account's, or one for all accounts of the cloud together, which share tiers and allowances. */
export type Payer = { account: string } | 'all';

/**
 * The charges of the days of a span, oldest first. Whole days: the day in which `from` lies is there, that of `to` only where `to` is not its
 * midnight. What was used earlier in the month is counted, so that tiers are where they are.
 */
export async function* charges(means: Means, payer: Payer, { from, to }: Span): AsyncGenerator<Charge> {
  const { accounts, free } = await payersOf(means, payer);
  const first = dayOf(from);
  for (const month of monthsOf({ from, to })) {
    const days: DayOfUsage[][] = [];
    for (const { account } of accounts)
      days.push(await billedDays(means, account, { from: month.from, to: Math.min(month.to, to) }, means.clock.now()));
    // Each account's records are in the order of their days already.
    const records = days.length === 1 ? days[0]! : days.flat().sort((a, b) => a.day - b.day);
    for (const charge of rate(records, month, free)) if (charge.day >= first) yield charge;
  }
}

/** The accounts of a bill that have used anything, and which free allowances they have together. */
export async function payersOf({ store, meter }: Means, payer: Payer) {
  const setting = await store.read((tx) => freeTierOf(tx));
  const all = await meter.accounts();
  const accounts = payer === 'all' ? all : all.filter(({ account }) => account === payer.account);
  return { accounts, free: freeTierFor(setting, accounts) };
}

/** The first year of a bill for several accounts is that of the first of them. */
function freeTierFor(setting: FreeTierSetting, accounts: readonly { since: number }[]): FreeTier {
  if (setting === 'none') return { always: false };
  if (setting === 'always' || accounts.length === 0) return { always: true };
  return { always: true, firstYearUntil: aYearLater(Math.min(...accounts.map(({ since }) => since))) };
}
