/**
 * What savings plans do to a bill: each hour's commitment pays for what was used in that hour and no reservation has paid, plans for a family
 * before those for all compute, and within a plan what it makes cheapest by share first, then what has the lowest rate:
 * https://docs.aws.amazon.com/savingsplans/latest/userguide/sp-applying.html
 */

import { kindOf, type DayOfUsage, type Meter, type UsageRecord } from '../meter.ts';
import type { Store } from '../../store/store.ts';
import { micros, microsPerUnit, picodollars } from './decimal.ts';
import { dayMilliseconds, dayOf, hourMilliseconds, type Span } from './month.ts';
import { pricedBy } from './price-list.ts';
import { tiersOf } from './rate.ts';
import { isOnBills, planArn, planRate, savingsPlans, termOf, usageTypeOf, type SavingsPlan } from './savings-plans.ts';

/** Use that was paid by a plan. */
export type Covered = {
  plan: string;
  record: UsageRecord;
  /** Millionths of a second. */
  quantity: bigint;
  /** Picodollars of the commitment, and what it would have cost on demand. */
  paid: bigint;
  onDemand: bigint;
};

const microsPerHour = 3600n * microsPerUnit;

export type Eligible = {
  record: UsageRecord;
  family: string;
  /** Picodollars an hour on demand. */
  rate: bigint;
  left: bigint;
};

/** Picodollars for so many millionths of a second, at so many an hour. */
export const costOf = (quantity: bigint, rate: bigint): bigint => (quantity * rate) / microsPerHour;

/** What plans may pay for: instances that run on demand, and reserved capacity that stands empty. */
export function eligibleUse(record: UsageRecord): Eligible | undefined {
  const family = record.service === 'ec2' ? /^(?:BoxUsage|UnusedBox|DedicatedUsage):([^.]+)\./.exec(record.usageType)?.[1] : undefined;
  // At the rate of nothing are the hours that a reservation has paid.
  if (family === undefined || record.unit !== 'Seconds' || record.rate === '0') return undefined;
  const priced = pricedBy(record);
  const [dollars] = priced ? tiersOf(priced.price, record.region)[0]! : ['0'];
  const rate = picodollars(dollars);
  return rate === 0n ? undefined : { record, family, rate, left: micros(record.quantity) };
}

const fits = ({ type, region, family }: SavingsPlan, use: Eligible): boolean =>
  type === 'Compute' || (region === use.record.region && family === use.family);

/** In the order of their hours. Pure. `rateOf` gives the rate of a plan for so many picodollars an hour on demand. */
export function applyPlans(
  plans: readonly SavingsPlan[],
  records: readonly UsageRecord[],
  rateOf: (plan: SavingsPlan, use: Eligible) => bigint = (plan, use) => planRate(plan, use.rate),
): Covered[] {
  const ordered = plans.toSorted((a, b) => Number(a.type === 'Compute') - Number(b.type === 'Compute') || a.start - b.start);
  const covered: Covered[] = [];
  for (const [hour, all] of Map.groupBy(records, (record) => record.hour)) {
    const uses = all.map(eligibleUse).filter((use) => use !== undefined);
    for (const plan of ordered) {
      const term = termOf(plan);
      if (hour >= term.from && hour < term.to) covered.push(...applyOne(plan, uses, (use) => rateOf(plan, use)));
    }
  }
  return covered;
}

function* applyOne(plan: SavingsPlan, uses: readonly Eligible[], rateOf: (use: Eligible) => bigint): Generator<Covered> {
  // In picodollars times millionths of a second, so that nothing is rounded before it is paid.
  let left = picodollars(plan.commitment) * microsPerHour;
  const fitting = uses.filter((use) => use.left > 0n && fits(plan, use)).map((use) => ({ use, rate: rateOf(use) }));
  // a costs the smaller share of its price: a.rate / a.use.rate < b.rate / b.use.rate.
  const byShare = (a: (typeof fitting)[number], b: (typeof fitting)[number]): number =>
    Number(a.rate * b.use.rate - b.rate * a.use.rate) || Number(a.rate - b.rate);
  for (const { use, rate } of fitting.toSorted(byShare)) {
    const most = left / rate;
    const quantity = most < use.left ? most : use.left;
    if (quantity === 0n) continue;
    use.left -= quantity;
    left -= quantity * rate;
    yield { plan: plan.id, record: use.record, quantity, paid: costOf(quantity, rate), onDemand: costOf(quantity, use.rate) };
  }
}

type Means = { readonly store: Store; readonly meter: Meter };

/** The plans of an account that are on its bills. */
export async function plansOf(store: Store, account: string): Promise<SavingsPlan[]> {
  const rows = await store.read((tx) => savingsPlans.scan(tx, [account]));
  return rows.map(({ row }) => row).filter(isOnBills);
}

/** What plans have paid for in the hours of a span. */
export async function coveredIn({ meter }: Means, plans: readonly SavingsPlan[], account: string, { from, to }: Span): Promise<Covered[]> {
  const first = Math.max(from, Math.min(...plans.map((plan) => termOf(plan).from)));
  return plans.length === 0 || first >= to ? [] : applyPlans(plans, await meter.query(account, first, to));
}

/** How much of a plan's term lies in a span, up to now: milliseconds. */
export function heldIn(plan: SavingsPlan, span: Span, now: number): number {
  const term = termOf(plan);
  return plan.start > now ? 0 : Math.max(0, Math.min(term.to, span.to, now) - Math.max(term.from, span.from));
}

/** The days of an account as its bill has them: what plans have paid for costs nothing more, and the plans themselves cost. */
export async function billedDays(means: Means, account: string, span: Span, now: number): Promise<DayOfUsage[]> {
  const days = await means.meter.days(account, span.from, span.to);
  const plans = await plansOf(means.store, account);
  if (plans.length === 0) return days;
  const paid = new Map<string, bigint>();
  for (const { record, quantity } of await coveredIn(means, plans, account, span)) {
    const key = `${dayOf(record.hour)}\n${kindOf(record)}`;
    paid.set(key, (paid.get(key) ?? 0n) + quantity);
  }
  const split = days.flatMap((day): DayOfUsage[] => {
    const covered = Number(paid.get(`${day.day}\n${kindOf(day)}`) ?? 0n) / Number(microsPerUnit);
    return covered === 0
      ? [day]
      : [
          { ...day, quantity: covered, rate: '0' },
          { ...day, quantity: Math.max(0, day.quantity - covered) },
        ];
  });
  return [...split, ...plans.flatMap((plan) => feesOf(plan, span, now))].sort((a, b) => a.day - b.day);
}

function feesOf(plan: SavingsPlan, span: Span, now: number): DayOfUsage[] {
  const { account, region = 'us-east-1', upfront, recurring, start } = plan;
  const use = { account, region, service: 'savingsplans', usageType: usageTypeOf(plan), resource: planArn(plan) };
  const fees: DayOfUsage[] = [];
  for (let day = dayOf(span.from); day < span.to; day += dayMilliseconds) {
    const held = heldIn(plan, { from: day, to: Math.min(day + dayMilliseconds, span.to) }, now);
    const hours = {
      ...use,
      day,
      operation: 'SavingsPlan',
      unit: 'Seconds',
      quantity: (held / hourMilliseconds) * 3600,
      rate: recurring,
    } as const;
    if (held > 0 && Number(recurring) > 0) fees.push(hours);
    if (day === dayOf(start) && start <= now && Number(upfront) > 0)
      fees.push({ ...use, day, operation: 'PurchaseSavingsPlan', unit: 'Count', quantity: 1, rate: upfront });
  }
  return fees;
}
