/**
 * What instances cost that are bought otherwise than on demand, as facts and as shares of the on-demand price (Linux, us-east-1).
 * https://aws.amazon.com/ec2/pricing/dedicated-instances/, https://aws.amazon.com/ec2/dedicated-hosts/pricing/ and
 * https://aws.amazon.com/ec2/pricing/reserved-instances/pricing/
 */

import { instanceTypes } from '../instance-types/instance-type.ts';

/** A dedicated instance costs a sixteenth more than a shared one of its type. */
const dedicatedShare = 1.0625;
/** A dedicated host costs a tenth more than the largest instance of its family. */
const hostShare = 1.1;

const onDemand = (type: string): number => instanceTypes.get(type)?.dollarsPerHour ?? 0;

/** Dollars an hour, as decimal text. */
export const dedicatedDollars = (type: string): string => (onDemand(type) * dedicatedShare).toFixed(4);

/** Dollars an hour, as decimal text. */
export function hostDollars(family: string): string {
  const prices = [...instanceTypes.values()].filter((type) => type.family.name === family).map((type) => type.dollarsPerHour);
  return (Math.max(0, ...prices) * hostShare).toFixed(3);
}

export type OfferingTerms = {
  offeringClass: 'standard' | 'convertible';
  years: 1 | 3;
  payment: 'No Upfront' | 'Partial Upfront' | 'All Upfront';
};

/** What a reserved hour costs as a share of an hour on demand, of the general-purpose types: no, partial and all upfront. */
const reservedShares: Readonly<Record<`${OfferingTerms['offeringClass']} ${1 | 3}`, readonly [number, number, number]>> = {
  'standard 1': [0.63, 0.6, 0.59],
  'standard 3': [0.43, 0.4, 0.38],
  'convertible 1': [0.72, 0.69, 0.67],
  'convertible 3': [0.5, 0.46, 0.45],
};
const hoursPerYear = 8760;

/** Dollars: what is paid at once, and for each hour of the term. Half of a partial payment is made at once. */
export function reservedPrice(type: string, tenancy: 'default' | 'dedicated', terms: OfferingTerms): { fixed: number; hourly: number } {
  const { offeringClass, years, payment } = terms;
  const [none, partial, all] = reservedShares[`${offeringClass} ${years}`];
  const hour = onDemand(type) * (tenancy === 'dedicated' ? dedicatedShare : 1);
  const hours = years * hoursPerYear;
  if (payment === 'No Upfront') return { fixed: 0, hourly: rounded(hour * none) };
  if (payment === 'All Upfront') return { fixed: Math.round(hour * all * hours), hourly: 0 };
  return { fixed: Math.round((hour * partial * hours) / 2), hourly: rounded((hour * partial) / 2) };
}

const rounded = (dollars: number): number => Math.round(dollars * 100_000) / 100_000;
