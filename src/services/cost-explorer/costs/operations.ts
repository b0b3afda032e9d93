/** What was used and what it costs: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html */

import type { Expression, GroupDefinition, ResultByTime } from '@aws-sdk/client-cost-explorer';
import { notImplemented } from '../../../framework/aws-error.ts';
import { charges } from '../../../framework/billing/bill.ts';
import { dayMilliseconds, dayOf, monthOf, type Span } from '../../../framework/billing/month.ts';
import type { Charge } from '../../../framework/billing/rate.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { dimension } from '../dimensions.ts';
import { dataUnavailable, invalidNextToken, validationFailed } from '../errors.ts';
import { predicateOf } from '../expression.ts';
import { addTo, emptySum, metricsOf, readMetrics, type Sum } from '../metrics.ts';
import { checkGranularity, readPast, stepsOf } from '../period.ts';
import { noTags, resourceTags, type ResourceTags } from '../resource-tags.ts';
import type { Input, Operation } from '../sdk.ts';

const groupsMax = 2;
/** Resources are told of the last fortnight alone, as by AWS. */
const resourceDays = 14;

export const GetCostAndUsage: Operation<'GetCostAndUsage'> = async (request, input) => {
  if (input.GroupBy?.some(({ Key }) => Key === 'RESOURCE_ID') || mentions(input.Filter, 'RESOURCE_ID'))
    throw validationFailed('RESOURCE_ID is supported by GetCostAndUsageWithResources only.');
  return costAndUsage(request, input);
};

/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsageWithResources.html */
export const GetCostAndUsageWithResources: Operation<'GetCostAndUsageWithResources'> = async (request, input) => {
  const span = readPast(input.TimePeriod, request.now);
  if (span.from < dayOf(request.now) - resourceDays * dayMilliseconds)
    throw dataUnavailable(`Data is only available for the last ${resourceDays} days.`);
  return costAndUsage(request, { ...input, Metrics: input.Metrics ?? ['UnblendedCost'] });
};

type Asked = Input<'GetCostAndUsage'>;

async function costAndUsage(request: ServiceRequest, input: Asked) {
  if (input.BillingViewArn !== undefined) throw notImplemented('ce: BillingViewArn');
  if (input.NextPageToken !== undefined) throw invalidNextToken();
  checkGranularity(input.Granularity);
  const span = readPast(input.TimePeriod, request.now);
  const metrics = readMetrics(input.Metrics);
  const groupBy = input.GroupBy ?? [];
  if (groupBy.length > groupsMax) throw validationFailed(`You can group by up to ${groupsMax} dimensions.`);
  const { list, tags } = await chargesFor(
    request,
    span,
    input.Filter,
    groupBy.some(({ Type }) => Type === 'TAG'),
  );
  const keys = groupBy.map((group) => keyOf(group, tags));
  const steps = stepsOf(span, input.Granularity);
  const sums = steps.map(() => new Map<string, Sum>());
  let step = 0;
  for (const charge of list) {
    while (charge.day >= steps[step]!.to) step++;
    const key = JSON.stringify(keys.map((read) => read(charge)));
    let sum = sums[step]!.get(key);
    if (!sum) sums[step]!.set(key, (sum = emptySum()));
    addTo(sum, charge);
  }
  return {
    ...(groupBy.length > 0 && { GroupDefinitions: groupBy.map(({ Type, Key }) => ({ Type: Type ?? 'DIMENSION', Key: Key! })) }),
    ResultsByTime: steps.map(({ interval, to }, at): ResultByTime => {
      const common = { TimePeriod: interval, Estimated: to > monthOf(request.now).from };
      if (groupBy.length === 0) return { ...common, Total: metricsOf(sums[at]!.get('[]') ?? emptySum(), metrics), Groups: [] };
      const groups = [...sums[at]!].sort(([a], [b]) => (a < b ? -1 : 1));
      return {
        ...common,
        Total: {},
        Groups: groups.map(([key, sum]) => ({ Keys: JSON.parse(key) as string[], Metrics: metricsOf(sum, metrics) })),
      };
    }),
    DimensionValueAttributes: groupBy.some(({ Key }) => Key === 'LINKED_ACCOUNT')
      ? [...new Set(list.map(({ account }) => account))].map((Value) => ({ Value, Attributes: { description: Value } }))
      : [],
  };
}

/** The charges of the caller's account that pass a filter, in the order of time, and the tags of their resources where those are asked for. */
export async function chargesFor(
  request: ServiceRequest,
  span: Span,
  filter: Expression | undefined,
  withTags = false,
  source: AsyncIterable<Charge> = charges(request, { account: request.account }, span),
): Promise<{ list: Charge[]; tags: ResourceTags }> {
  // Read once without tags, so that a wrong filter is refused before anything is rated.
  predicateOf(filter, noTags);
  const all: Charge[] = [];
  for await (const charge of source) all.push(charge);
  const tags = withTags || mentionsTags(filter) ? await resourceTags(request, all) : noTags;
  return { list: all.filter(predicateOf(filter, tags)), tags };
}

function keyOf({ Type = 'DIMENSION', Key }: GroupDefinition, tags: ResourceTags): (charge: Charge) => string {
  if (Key === undefined) throw validationFailed('GroupBy must have a key.');
  if (Type === 'TAG') return (charge) => `${Key}$${tags.of(charge)[Key] ?? ''}`;
  if (Type !== 'DIMENSION') throw notImplemented(`ce: GroupBy with Type ${Type}`);
  const { read, absent } = dimension(Key);
  return (charge) => read(charge) ?? absent;
}

const partsOf = ({ And, Or, Not }: Expression): Expression[] => [...(And ?? []), ...(Or ?? []), ...(Not ? [Not] : [])];

function mentions(filter: Expression | undefined, key: string): boolean {
  return filter !== undefined && (filter.Dimensions?.Key === key || partsOf(filter).some((part) => mentions(part, key)));
}

function mentionsTags(filter: Expression | undefined): boolean {
  return filter !== undefined && (filter.Tags !== undefined || partsOf(filter).some(mentionsTags));
}
