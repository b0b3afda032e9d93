/** A savings plan as its state goes by the time, and how it is shown. */

import { dollarText, picodollars } from '../../../framework/billing/decimal.ts';
import { monthOf } from '../../../framework/billing/month.ts';
import { planArn, savingsPlans, secondsPerYear, type SavingsPlan } from '../../../framework/billing/savings-plans.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { planNotFound } from '../errors.ts';
import { returnMilliseconds } from '../limits.ts';
import { descriptionOf, productTypesOf } from '../offerings/offering.ts';

export type PlanState = 'queued' | 'queued-deleted' | 'active' | 'retired' | 'returned';

export const endOf = ({ start, years }: SavingsPlan): number => start + years * secondsPerYear * 1000;

export function stateOf(plan: SavingsPlan, now: number): PlanState {
  if (plan.unqueued) return 'queued-deleted';
  if (plan.returned !== undefined) return 'returned';
  if (plan.start > now) return 'queued';
  return endOf(plan) <= now ? 'retired' : 'active';
}

/** Seven days, but not beyond the end of the month in which it was bought. */
export const returnableUntil = ({ start }: SavingsPlan): number => Math.min(start + returnMilliseconds, monthOf(start).to) - 1000;

export async function requirePlan(tx: ReadTransaction, account: string, id: string): Promise<SavingsPlan> {
  const found = await savingsPlans.get(tx, account, id);
  if (!found) throw planNotFound(id);
  return found;
}

const seconds = (moment: number): string => `${new Date(moment).toISOString().slice(0, 19)}.000Z`;
const amount = (dollars: string): string => dollarText(picodollars(dollars), 8);

export function shownPlan(plan: SavingsPlan, now: number) {
  const state = stateOf(plan, now);
  return {
    ...{ offeringId: plan.offering, savingsPlanId: plan.id, savingsPlanArn: planArn(plan), description: descriptionOf(plan) },
    ...{ start: seconds(plan.start), end: seconds(endOf(plan)), state, savingsPlanType: plan.type, paymentOption: plan.payment },
    ...(plan.region !== undefined && { region: plan.region, ec2InstanceFamily: plan.family }),
    ...{ productTypes: [...productTypesOf(plan)], currency: 'USD' as const, commitment: amount(plan.commitment) },
    ...{ upfrontPaymentAmount: amount(plan.upfront), recurringPaymentAmount: amount(plan.recurring) },
    ...{ termDurationInSeconds: plan.years * secondsPerYear },
    tags: Object.fromEntries(plan.tags.map(({ Key, Value }) => [Key, Value])),
    ...(state === 'active' && { returnableUntil: seconds(returnableUntil(plan)) }),
  };
}
