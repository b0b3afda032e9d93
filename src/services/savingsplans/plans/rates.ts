/** What instances cost by the hour under a plan. */

import { instancePrices } from '../../../framework/billing/products/instances.ts';
import { prefixed } from '../../../framework/billing/region-prefixes.ts';
import { planRateText, type PlanTerms } from '../../../framework/billing/savings-plans.ts';
import { regions } from '../../../framework/regions.ts';

export type Rate = {
  rate: string;
  usageType: string;
  properties: { name: 'region' | 'instanceType' | 'instanceFamily' | 'productDescription' | 'tenancy'; value: string }[];
};

/** Of Linux with shared tenancy, in the plan's region, or in those that are asked for, or in all. */
export function* ratesOf(terms: PlanTerms, wanted?: readonly string[]): Generator<Rate> {
  const all = terms.region === undefined ? regions.map(({ name }) => name) : [terms.region];
  for (const region of all.filter((name) => wanted?.includes(name) ?? true))
    for (const [type, { dollars, elsewhere }] of instancePrices) {
      const family = type.split('.')[0]!;
      if (terms.family !== undefined && terms.family !== family) continue;
      yield {
        rate: planRateText(terms, (Object.hasOwn(elsewhere, region) && elsewhere[region]) || dollars),
        usageType: prefixed(`BoxUsage:${type}`, region, undefined),
        properties: [
          { name: 'region', value: region },
          { name: 'instanceType', value: type },
          { name: 'instanceFamily', value: family },
          { name: 'productDescription', value: 'Linux/UNIX' },
          { name: 'tenancy', value: 'shared' },
        ],
      };
    }
}

export const propertyValues = ({ properties }: Rate): Record<string, string> =>
  Object.fromEntries(properties.map(({ name, value }) => [name, value]));

const use = { productType: 'EC2', serviceCode: 'AmazonEC2', operation: 'RunInstances' } as const;

/** By what the rates of one plan can be filtered. */
export const filterValues = (rate: Rate): Record<string, string> => ({ ...propertyValues(rate), ...use, usageType: rate.usageType });

export const rateShown = (rate: Rate) => ({ ...rate, ...use, unit: 'Hrs' as const });
