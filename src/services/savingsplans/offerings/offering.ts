/** Offerings: not records but a function of regions, families and terms, of which all of them follow. */

import { createHash } from 'node:crypto';
import { instancePrices } from '../../../framework/billing/products/instances.ts';
import { paymentOptions, usageTypeOf, type PlanTerms } from '../../../framework/billing/savings-plans.ts';
import { prefixed } from '../../../framework/billing/region-prefixes.ts';
import { regions } from '../../../framework/regions.ts';

export type Offering = PlanTerms & { id: string };

const families = [...new Set([...instancePrices.keys()].map((type) => type.split('.')[0]!))];

function* terms(): Generator<PlanTerms> {
  for (const years of [1, 3] as const)
    for (const payment of paymentOptions) {
      yield { type: 'Compute', years, payment };
      for (const { name: region } of regions) for (const family of families) yield { type: 'EC2Instance', years, payment, region, family };
    }
}

/** The same offering has the same id for ever. */
function idOf({ type, years, payment, region = '', family = '' }: PlanTerms): string {
  const hex = createHash('sha256').update(['savings plan', type, years, payment, region, family].join('\n')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

let made: Offering[] | undefined;

/** All of them, those for all compute first. */
export function offerings(): readonly Offering[] {
  made ??= Array.from(terms(), (one) => ({ ...one, id: idOf(one) })).sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
  return made;
}

export const findOffering = (id: string): Offering | undefined => offerings().find((one) => one.id === id);

export const productTypesOf = ({ type }: PlanTerms) => (type === 'Compute' ? (['Fargate', 'EC2', 'Lambda'] as const) : (['EC2'] as const));

export function descriptionOf({ type, years, payment, family }: PlanTerms): string {
  return `${years} year ${payment} ${type === 'Compute' ? 'Compute' : `${family} EC2 Instance`} Savings Plan`;
}

/** With the region's prefix, as on a bill. */
export const billedUsageType = (plan: PlanTerms): string => prefixed(usageTypeOf(plan), plan.region ?? 'us-east-1', undefined);

export const propertiesOf = ({ region, family }: PlanTerms) =>
  region === undefined
    ? []
    : [
        { name: 'region' as const, value: region },
        { name: 'instanceFamily' as const, value: family! },
      ];
