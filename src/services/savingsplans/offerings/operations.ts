/** DescribeSavingsPlansOfferings and DescribeSavingsPlansOfferingRates: https://docs.aws.amazon.com/savingsplans/latest/APIReference/API_DescribeSavingsPlansOfferings.html */

import { secondsPerYear } from '../../../framework/billing/savings-plans.ts';
import { among, passes, wantedRegions } from '../filters.ts';
import { pageOf } from '../pages.ts';
import { propertyValues, rateShown, ratesOf, type Rate } from '../plans/rates.ts';
import type { Operation } from '../sdk.ts';
import { billedUsageType, descriptionOf, offerings, productTypesOf, propertiesOf, type Offering } from './offering.ts';

export const DescribeSavingsPlansOfferings: Operation<'DescribeSavingsPlansOfferings'> = async (_request, input) => {
  const fitting = offerings().filter(
    (one) =>
      among(input.offeringIds, one.id) &&
      among(input.paymentOptions, one.payment) &&
      among(input.planTypes, one.type) &&
      among(input.durations, one.years * secondsPerYear) &&
      among(input.currencies, 'USD') &&
      among(input.descriptions, descriptionOf(one)) &&
      among(input.serviceCodes, 'ComputeSavingsPlans') &&
      among(input.usageTypes, billedUsageType(one)) &&
      among(input.operations, '') &&
      among(input.productType && [input.productType], ...productTypesOf(one)) &&
      passes(input.filters, { region: one.region, instanceFamily: one.family }),
  );
  const { page, ...next } = pageOf(fitting, input);
  return {
    searchResults: page.map((one) => ({
      ...parentOf(one),
      ...{ productTypes: [...productTypesOf(one)], description: descriptionOf(one), properties: propertiesOf(one) },
      ...{ serviceCode: 'ComputeSavingsPlans', usageType: billedUsageType(one), operation: '' },
    })),
    ...next,
  };
};

const parentOf = (one: Offering) => ({
  ...{ offeringId: one.id, paymentOption: one.payment, planType: one.type },
  ...{ durationSeconds: one.years * secondsPerYear, currency: 'USD' as const },
});

/** As many offerings have rates as are asked for: those of all together would be a million. */
export const DescribeSavingsPlansOfferingRates: Operation<'DescribeSavingsPlansOfferingRates'> = async (_request, input) => {
  const found: { one: Offering; rate: Rate }[] = [];
  for (const one of offerings()) {
    const isAsked =
      among(input.savingsPlanOfferingIds, one.id) &&
      among(input.savingsPlanPaymentOptions, one.payment) &&
      among(input.savingsPlanTypes, one.type) &&
      among(input.products, 'EC2') &&
      among(input.serviceCodes, 'AmazonEC2');
    if (!isAsked) continue;
    for (const rate of ratesOf(one, wantedRegions(input.filters)))
      if (among(input.usageTypes, rate.usageType) && among(input.operations, 'RunInstances') && passes(input.filters, propertyValues(rate)))
        found.push({ one, rate });
  }
  const { page, ...next } = pageOf(found, input);
  return {
    searchResults: page.map(({ one, rate }) => ({
      savingsPlanOffering: { ...parentOf(one), planDescription: descriptionOf(one) },
      ...rateShown(rate),
    })),
    ...next,
  };
};
