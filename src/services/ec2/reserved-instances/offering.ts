/** Offerings of reserved instances: not records but a function of the region, since all of them follow from types and terms. */

import { createHash } from 'node:crypto';
import type { Random } from '../../../framework/random.ts';
import { zonesOf } from '../../../framework/regions.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import { reservedPrice, type OfferingTerms } from '../prices/prices.ts';

export type Offering = OfferingTerms & {
  id: string;
  type: string;
  /** Where capacity is reserved too; absent where the whole region is meant. */
  zone?: string;
  tenancy: 'default' | 'dedicated';
  /** Dollars for one: at once, and for each hour of the term. */
  fixed: number;
  hourly: number;
};

export const secondsPerYear = 31_536_000;

const classes = ['standard', 'convertible'] as const;
const terms = [1, 3] as const;
const payments = ['No Upfront', 'Partial Upfront', 'All Upfront'] as const;
const tenancies = ['default', 'dedicated'] as const;

export type OfferingWish = {
  [Name in 'type' | 'zone' | 'tenancy' | 'offeringClass' | 'payment']?: string | undefined;
};

const wanted = <Value extends string>(all: readonly Value[], one: string | undefined): readonly Value[] =>
  one === undefined ? all : all.filter((value) => value === one);

/** By type, region first and then zone by zone. */
export function* offeringsOf(region: string, wish: OfferingWish = {}): Generator<Offering> {
  const zones = zonesOf(region).map((zone) => zone.name);
  for (const type of wanted([...instanceTypes.keys()], wish.type))
    for (const zone of wish.zone === undefined ? [undefined, ...zones] : wanted(zones, wish.zone))
      for (const tenancy of wanted(tenancies, wish.tenancy))
        for (const offeringClass of wanted(classes, wish.offeringClass))
          for (const years of terms)
            for (const payment of wanted(payments, wish.payment)) {
              const id = idOf(region, type, zone ?? '', tenancy, offeringClass, years, payment);
              const price = reservedPrice(type, tenancy, { offeringClass, years, payment });
              yield { id, type, tenancy, offeringClass, years, payment, ...price, ...(zone !== undefined && { zone }) };
            }
}

/** The same offering has the same id for ever. */
function idOf(...parts: readonly (string | number)[]): string {
  return dashed(createHash('sha256').update(parts.join('\n')).digest('hex'));
}

const dashed = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');

/** The id of something that is bought or modified. */
export const drawId = (random: Random): string => dashed(random.bytes(16).toString('hex'));

export function findOffering(region: string, id: string): Offering | undefined {
  for (const one of offeringsOf(region)) if (one.id === id) return one;
  return undefined;
}

const whole: Readonly<Record<string, number>> = { nano: 0.25, micro: 0.5, small: 1, medium: 2, large: 4, xlarge: 8 };

/** How much a size weighs: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/apply_ri.html#ri-normalization-factor */
export function weightOf(type: string): number {
  const size = instanceTypes.get(type)?.size ?? '';
  return whole[size] ?? 8 * Number.parseInt(size, 10);
}
