/** What a budget's period has used so far, and is expected to. */

import { charges, type Means } from '../../../framework/billing/bill.ts';
import { foreseen } from '../../../framework/billing/foresight.ts';
import { dayOf } from '../../../framework/billing/month.ts';
import type { Charge } from '../../../framework/billing/rate.ts';
import type { Budget } from '../tables.ts';
import { periodAt } from './period.ts';

/** Both in millionths of a millionth of a dollar, or of a unit of use. */
export type Spend = { actual: bigint; /** Absent where there is no whole day to learn from. */ forecast?: bigint };

/** How each filter reads a charge. */
export const filterReaders: Readonly<Record<string, (charge: Charge) => string>> = {
  Service: ({ product }) => product.name,
  Region: ({ region }) => region,
  LinkedAccount: ({ account }) => account,
  UsageType: ({ usageType }) => usageType,
  Operation: ({ operation }) => operation,
};

export async function spendOf(means: Means, budget: Budget, now: number): Promise<Spend> {
  const { account, unit, filters = {}, type } = budget;
  const span = periodAt(unit, now);
  const passes = (charge: Charge): boolean =>
    Object.entries(filters).every(([name, values]) => values.includes(filterReaders[name]!(charge)));
  const of = ({ amount, quantity }: Charge): bigint => (type === 'COST' ? amount : quantity);
  let actual = 0n;
  let before = 0n;
  const today = dayOf(now);
  for await (const charge of charges(means, { account }, { from: span.from, to: Math.min(span.to, now + 1) })) {
    if (!passes(charge)) continue;
    actual += of(charge);
    if (charge.day < today) before += of(charge);
  }
  let ahead: bigint | undefined;
  for await (const charge of foreseen(means, { account }, now, { from: now, to: span.to }))
    ahead = (ahead ?? 0n) + (passes(charge) ? of(charge) : 0n);
  return { actual, ...(ahead !== undefined && { forecast: before + ahead }) };
}
