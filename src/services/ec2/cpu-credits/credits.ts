/**
 * CPU credits: what instances of the t families earn, spend and owe. A credit is one vCPU for a minute.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html
 */

import type { InstanceType } from '../instance-types/instance-type.ts';

export type CreditMode = 'standard' | 'unlimited';

export const minutesPerHour = 60;
const hourMilliseconds = 3_600_000;
/** What an instance may have saved, or owe, is what it earns in this time. */
const accrualHours = 24;

/** In credits. */
export type Credits = {
  /** Earned and saved. */
  saved: number;
  /** Given at the start: spent first, and on top of what may be saved. */
  launch: number;
  /** Spent and not yet earned, of an unlimited instance. */
  surplus: number;
};

/** Credits an hour; nothing for a type that knows none. */
export const creditsPerHour = ({ family, size }: InstanceType): number => family.burstable?.creditsPerHour[size] ?? 0;

/** What it may keep busy without spending what it has saved, in vCPUs. */
export const baselineOf = (type: InstanceType): number => creditsPerHour(type) / minutesPerHour;

/**
 * What becomes of credits when some time has passed in which so many vCPU minutes were used. What is earned pays what is owed first; what
 * an unlimited instance owes beyond a day's earnings is charged.
 */
export function settle(
  { saved, launch, surplus }: Credits,
  type: InstanceType,
  mode: CreditMode,
  { milliseconds, used }: { milliseconds: number; used: number },
): Credits & { charged: number } {
  const most = creditsPerHour(type) * accrualHours;
  const earned = (creditsPerHour(type) * milliseconds) / hourMilliseconds;
  const paid = Math.min(surplus, earned);
  const kept = Math.min(most, saved + earned - paid);
  const fromLaunch = Math.min(launch, used);
  const fromSaved = Math.min(kept, used - fromLaunch);
  const owed = mode === 'unlimited' ? surplus - paid + used - fromLaunch - fromSaved : 0;
  const charged = Math.max(0, owed - most);
  return { saved: kept - fromSaved, launch: launch - fromLaunch, surplus: owed - charged, charged };
}

/**
 * How many vCPUs an instance may keep busy. The last minute of credits is let out slowly, so that a standard instance comes down to its
 * baseline gently and stays there.
 */
export function processorsAllowed({ saved, launch }: Credits, type: InstanceType, mode: CreditMode): number {
  return mode === 'unlimited' ? type.vcpus : Math.min(type.vcpus, baselineOf(type) + saved + launch);
}
