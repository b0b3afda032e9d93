/** Savings plans: what was bought, and what an hour of an instance costs under one. https://docs.aws.amazon.com/savingsplans/latest/userguide/what-is-savings-plans.html */

import type { Tag } from '../tags.ts';
import { table } from '../../store/table.ts';
import { picodollars, shortText } from './decimal.ts';
import { hourMilliseconds, hourOf, type Span } from './month.ts';

export const paymentOptions = ['No Upfront', 'Partial Upfront', 'All Upfront'] as const;
export type PaymentOption = (typeof paymentOptions)[number];

export type PlanTerms = {
  type: 'Compute' | 'EC2Instance';
  years: 1 | 3;
  payment: PaymentOption;
  /** Of an EC2Instance plan. */
  region?: string;
  family?: string;
};

export type SavingsPlan = PlanTerms & {
  account: string;
  id: string;
  offering: string;
  /** Dollars an hour, as decimal text, like all amounts here. */
  commitment: string;
  /** Paid at once, and for each hour of the term. */
  upfront: string;
  recurring: string;
  bought: number;
  /** Milliseconds since the epoch; later than `bought` where the purchase waits in the queue. */
  start: number;
  /** It was taken out of the queue, or given back: it is on no bill. */
  unqueued?: true;
  returned?: number;
  token?: string;
  tags: Tag[];
};

export const savingsPlans = table<SavingsPlan>('framework/savings-plans', { key: (row) => [row.account, row.id] });

export const secondsPerYear = 31_536_000;

/** The hours for which a plan is paid: they begin with the one in which it starts. */
export function termOf({ start, years }: Pick<SavingsPlan, 'start' | 'years'>): Span {
  return { from: hourOf(start), to: hourOf(start) + years * secondsPerYear * 1000 };
}

export const hoursOfTerm = (years: number): number => (years * secondsPerYear * 1000) / hourMilliseconds;

export const isOnBills = ({ unqueued, returned }: SavingsPlan): boolean => !unqueued && returned === undefined;

/**
 * Thousandths of the on-demand price, for no, partial and all upfront: of the general-purpose types, and taken for all. Plans for a family
 * cost what standard reserved instances do, those for all compute what convertible ones do: https://aws.amazon.com/savingsplans/compute-pricing/
 */
const shares: Readonly<Record<`${PlanTerms['type']} ${1 | 3}`, readonly [bigint, bigint, bigint]>> = {
  'Compute 1': [720n, 690n, 670n],
  'Compute 3': [500n, 460n, 450n],
  'EC2Instance 1': [630n, 600n, 590n],
  'EC2Instance 3': [430n, 400n, 380n],
};

/** Picodollars an hour under a plan, of so many on demand. */
export function planRate({ type, years, payment }: PlanTerms, onDemand: bigint): bigint {
  return (onDemand * shares[`${type} ${years}`][paymentOptions.indexOf(payment)]!) / 1000n;
}

/** The same as decimal text. */
export const planRateText = (terms: PlanTerms, dollars: string): string => shortText(planRate(terms, picodollars(dollars)));

/** `1yrNoUpfront`, as usage types end. */
const termText = ({ years, payment }: PlanTerms): string => `${years}yr${payment.replace(' ', '')}`;

export function usageTypeOf(terms: PlanTerms): string {
  return terms.type === 'Compute' ? `ComputeSP:${termText(terms)}` : `EC2SP:${terms.family}.${termText(terms)}`;
}

/** It belongs to no region. */
export const planArn = ({ account, id }: Pick<SavingsPlan, 'account' | 'id'>): string =>
  `arn:aws:savingsplans::${account}:savingsplan/${id}`;
