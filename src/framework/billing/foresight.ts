/**
 * What the rest of a span will cost if use goes on as in the last week: each kind of use goes on at its daily mean, and is rated with what was
 * used before, so that tiers and allowances that will be reached are. AWS's forecast is a model of its own; this one can be explained.
 */

import { kindOf, type DayOfUsage } from '../meter.ts';
import { payersOf, type Means, type Payer } from './bill.ts';
import { dayMilliseconds, dayOf, monthsOf, type Span } from './month.ts';
import { rate, type Charge } from './rate.ts';
import { billedDays } from './savings-plans-applied.ts';

const daysLookedAt = 7;

/**
 * The days before today, at most a week of them. The day of the first use, most of which may have been before it, counts only where there is
 * no other.
 */
export function historyOf(now: number, since: number): Span {
  const today = dayOf(now);
  const first = dayOf(since);
  const whole = first + dayMilliseconds < today ? first + dayMilliseconds : first;
  return { from: Math.max(today - daysLookedAt * dayMilliseconds, whole), to: today };
}

/**
 * The charges of the days of a span from today on: what today has been charged already, and what is to be expected. Nothing where there is no
 * whole day of use to learn from.
 */
export async function* foreseen(means: Means, payer: Payer, now: number, { from, to }: Span): AsyncGenerator<Charge> {
  const { accounts, free } = await payersOf(means, payer);
  const today = dayOf(now);
  const history: DayOfUsage[] = [];
  const days = Math.max(0, ...accounts.map(({ since }) => daysIn(historyOf(now, since))));
  if (days === 0) return;
  for (const { account, since } of accounts) {
    const span = historyOf(now, since);
    history.push(...(await billedDays(means, account, span, now)));
  }
  const typical = typicalDay(history, days);
  for (const month of monthsOf({ from: Math.min(from, today), to })) {
    const known: DayOfUsage[] = [];
    const past = { from: month.from, to: Math.min(month.to, today + dayMilliseconds) };
    for (const { account } of accounts) known.push(...(await billedDays(means, account, past, now)));
    const first = Math.max(month.from, today);
    const expected = expectedDays(typical, known, today, { from: first, to: Math.min(month.to, to) });
    const records = [...known, ...expected].sort((a, b) => a.day - b.day);
    for (const charge of rate(records, month, free)) if (charge.day >= Math.max(dayOf(from), today) && charge.day < to) yield charge;
  }
}

const daysIn = ({ from, to }: Span): number => Math.max(0, (to - from) / dayMilliseconds);

/** The mean of each kind of use over so many days. */
function typicalDay(history: readonly DayOfUsage[], days: number): Map<string, DayOfUsage> {
  const typical = new Map<string, DayOfUsage>();
  for (const row of history) {
    // What is bought once is not bought every day.
    if (row.operation.startsWith('Purchase')) continue;
    const key = kindOf(row);
    const seen = typical.get(key);
    if (seen) seen.quantity += row.quantity / days;
    else typical.set(key, { ...row, quantity: row.quantity / days });
  }
  return typical;
}

/** Today only what is still missing of a typical day. */
function* expectedDays(
  typical: ReadonlyMap<string, DayOfUsage>,
  known: readonly DayOfUsage[],
  today: number,
  { from, to }: Span,
): Generator<DayOfUsage> {
  const sofar = new Map(known.filter(({ day }) => day === today).map((row) => [kindOf(row), row.quantity]));
  for (let day = from; day < to; day += dayMilliseconds)
    for (const [key, row] of typical) {
      const quantity = row.quantity - (day === today ? (sofar.get(key) ?? 0) : 0);
      if (quantity > 0) yield { ...row, day, quantity };
    }
}
