/** A launch on the spot market: what a call says of it, whether the price allows it, and the request that goes with each instance. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { invalidParameterCombination, invalidParameterValue, notBuilt, refusal, unsupportedOperation } from '../errors.ts';
import { userData, type Instance } from '../instances/instance.ts';
import type { Pool } from '../spot-market/market.ts';
import { spotPrice } from '../spot-market/pools.ts';
import type { Input } from '../sdk.ts';
import { kept } from '../tags/tag-specifications.ts';
import { maximumOf, spotRequests, statusOf, tooLowMessage, type SpotLaunch, type SpotRequest } from './spot-request.ts';

type LaunchInput = Input<'RunInstances'>;
export type Terms = Pick<SpotRequest, 'type' | 'behavior' | 'maxPrice' | 'validUntil'>;

/** How the broker says that a launch is its own; nobody can say so from outside. */
export const spotService = 'spot.amazonaws.com';
export const launchToken = (row: SpotRequest): string => `${row.id}.${row.launches}`;

/** Either terms of the call itself, or the open request that the broker fulfils. */
export type SpotPlan = { terms: Terms } | { fulfils: string };

/** Undefined for a launch on demand. Throws for terms that AWS would not take. */
export function spotPlan(request: ServiceRequest, input: LaunchInput): SpotPlan | undefined {
  if (request.via.includes(spotService)) return { fulfils: input.ClientToken!.split('.')[0]! };
  const { InstanceMarketOptions: options } = input;
  if (options === undefined) return undefined;
  if (options.MarketType === 'capacity-block') throw notBuilt('RunInstances', 'MarketType capacity-block');
  if (options.MarketType !== 'spot')
    throw invalidParameterValue(`Value (${options.MarketType ?? ''}) for parameter InstanceMarketOptions.MarketType is invalid.`);
  const { SpotOptions: spot = {} } = options;
  if (spot.BlockDurationMinutes) throw notBuilt('RunInstances', 'SpotOptions.BlockDurationMinutes');
  const terms = termsOf({
    ...{ type: spot.SpotInstanceType, behavior: spot.InstanceInterruptionBehavior, maxPrice: spot.MaxPrice },
    // Of a launch template it is a text.
    validUntil: spot.ValidUntil && new Date(spot.ValidUntil),
  });
  if (terms.type === 'persistent' && terms.behavior === 'terminate')
    throw invalidParameterCombination(
      'Persistent Spot Instance requests are only supported when the instance interruption behavior is hibernate or stop.',
    );
  if (terms.type === 'one-time' && terms.validUntil !== undefined)
    throw invalidParameterCombination('ValidUntil is not supported for one-time Spot Instance requests.');
  return { terms };
}

type GivenTerms = {
  type: string | undefined;
  behavior: string | undefined;
  maxPrice: string | undefined;
  validUntil: Date | undefined;
};

const dollarsLeast = 0.001;

/** The terms with AWS's defaults. Throws InvalidParameterValue or InvalidParameterCombination. */
export function termsOf({ type = 'one-time', behavior = 'terminate', maxPrice: price, validUntil }: GivenTerms): Terms {
  // Terraform sends an empty text where it has no maximum, and AWS takes it so.
  const maxPrice = price || undefined;
  if (type !== 'one-time' && type !== 'persistent')
    throw invalidParameterValue(`Value (${type}) for parameter SpotInstanceType is invalid.`);
  if (behavior !== 'terminate' && behavior !== 'stop' && behavior !== 'hibernate')
    throw invalidParameterValue(`Value (${behavior}) for parameter InstanceInterruptionBehavior is invalid.`);
  if (behavior !== 'terminate' && type === 'one-time')
    throw invalidParameterCombination(`The interruption behavior ${behavior} is only supported for persistent Spot Instance requests.`);
  if (maxPrice !== undefined && !(/^\d{1,6}(\.\d{1,10})?$/.test(maxPrice) && Number(maxPrice) >= dollarsLeast))
    throw invalidParameterValue(`Invalid value '${maxPrice}' for the maximum price: it must be at least ${dollarsLeast} USD.`);
  const until = validUntil?.getTime();
  if (until !== undefined && Number.isNaN(until)) throw invalidParameterValue('Invalid value for parameter validUntil.');
  return { type, behavior, ...(maxPrice !== undefined && { maxPrice }), ...(until !== undefined && { validUntil: until }) };
}

/** Of a launch on terms of its own: throws SpotMaxPriceTooLow where the market is dearer. */
export async function checkPrice(tx: WriteTransaction, plan: SpotPlan, pool: Pool, now: number): Promise<void> {
  if (!('terms' in plan)) return;
  const price = await spotPrice(tx, pool, now);
  const { maxPrice } = plan.terms;
  const most = maximumOf({ ...(maxPrice !== undefined && { maxPrice }), launch: { InstanceType: pool.type } });
  if (price > most) throw refusal('SpotMaxPriceTooLow')(tooLowMessage(maxPrice ?? String(most), price));
}

/** The instance with its request, which is written: in one transaction, so that neither is ever there without the other. */
export async function enterMarket(
  tx: WriteTransaction,
  request: ServiceRequest,
  { plan, input, tags }: { plan: SpotPlan; input: LaunchInput; tags: Tag[] },
  instance: Instance,
  id: string,
): Promise<Instance> {
  const { account, region, now } = request;
  const filled = { state: 'active' as const, status: statusOf('fulfilled', now), instance: instance.id, zone: instance.zone };
  let row: SpotRequest;
  if ('fulfils' in plan) {
    const open = await spotRequests.get(tx, account, region, plan.fulfils);
    if (open?.state !== 'open') throw unsupportedOperation(`The request ${plan.fulfils} is not open any more.`);
    const { notBefore: _done, ...rest } = open;
    row = { ...rest, ...filled, launches: open.launches + 1 };
  } else {
    const launch = launchOf(input, instance);
    row = { account, region, id, created: now, ...plan.terms, ...filled, launch, launches: 1, ...kept(tags) };
    if (row.type === 'persistent' && input.UserData) await userData.put(tx, { instance: id, data: input.UserData });
  }
  await spotRequests.put(tx, row);
  // A one-time instance cannot be stopped, from inside neither.
  return { ...instance, spot: { request: row.id }, ...(row.type === 'one-time' && { shutdownBehavior: 'terminate' as const }) };
}

/** What the next launch of the request will be asked with. */
function launchOf(input: LaunchInput, { type, hibernates }: Instance): SpotLaunch {
  const {
    MinCount: _min,
    MaxCount: _max,
    ClientToken: _token,
    InstanceMarketOptions: _market,
    UserData: _data,
    DryRun: _dry,
    ...rest
  } = input;
  const TagSpecifications = rest.TagSpecifications?.filter((one) => one.ResourceType !== 'spot-instances-request');
  return {
    ...{ ...rest, InstanceType: type },
    ...(hibernates && { HibernationOptions: { Configured: true } }),
    ...(TagSpecifications && { TagSpecifications }),
  } as SpotLaunch;
}
