/** How much of what savings plans commit to is used, and how much of the use they pay for: https://docs.aws.amazon.com/savingsplans/latest/userguide/ce-sp-usingPR.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import { fractionText, picodollars, shortText, trimmed } from '../../../framework/billing/decimal.ts';
import { hourMilliseconds, type Span } from '../../../framework/billing/month.ts';
import { hoursOfTerm, type SavingsPlan } from '../../../framework/billing/savings-plans.ts';
import {
  applyPlans,
  costOf,
  coveredIn,
  eligibleUse,
  heldIn,
  plansOf,
  type Covered,
} from '../../../framework/billing/savings-plans-applied.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { dataUnavailable } from '../errors.ts';
import { checkGranularity, readPast, stepsOf } from '../period.ts';
import type { Operation } from '../sdk.ts';

type Asked = { Filter?: unknown; SortBy?: unknown; GroupBy?: readonly unknown[] | undefined; Metrics?: readonly string[] | undefined };

function refuseUnbuilt({ operation }: ServiceRequest, asked: Asked): void {
  if (asked.Filter !== undefined) throw notImplemented(`ce:${operation} with Filter`);
  if (asked.SortBy !== undefined) throw notImplemented(`ce:${operation} with SortBy`);
  if (asked.GroupBy?.length) throw notImplemented(`ce:${operation} with GroupBy`);
}

const sumOf = (all: readonly Covered[], of: 'paid' | 'onDemand'): bigint => all.reduce((sum, one) => sum + one[of], 0n);

function percent(part: bigint, whole: bigint): string {
  return whole === 0n ? '0' : trimmed(fractionText(part * 100n, whole, 4));
}

function utilizationOf(plans: readonly SavingsPlan[], all: readonly Covered[], span: Span, now: number) {
  const total = { commitment: 0n, recurring: 0n, upfront: 0n };
  for (const plan of plans) {
    const share = (dollars: bigint, hours: number): bigint =>
      (dollars * BigInt(Math.round(heldIn(plan, span, now)))) / BigInt(hours * hourMilliseconds);
    total.commitment += share(picodollars(plan.commitment), 1);
    total.recurring += share(picodollars(plan.recurring), 1);
    total.upfront += share(picodollars(plan.upfront), hoursOfTerm(plan.years));
  }
  const within = all.filter(({ record }) => record.hour >= span.from && record.hour < span.to);
  const paid = sumOf(within, 'paid');
  // An hour that has begun may be used more than the clock has yet let it cost.
  const used = paid < total.commitment ? paid : total.commitment;
  const onDemand = sumOf(within, 'onDemand');
  const net = onDemand - total.commitment;
  return {
    Utilization: {
      ...{ TotalCommitment: shortText(total.commitment), UsedCommitment: shortText(used) },
      ...{ UnusedCommitment: shortText(total.commitment - used), UtilizationPercentage: percent(used, total.commitment) },
    },
    Savings: { NetSavings: shortText(net), OnDemandCostEquivalent: shortText(onDemand) },
    AmortizedCommitment: {
      ...{ AmortizedRecurringCommitment: shortText(total.recurring), AmortizedUpfrontCommitment: shortText(total.upfront) },
      TotalAmortizedCommitment: shortText(total.recurring + total.upfront),
    },
  };
}

export const GetSavingsPlansUtilization: Operation<'GetSavingsPlansUtilization'> = async (request, input) => {
  refuseUnbuilt(request, input);
  if (input.Granularity !== undefined) checkGranularity(input.Granularity);
  const { account, now } = request;
  const span = readPast(input.TimePeriod, now);
  const plans = (await plansOf(request.store, account)).filter((plan) => heldIn(plan, span, now) > 0);
  if (plans.length === 0) throw dataUnavailable('There is no savings plan in the time that is asked for.');
  const all = await coveredIn(request, plans, account, span);
  const steps = input.Granularity === undefined ? [] : stepsOf(span, input.Granularity);
  return {
    SavingsPlansUtilizationsByTime: steps.map((step) => ({ TimePeriod: step.interval, ...utilizationOf(plans, all, step, now) })),
    Total: utilizationOf(plans, all, span, now),
  };
};

export const GetSavingsPlansCoverage: Operation<'GetSavingsPlansCoverage'> = async (request, input) => {
  refuseUnbuilt(request, input);
  if (input.Metrics?.some((metric) => metric !== 'SpendCoveredBySavingsPlans'))
    throw notImplemented('ce:GetSavingsPlansCoverage with other Metrics');
  if (input.NextToken !== undefined) throw notImplemented('ce:GetSavingsPlansCoverage with NextToken');
  if (input.Granularity !== undefined) checkGranularity(input.Granularity);
  const { account, now } = request;
  const span = readPast(input.TimePeriod, now);
  const records = await request.meter.query(account, span.from, span.to);
  const covered = applyPlans(await plansOf(request.store, account), records);
  const eligible = records.flatMap((record) => {
    const use = eligibleUse(record);
    return use ? [{ hour: record.hour, cost: costOf(use.left, use.rate) }] : [];
  });
  return {
    SavingsPlansCoverages: stepsOf(span, input.Granularity ?? 'MONTHLY').map(({ from, to, interval }) => {
      const isWithin = (hour: number): boolean => hour >= from && hour < to;
      const total = eligible.reduce((sum, { hour, cost }) => (isWithin(hour) ? sum + cost : sum), 0n);
      const paid = sumOf(
        covered.filter(({ record }) => isWithin(record.hour)),
        'onDemand',
      );
      const Coverage = {
        ...{ SpendCoveredBySavingsPlans: shortText(paid), OnDemandCost: shortText(total - paid), TotalCost: shortText(total) },
        CoveragePercentage: percent(paid, total),
      };
      return { TimePeriod: interval, Attributes: {}, Coverage };
    }),
  };
};
