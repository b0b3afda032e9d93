/** The spans of time that are asked for, and the steps in which they are answered. */

import type { DateInterval } from '@aws-sdk/client-cost-explorer';
import { notImplemented } from '../../framework/aws-error.ts';
import { dayMilliseconds, dayOf, dayText, monthOf, readDay, type Span } from '../../framework/billing/month.ts';
import { validationFailed } from './errors.ts';

/** One step of an answer, and a place for what belongs to it. */
export type Step = Span & { interval: { Start: string; End: string } };

/** Throws ValidationException for days that are none, or in the wrong order. */
export function readPeriod({ Start, End }: DateInterval): Span {
  return inOrder({ from: readMoment(Start, 'Start'), to: readMoment(End, 'End') });
}

function readMoment(text: string | undefined, which: string): number {
  if (text !== undefined && /T/.test(text)) throw notImplemented('ce: a TimePeriod with hours');
  const moment = text === undefined || text.length !== 10 ? undefined : readDay(text);
  if (moment === undefined) throw validationFailed(`${which} time ${text ?? ''} is invalid. Valid format is: yyyy-MM-dd.`);
  return moment;
}

function inOrder(span: Span): Span {
  if (span.from >= span.to) throw validationFailed('Start date (and hour) should be before end date (and hour)');
  return span;
}

/** Throws ValidationException for what is further away than the month after this one: there is nothing to be seen. */
export function readPast(period: DateInterval, now: number): Span {
  const span = readPeriod(period);
  if (span.to > monthOf(monthOf(now).to).from) throw validationFailed('end date past the beginning of next month');
  return span;
}

/** Throws ValidationException for what has begun before today. */
export function readFuture(period: DateInterval, now: number): Span {
  const span = readPeriod(period);
  if (span.from < dayOf(now)) throw validationFailed('Start date must be the current date or later.');
  return span;
}

/** The days or the months of a span; the first and the last are cut to it. */
export function stepsOf(span: Span, granularity: string | undefined): Step[] {
  const steps: Step[] = [];
  for (let from = span.from; from < span.to;) {
    const to = Math.min(span.to, granularity === 'MONTHLY' ? monthOf(from).to : from + dayMilliseconds);
    steps.push({ from, to, interval: { Start: dayText(from), End: dayText(to) } });
    from = to;
  }
  return steps;
}

/** Throws ValidationException for a granularity that there is none of, NotImplemented for hours. */
export function checkGranularity(granularity: string | undefined): void {
  if (granularity === 'HOURLY') throw notImplemented('ce: Granularity HOURLY');
  if (granularity !== 'DAILY' && granularity !== 'MONTHLY') throw validationFailed(`Granularity ${granularity ?? ''} is invalid.`);
}
