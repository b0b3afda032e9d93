/** What the pages ask of Cost Explorer. */

import type {
  Expression,
  GetCostAndUsageCommandInput,
  GetCostAndUsageCommandOutput,
  GetCostAndUsageWithResourcesCommandInput,
  GetCostAndUsageWithResourcesCommandOutput,
  GetCostForecastCommandInput,
  GetCostForecastCommandOutput,
  Group,
} from '@aws-sdk/client-cost-explorer';
import { cloudNow } from '../session/private-api.ts';
import { dayText, monthOf, type Month } from './amounts.ts';
import { askCostExplorer } from './client.ts';

const Metrics = ['UnblendedCost', 'UsageQuantity'];
/** Cost Explorer tells of resources for so long. */
const resourceDays = 14;

export type Share = { keys: readonly string[]; amount: string; quantity: string; unit: string };

const shareOf = ({ Keys = [], Metrics: sums }: Group): Share => ({
  keys: Keys,
  amount: sums?.['UnblendedCost']?.Amount ?? '0',
  quantity: sums?.['UsageQuantity']?.Amount ?? '0',
  unit: sums?.['UsageQuantity']?.Unit ?? 'N/A',
});

const dearestFirst = (shares: Share[]): Share[] => shares.sort((a, b) => Number(b.amount) - Number(a.amount));
const groups = (keys: readonly string[]) => keys.map((Key) => ({ Type: 'DIMENSION' as const, Key }));

const costAndUsage = (input: GetCostAndUsageCommandInput) =>
  askCostExplorer('GetCostAndUsage', input) as Promise<GetCostAndUsageCommandOutput>;

/** The shares of a month, dearest first. */
export async function sharesOf(month: Month, by: readonly string[], Filter?: Expression): Promise<Share[]> {
  const { ResultsByTime } = await costAndUsage({
    ...{ TimePeriod: { Start: month.start, End: month.end }, Granularity: 'MONTHLY', Metrics, GroupBy: groups(by) },
    ...(Filter && { Filter }),
  });
  return dearestFirst((ResultsByTime ?? []).flatMap(({ Groups = [] }) => Groups.map(shareOf)));
}

/** The first day of a month that Cost Explorer still tells resources of; undefined where there is none. */
export function resourcesSince(month: Month, now: Date): string | undefined {
  const first = dayText(new Date(now.getTime() - resourceDays * 86_400_000));
  const since = first > month.start ? first : month.start;
  return since < month.end ? since : undefined;
}

/** Resources from a day of a month on, dearest first. */
export async function resourcesOf(month: Month, since: string): Promise<Share[]> {
  const input: GetCostAndUsageWithResourcesCommandInput = {
    ...{ TimePeriod: { Start: since, End: month.end }, Granularity: 'MONTHLY', Metrics, GroupBy: groups(['SERVICE', 'RESOURCE_ID']) },
    Filter: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Usage'] } },
  };
  const { ResultsByTime } = (await askCostExplorer('GetCostAndUsageWithResources', input)) as GetCostAndUsageWithResourcesCommandOutput;
  const shares = (ResultsByTime ?? []).flatMap(({ Groups = [] }) => Groups.map(shareOf));
  return dearestFirst(shares.filter(({ keys }) => keys[1] !== 'NoResourceId'));
}

export type MonthOfCost = { total: string; days: { day: string; amount: string }[]; /** Of the whole month. */ forecast?: string };

/** What each day has cost, and what the month is expected to. */
export async function monthOfCost(month: Month, now: Date): Promise<MonthOfCost> {
  const { ResultsByTime } = await costAndUsage({
    ...{ TimePeriod: { Start: month.start, End: month.end }, Granularity: 'DAILY', Metrics: ['UnblendedCost'] },
  });
  const days = (ResultsByTime ?? []).map(({ TimePeriod, Total }) => ({
    day: TimePeriod?.Start ?? '',
    amount: Total?.['UnblendedCost']?.Amount ?? '0',
  }));
  const total = sum(days.map(({ amount }) => amount));
  const today = dayText(now);
  if (month.end <= today) return { total, days };
  const ahead = await forecastFrom(today > month.start ? today : month.start, month.end);
  const before = sum(days.filter(({ day }) => day < today).map(({ amount }) => amount));
  return { total, days, ...(ahead !== undefined && { forecast: sum([before, ahead]) }) };
}

/** Undefined where there is no whole day yet to learn from. */
async function forecastFrom(Start: string, End: string): Promise<string | undefined> {
  try {
    const input: GetCostForecastCommandInput = { TimePeriod: { Start, End }, Metric: 'UNBLENDED_COST', Granularity: 'MONTHLY' };
    const { Total } = (await askCostExplorer('GetCostForecast', input)) as GetCostForecastCommandOutput;
    return Total?.Amount;
  } catch (error) {
    if (error instanceof Error && error.name === 'DataUnavailableException') return undefined;
    throw error;
  }
}

const scale = 10;

/** Exact: amounts have ten digits after the point at most. */
function sum(amounts: readonly string[]): string {
  const total = amounts.reduce((all, amount) => {
    const [whole = '0', fraction = ''] = amount.split('.');
    return all + BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale));
  }, 0n);
  const digits = total.toString().padStart(scale + 1, '0');
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** What the card on the home page says. */
export async function thisMonth(): Promise<MonthOfCost & { month: Month; services: Share[] }> {
  const now = await cloudNow();
  const month = monthOf(now);
  const [cost, services] = await Promise.all([monthOfCost(month, now), sharesOf(month, ['SERVICE'])]);
  return { ...cost, month, services };
}
