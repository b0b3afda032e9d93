/** DescribeSpotPriceHistory: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import { zoneNamed, zonesOf } from '../../../framework/regions.ts';
import { invalidParameterValue } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { describedType, instanceTypes } from '../instance-types/instance-type.ts';
import { zoneAsked } from '../regions/zone-asked.ts';
import type { Input, Operation } from '../sdk.ts';
import type { Pool } from './market.ts';
import { poolFacts, priceChanges, priceText } from './pools.ts';

const historyMilliseconds = 90 * 86_400_000;
const pageMax = 1000;
/** What runs here is Linux; of other systems there are no prices. */
const products = ['Linux/UNIX', 'Linux/UNIX (Amazon VPC)'];

type HistoryInput = Input<'DescribeSpotPriceHistory'>;
type Price = { pool: Pool; zoneId: string; at: number; dollarsPerHour: number };

const filters: Filters<Price> = {
  'availability-zone': ({ pool }) => pool.zone,
  'availability-zone-id': ({ zoneId }) => zoneId,
  'instance-type': ({ pool }) => pool.type,
  'product-description': () => products,
  'spot-price': ({ dollarsPerHour }) => priceText(dollarsPerHour),
  timestamp: ({ at }) => new Date(at).toISOString(),
};

/** By type and zone, the newest price of each first. */
export const DescribeSpotPriceHistory: Operation<'DescribeSpotPriceHistory'> = async (request, input) => {
  const fits = compileFilters(input.Filters, filters);
  const { from, to } = spanOf(request, input);
  const limit = limitOf(input.MaxResults);
  const start = positionOf(input.NextToken);
  const found: Price[] = [];
  let next: { NextToken: string } | undefined;
  const pools =
    input.ProductDescriptions?.length && !input.ProductDescriptions.some((name) => products.includes(name)) ? [] : poolsOf(request, input);
  for (let at = start.pool; at < pools.length && !next; at++) {
    const pool = pools[at]!;
    const prices = await pricesOf(request, pool, from, to);
    const fresh = at === start.pool && start.before !== undefined ? prices.filter((one) => one.at < start.before!) : prices;
    const fitting = fresh.filter(fits);
    const room = limit - found.length;
    found.push(...fitting.slice(0, room));
    if (fitting.length > room) next = { NextToken: tokenOf(at, found.at(-1)!.at) };
    else if (found.length === limit && at + 1 < pools.length) next = { NextToken: tokenOf(at + 1) };
    request.signal.throwIfAborted();
  }
  return {
    SpotPriceHistory: found.map(({ pool, zoneId, at, dollarsPerHour }) => ({
      ...{ AvailabilityZone: pool.zone, AvailabilityZoneId: zoneId, InstanceType: pool.type as never },
      ...{ ProductDescription: 'Linux/UNIX' as const, SpotPrice: priceText(dollarsPerHour), Timestamp: new Date(at) },
    })),
    ...(next ?? { NextToken: '' }),
  };
};

async function pricesOf(request: ServiceRequest, pool: Pool, from: number, to: number): Promise<Price[]> {
  const facts = await request.store.read((tx) => poolFacts(tx, pool));
  const zoneId = zoneNamed(request.region, pool.zone)!.id;
  return priceChanges(facts, from, to).map((change) => ({ ...change, pool, zoneId }));
}

/** The last ninety days at most, none of the future. */
function spanOf({ now }: ServiceRequest, { StartTime, EndTime }: HistoryInput): { from: number; to: number } {
  const oldest = now - historyMilliseconds;
  const start = StartTime?.getTime() ?? oldest;
  const end = EndTime?.getTime() ?? now;
  if (Number.isNaN(start) || Number.isNaN(end)) throw invalidParameterValue('Invalid value for parameter startTime or endTime.');
  if (StartTime && EndTime && start > end) throw invalidParameterValue('The start time must not be after the end time.');
  const to = Math.max(oldest, Math.min(end, now));
  return { from: Math.max(oldest, Math.min(start, to)), to };
}

function poolsOf({ region }: ServiceRequest, input: HistoryInput): Pool[] {
  const zone = zoneAsked(region, input);
  const zones = zone ? [zone.name] : zonesOf(region).map((one) => one.name);
  const types = input.InstanceTypes?.length ? input.InstanceTypes.map((type) => describedType(type).name) : [...instanceTypes.keys()];
  // A pool that no filter lets through needs no prices.
  const named = (filter: string): string[] | undefined => {
    const values = input.Filters?.filter((one) => one.Name === filter).flatMap((one) => one.Values ?? []);
    return values?.length && !values.some((value) => /[*?\\]/.test(value)) ? values : undefined;
  };
  const ofFilter = { types: named('instance-type'), zones: named('availability-zone') };
  return types
    .filter((type) => ofFilter.types?.includes(type) ?? true)
    .flatMap((type) => zones.filter((one) => ofFilter.zones?.includes(one) ?? true).map((one) => ({ zone: one, type })));
}

function limitOf(given: number | undefined): number {
  // The AWS CLI sends nothing for a page of any size, and older SDKs a zero.
  if (given === undefined || given === 0) return pageMax;
  if (!Number.isInteger(given) || given < 0) throw invalidParameterValue(`Value ( ${given} ) for parameter maxResults is invalid.`);
  return Math.min(given, pageMax);
}

type Position = { pool: number; before?: number };

const tokenOf = (pool: number, before?: number): string =>
  Buffer.from(JSON.stringify(['spot-prices', pool, ...(before === undefined ? [] : [before])])).toString('base64url');

function positionOf(token: string | undefined): Position {
  if (!token) return { pool: 0 };
  try {
    const [name, pool, before] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, number, number?];
    if (name === 'spot-prices' && Number.isInteger(pool) && pool >= 0 && (before === undefined || Number.isFinite(before)))
      return { pool, ...(before !== undefined && { before }) };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw invalidParameterValue('Unable to parse pagination token');
}
