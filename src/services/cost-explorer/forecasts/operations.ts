/** What is to come: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostForecast.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import { shortText } from '../../../framework/billing/decimal.ts';
import { foreseen, historyOf } from '../../../framework/billing/foresight.ts';
import { dayMilliseconds } from '../../../framework/billing/month.ts';
import type { Charge } from '../../../framework/billing/rate.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { chargesFor } from '../costs/operations.ts';
import { dataUnavailable, unresolvableUnit, validationFailed } from '../errors.ts';
import { isQuantity, readMetric } from '../metrics.ts';
import { checkGranularity, readFuture, stepsOf, type Step } from '../period.ts';
import type { Input, Operation } from '../sdk.ts';

export const GetCostForecast: Operation<'GetCostForecast'> = async (request, input) => {
  const metric = readMetric(input.Metric);
  if (isQuantity(metric)) throw validationFailed('GetCostForecast does not support the metric USAGE_QUANTITY.');
  const { mean, results } = await forecast(request, input, ({ amount }) => amount);
  return { Total: { Amount: mean, Unit: 'USD' }, ForecastResultsByTime: results };
};

/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetUsageForecast.html */
export const GetUsageForecast: Operation<'GetUsageForecast'> = async (request, input) => {
  if (!isQuantity(readMetric(input.Metric))) throw validationFailed('GetUsageForecast supports the metric USAGE_QUANTITY only.');
  const { mean, results, unit } = await forecast(request, input, ({ quantity }) => quantity);
  return { Total: { Amount: mean, Unit: unit }, ForecastResultsByTime: results };
};

type Asked = Input<'GetCostForecast'> | Input<'GetUsageForecast'>;

async function forecast(request: ServiceRequest, input: Asked, read: (charge: Charge) => bigint) {
  if (input.BillingViewArn !== undefined) throw notImplemented('ce: BillingViewArn');
  checkGranularity(input.Granularity);
  const level = input.PredictionIntervalLevel;
  if (level !== undefined && (level < 51 || level > 99)) throw validationFailed('Prediction interval level must be between 51 and 99.');
  const span = readFuture(input.TimePeriod, request.now);
  const { account, now } = request;
  const [own] = (await request.meter.accounts()).filter((each) => each.account === account);
  const history = historyOf(now, own?.since ?? now);
  if (history.from >= history.to) throw dataUnavailable('Insufficient amount of historical data to generate forecast');
  const past = await chargesFor(request, history, input.Filter);
  const daily = new Map<number, bigint>();
  for (let day = history.from; day < history.to; day += dayMilliseconds) daily.set(day, 0n);
  for (const charge of past.list) daily.set(charge.day, daily.get(charge.day)! + read(charge));
  const ahead = foreseen(request, { account }, now, span);
  const { list } = await chargesFor(request, span, input.Filter, false, ahead);
  const units = new Set(list.map(({ unit }) => unit));
  if (isQuantity(readMetric(input.Metric)) && units.size > 1) throw unresolvableUnit();
  const spread = deviation([...daily.values()].map(Number));
  const sums = stepsOf(span, input.Granularity).map((step) => {
    const sum = list.reduce((total, charge) => (charge.day >= step.from && charge.day < step.to ? total + read(charge) : total), 0n);
    return { step, sum };
  });
  return {
    mean: shortText(sums.reduce((total, { sum }) => total + sum, 0n)),
    results: sums.map(({ step, sum }) => resultOf(step, sum, level === undefined ? undefined : spread * normalQuantile(level))),
    unit: [...units][0] ?? 'N/A',
  };
}

/** `daily` is how far a day may be off; days are taken to be off independently of each other. */
function resultOf({ interval, from, to }: Step, sum: bigint, daily: number | undefined) {
  const around = daily === undefined ? undefined : BigInt(Math.round(daily * Math.sqrt((to - from) / dayMilliseconds)));
  return {
    TimePeriod: interval,
    MeanValue: shortText(sum),
    ...(around !== undefined && {
      PredictionIntervalLowerBound: shortText(around > sum ? 0n : sum - around),
      PredictionIntervalUpperBound: shortText(sum + around),
    }),
  };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** How many deviations to both sides hold so many per cent of a normal distribution, by bisection of its integral. */
function normalQuantile(percent: number): number {
  let [low, high] = [0, 4];
  for (let n = 0; n < 40; n++) {
    const middle = (low + high) / 2;
    if (within(middle) * 100 < percent) low = middle;
    else high = middle;
  }
  return high;
}

/** The share of a normal distribution within so many deviations: a series that converges fast where it is used. */
function within(deviations: number): number {
  let term = deviations;
  let sum = deviations;
  for (let n = 1; n < 60; n++) {
    term *= -(deviations ** 2) / (2 * n);
    sum += term / (2 * n + 1);
  }
  return (2 * sum) / Math.sqrt(2 * Math.PI);
}
