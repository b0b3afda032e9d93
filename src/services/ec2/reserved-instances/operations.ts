/** Reserved instances: offerings, purchases, what was bought; the marketplace is not there. */

import { zoneNamed } from '../../../framework/regions.ts';
import { invalidParameterCombination, invalidParameterValue, notBuilt, refusal, unsupportedOperation } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { zoneAsked } from '../regions/zone-asked.ts';
import type { Operation } from '../sdk.ts';
import { drawId, findOffering, offeringsOf, secondsPerYear, type Offering } from './offering.ts';
import { requireReserved, reservedIn, reservedInstances, stateOf, type ReservedInstances } from './reserved-instances.ts';

const perPageMax = 100;
/** In a month: of a region, and of each zone. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ri-limits.html */
const perMonthMax = 20;
const monthMilliseconds = 30 * 86_400_000;
const queueYearsMax = 3;
const products: readonly (string | undefined)[] = [undefined, 'Linux/UNIX', 'Linux/UNIX (Amazon VPC)'];

const alike = (one: Omit<Offering, 'id'>, region: string) => ({
  ...{ InstanceType: one.type as never, InstanceTenancy: one.tenancy, OfferingClass: one.offeringClass, OfferingType: one.payment },
  ...{ Duration: one.years * secondsPerYear, FixedPrice: one.fixed, UsagePrice: 0, CurrencyCode: 'USD' as const },
  ...{ ProductDescription: 'Linux/UNIX' as const, Scope: scopeOf(one) },
  RecurringCharges: one.hourly > 0 ? [{ Amount: one.hourly, Frequency: 'Hourly' as const }] : [],
  ...(one.zone !== undefined && { AvailabilityZone: one.zone, AvailabilityZoneId: zoneNamed(region, one.zone)!.id }),
});

const scopeOf = ({ zone }: Pick<Offering, 'zone'>) => (zone === undefined ? ('Region' as const) : ('Availability Zone' as const));

const common: Filters<Omit<Offering, 'id'>> = {
  'availability-zone': (one) => one.zone,
  duration: (one) => one.years * secondsPerYear,
  'fixed-price': (one) => one.fixed.toFixed(1),
  'instance-type': (one) => one.type,
  'product-description': () => ['Linux/UNIX', 'Linux/UNIX (Amazon VPC)'],
  scope: scopeOf,
  'usage-price': () => '0.0',
};

const offeringFilters: Filters<Offering> = { ...common, marketplace: () => false, 'reserved-instances-offering-id': ({ id }) => id };

export const DescribeReservedInstancesOfferings: Operation<'DescribeReservedInstancesOfferings'> = async (request, input) => {
  const { MinDuration: least = 0, MaxDuration: most = Infinity, ReservedInstancesOfferingIds: ids = [] } = input;
  const passes = compileFilters(input.Filters, offeringFilters);
  const wish = {
    ...{
      type: input.InstanceType,
      zone: zoneAsked(request.region, input)?.name,
      offeringClass: input.OfferingClass,
      payment: input.OfferingType,
    },
    tenancy: ids.length > 0 ? input.InstanceTenancy : (input.InstanceTenancy ?? 'default'),
  };
  const fits = (one: Offering): boolean => {
    const seconds = one.years * secondsPerYear;
    return (ids.length === 0 || ids.includes(one.id)) && seconds >= least && seconds <= most && passes(one);
  };
  const offered = products.includes(input.ProductDescription) ? offeringsOf(request.region, wish) : [];
  const { page, ...next } = pageOf(offered, fits, input);
  const missing = ids.length > 0 && page.length === 0 && !findAny(request.region, ids);
  if (missing) throw offeringNotFound(ids[0]!);
  return {
    ReservedInstancesOfferings: page.map((one) => ({
      ...{ ReservedInstancesOfferingId: one.id, Marketplace: false, PricingDetails: [] },
      ...alike(one, request.region),
    })),
    ...next,
  };
};

const findAny = (region: string, ids: readonly string[]): boolean => ids.some((id) => findOffering(region, id) !== undefined);

const offeringNotFound = (id: string) =>
  refusal('InvalidReservedInstancesOfferingId')(`The specified Reserved Instances offering '${id}' does not exist.`);

/** A page of what fits. The token is the position among all, written so that it is only passed on. */
function pageOf(
  all: Iterable<Offering>,
  fits: (one: Offering) => boolean,
  { MaxResults: given, NextToken: token }: { MaxResults?: number | undefined; NextToken?: string | undefined },
): { page: Offering[]; NextToken?: string } {
  const limit = given ?? perPageMax;
  if (!Number.isInteger(limit) || limit < 1) throw invalidParameterValue(`Value ( ${limit} ) for parameter maxResults is invalid.`);
  const position = token ? Buffer.from(token, 'base64url').toString() : '0';
  if (!/^\d{1,9}$/.test(position)) throw invalidParameterValue('Unable to parse pagination token');
  const start = Number(position);
  const page: Offering[] = [];
  let at = 0;
  for (const one of all) {
    if (at++ < start || !fits(one)) continue;
    if (page.length === Math.min(limit, perPageMax)) return { page, NextToken: Buffer.from(String(at - 1)).toString('base64url') };
    page.push(one);
  }
  return { page };
}

export const PurchaseReservedInstancesOffering: Operation<'PurchaseReservedInstancesOffering'> = async (request, input) => {
  const { InstanceCount: count, LimitPrice: limit, PurchaseTime: time } = input;
  const offering = findOffering(request.region, input.ReservedInstancesOfferingId!);
  if (!offering) throw offeringNotFound(input.ReservedInstancesOfferingId!);
  if (!Number.isInteger(count) || count! < 1) throw invalidParameterValue(`Value (${count}) for parameter instanceCount is invalid.`);
  if (limit?.Amount !== undefined && limit.Amount < offering.fixed * count!)
    throw invalidParameterValue(`The purchase would cost ${offering.fixed * count!} USD, which is more than the limit of ${limit.Amount}.`);
  const { account, region, now } = request;
  const { id: _offering, ...terms } = offering;
  const start = startOf(time, offering, now);
  const row: ReservedInstances = {
    ...{ account, region, id: drawId(request.random), ...terms, count: count!, bought: now, start },
    end: start + offering.years * secondsPerYear * 1000,
  };
  await request.store.write(async (tx) => {
    const recent = (await reservedIn(tx, request)).filter(
      (one) => !one.modified && !one.unqueued && one.zone === row.zone && one.bought > now - monthMilliseconds,
    );
    if (recent.reduce((sum, one) => sum + one.count, row.count) > perMonthMax)
      throw refusal('ReservedInstancesLimitExceeded')(
        'Your current quota does not allow you to purchase the required number of Reserved Instances.',
      );
    await reservedInstances.put(tx, row);
  });
  return { ReservedInstancesId: row.id };
};

/** Purchases of a whole region may wait in a queue. */
function startOf(time: Date | undefined, { zone }: Offering, now: number): number {
  if (!time) return now;
  const start = time.getTime();
  if (Number.isNaN(start) || start <= now || start > now + queueYearsMax * secondsPerYear * 1000)
    throw invalidParameterValue('The purchase time must be in the future, and within three years.');
  if (zone !== undefined) throw invalidParameterCombination('Only regional Reserved Instances can be queued.');
  return start;
}

type Shown = ReservedInstances & { state: string };

const reservedFilters: Filters<Shown> = {
  ...common,
  end: (row) => new Date(row.end).toISOString(),
  'reserved-instances-id': (row) => row.id,
  start: (row) => new Date(row.start).toISOString(),
  state: (row) => row.state,
};

export const DescribeReservedInstances: Operation<'DescribeReservedInstances'> = async (request, input) => {
  const fits = compileFilters(input.Filters, reservedFilters);
  const rows = await request.store.read(async (tx) => {
    const named: ReservedInstances[] = [];
    for (const id of input.ReservedInstancesIds ?? []) named.push(await requireReserved(tx, request, id));
    return named.length > 0 ? named : reservedIn(tx, request);
  });
  const shown = rows
    .map((row) => ({ ...row, state: stateOf(row, request.now) }))
    .filter((row) => fits(row) && row.offeringClass === (input.OfferingClass ?? row.offeringClass))
    .filter((row) => row.payment === (input.OfferingType ?? row.payment));
  return {
    ReservedInstances: shown.map((row) => ({
      ...{ ReservedInstancesId: row.id, InstanceCount: row.count, State: row.state },
      ...{ Start: new Date(row.start), End: new Date(row.replaced ?? row.end) },
      ...{ ...alike(row, request.region), Tags: [] },
    })),
  };
};

/** Each by itself: some may not be in the queue. */
export const DeleteQueuedReservedInstances: Operation<'DeleteQueuedReservedInstances'> = async (request, input) => {
  const done: string[] = [];
  const failed: {
    ReservedInstancesId: string;
    Error: { Code: 'reserved-instances-id-invalid' | 'reserved-instances-not-in-queued-state'; Message: string };
  }[] = [];
  await request.store.write(async (tx) => {
    done.length = failed.length = 0;
    for (const id of input.ReservedInstancesIds) {
      const row = await reservedInstances.get(tx, request.account, request.region, id);
      if (row && stateOf(row, request.now) === 'queued') {
        await reservedInstances.put(tx, { ...row, unqueued: true });
        done.push(id);
        continue;
      }
      const Code = row ? ('reserved-instances-not-in-queued-state' as const) : ('reserved-instances-id-invalid' as const);
      const Message = row ? `The Reserved Instance '${id}' is not queued.` : `The Reserved Instance '${id}' does not exist.`;
      failed.push({ ReservedInstancesId: id, Error: { Code, Message } });
    }
  });
  return {
    SuccessfulQueuedPurchaseDeletions: done.map((id) => ({ ReservedInstancesId: id })),
    FailedQueuedPurchaseDeletions: failed,
  };
};

export const CreateReservedInstancesListing: Operation<'CreateReservedInstancesListing'> = async (request, input) => {
  await request.store.read((tx) => requireReserved(tx, request, input.ReservedInstancesId!));
  throw unsupportedOperation('Your account is not registered as a seller on the Reserved Instance Marketplace.');
};

export const DescribeReservedInstancesListings: Operation<'DescribeReservedInstancesListings'> = async (request, input) => {
  if (input.Filters?.length) throw notBuilt('DescribeReservedInstancesListings', 'Filters');
  if (input.ReservedInstancesListingId)
    throw refusal('InvalidReservedInstancesListingId')(`The specified listing '${input.ReservedInstancesListingId}' does not exist.`);
  const { ReservedInstancesId: id } = input;
  if (id !== undefined) await request.store.read((tx) => requireReserved(tx, request, id));
  return { ReservedInstancesListings: [] };
};
