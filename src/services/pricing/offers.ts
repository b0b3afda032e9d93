/**
 * What is sold where, as the price list of AWS says it: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-files.html
 * Only regions whose own figures are known are listed.
 */

import { createHash } from 'node:crypto';
import { dollarText, picodollars } from '../../framework/billing/decimal.ts';
import type { Price, Product } from '../../framework/billing/price.ts';
import { products } from '../../framework/billing/price-list.ts';
import { transfer, transferPrices } from '../../framework/billing/products/transfer.ts';
import { isKnownIn, tiersOf } from '../../framework/billing/rate.ts';
import { regionNames } from '../../framework/billing/region-names.ts';
import { prefixed } from '../../framework/billing/region-prefixes.ts';
import { regions } from '../../framework/regions.ts';

/** AWS's code for terms on demand, and for the only price dimension of a tier that there is. */
const onDemandTerm = 'JRTCKXETXF';
const hourlyRate = '6YS6EN2CT7';
/** When the figures were last read over. */
const published = '2026-11-28T00:00:00Z';

export type Offer = {
  sku: string;
  product: Product;
  price: Price;
  region: string;
  attributes: Readonly<Record<string, string>>;
};

const isTransfer = new Set<Price>(transferPrices);

/** Bytes on the move are sold as a product of their own, whoever bills them. */
const sold: readonly Product[] = [
  ...products.map((product) => ({ ...product, prices: product.prices.filter((price) => !isTransfer.has(price)) })),
  transfer,
];

export const serviceCodes: readonly string[] = [...new Set(sold.map(({ code }) => code))].sort();

const known = new Map<string, readonly Offer[]>();

/** Every offer of a service, in a settled order. */
export function offersOf(code: string): readonly Offer[] {
  let offers = known.get(code);
  if (!offers) known.set(code, (offers = [...made(code)]));
  return offers;
}

function* made(code: string): Generator<Offer> {
  for (const product of sold) {
    if (product.code !== code) continue;
    for (const price of product.prices)
      for (const { name: region } of regions)
        if (isKnownIn(price, region))
          yield { ...{ sku: skuOf(product, price, region), product, price, region }, attributes: attributesOf(product, price, region) };
  }
}

/** Its letters mean nothing, but stay the same. */
function skuOf({ code, name }: Product, { usageType }: Price, region: string): string {
  const digest = createHash('sha256').update(`${code}\n${name}\n${usageType}\n${region}`).digest();
  const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
  return Array.from(digest.subarray(0, 16), (byte) => alphabet[byte % alphabet.length]).join('');
}

function attributesOf({ code, name, prefix, family }: Product, price: Price, region: string): Record<string, string> {
  return {
    ...{ servicecode: code, servicename: name, productFamily: family, usagetype: prefixed(price.usageType, region, prefix) },
    ...{ regionCode: region, location: regionNames[region] ?? region, locationType: 'AWS Region', operation: '' },
    ...price.attributes,
  };
}

/** One entry of a price list, as JSON text. */
export function offerText({ sku, product, price, region, attributes: { productFamily, ...attributes } }: Offer): string {
  const term = `${sku}.${onDemandTerm}`;
  const tiers = tiersOf(price, region);
  const dimensions = tiers.map(([dollars, to], at) => {
    const rateCode = `${term}.${at === 0 ? hourlyRate : `${hourlyRate.slice(0, -1)}${at}`}`;
    const begin = at === 0 ? 0 : tiers[at - 1]![1]!;
    const facts = {
      ...{ unit: price.unit, endRange: to === undefined ? 'Inf' : String(to), beginRange: String(begin) },
      description: `$${dollars} per ${price.unit} - ${price.about}`,
      ...{ appliesTo: [], rateCode, pricePerUnit: { USD: dollarText(picodollars(dollars)) } },
    };
    return [rateCode, facts] as const;
  });
  return JSON.stringify({
    product: { productFamily, attributes, sku },
    serviceCode: product.code,
    terms: {
      OnDemand: {
        [term]: {
          ...{ priceDimensions: Object.fromEntries(dimensions), sku, effectiveDate: published },
          ...{ offerTermCode: onDemandTerm, termAttributes: {} },
        },
      },
    },
    ...{ version: published.replaceAll(/\D/g, ''), publicationDate: published },
  });
}
