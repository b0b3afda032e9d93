/** When a capacity is changed, and to what: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html */

import { minutesAboveMin, minutesBelowMin, scaleInShare } from '../limits.ts';

/** What was seen at the last look: when, what its hour had used by then, and for how many minutes it has been too much, or little enough. */
export type Observation = {
  at: number;
  usedInHour: number;
  minutesAbove: number;
  minutesBelow: number;
  scaledOut?: number;
  scaledIn?: number;
};

export type Situation = {
  now: number;
  current: number;
  min: number;
  max: number;
  /** The target, in percent of the capacity. */
  percent: number;
  /** Units a second since the last look; undefined at the first. */
  rate: number | undefined;
  canIn: boolean;
  canOut: boolean;
  cooldownIn: number;
  cooldownOut: number;
};

export type Decision = { capacity?: number; minutesAbove: number; minutesBelow: number };

const minute = 60_000;

/** The minutes since the last look count alike: nobody has looked in between. */
export function decide(seen: Observation | undefined, situation: Situation): Decision {
  const { now, current, min, max, percent, rate, canIn, canOut } = situation;
  if (current < min) return { capacity: min, minutesAbove: 0, minutesBelow: 0 };
  if (current > max) return { capacity: max, minutesAbove: 0, minutesBelow: 0 };
  if (!seen || rate === undefined) return { minutesAbove: 0, minutesBelow: 0 };
  const minutes = (now - seen.at) / minute;
  const used = (100 * rate) / current;
  const minutesAbove = used > percent ? seen.minutesAbove + minutes : 0;
  const minutesBelow = used < percent * scaleInShare ? seen.minutesBelow + minutes : 0;
  const wanted = Math.min(max, Math.max(min, Math.ceil((100 * rate) / percent)));
  const isCool = (last: number | undefined, seconds: number): boolean => last === undefined || now - last >= seconds * 1_000;
  if (canOut && minutesAbove >= minutesAboveMin && wanted > current && isCool(seen.scaledOut, situation.cooldownOut))
    return { capacity: wanted, minutesAbove: 0, minutesBelow: 0 };
  if (canIn && minutesBelow >= minutesBelowMin && wanted < current && isCool(seen.scaledIn, situation.cooldownIn))
    return { capacity: wanted, minutesAbove: 0, minutesBelow: 0 };
  return { minutesAbove, minutesBelow };
}
