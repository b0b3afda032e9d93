/** Bytes over the hours of a span, by usage type: what a bill counts of storage. Pure. */

import { dayMilliseconds, hourMilliseconds } from '../limits.ts';
import type { Stretch } from './hours.ts';

const hourlySpanMax = 100 * dayMilliseconds;

/**
 * Kept as differences from step to step, so a stretch costs the same however long it is. A step is an hour, or a day where the clock has
 * moved far.
 */
export type ByteHours = { from: number; until: number; step: number; differences: Map<string, Float64Array> };

/** `from` is the beginning of an hour. */
export function byteHours(from: number, until: number): ByteHours {
  return { from, until, step: until - from > hourlySpanMax ? dayMilliseconds : hourMilliseconds, differences: new Map() };
}

/** Adds what of a stretch lies between two moments of the span. */
export function addStretch({ from, until, step, differences }: ByteHours, stretch: Stretch, after = from): void {
  const start = Math.max(stretch.from, from, after);
  const end = Math.min(stretch.to, until);
  if (start >= end || stretch.bytes === 0) return;
  let sums = differences.get(stretch.usageType);
  if (!sums) differences.set(stretch.usageType, (sums = new Float64Array(Math.ceil((until - from) / step) + 2)));
  change(sums, (start - from) / step, stretch.bytes);
  change(sums, (end - from) / step, -stretch.bytes);
}

/** From a moment within a step on there are more bytes: of that step the rest counts, of all later ones the whole. */
function change(sums: Float64Array, at: number, bytes: number): void {
  const index = Math.floor(at);
  const rest = 1 - (at - index);
  sums[index] = sums[index]! + bytes * rest;
  sums[index + 1] = sums[index + 1]! + bytes * (1 - rest);
}

/** What there is to meter, by usage type and step. */
export function* sumsOf({ from, until, step, differences }: ByteHours): Generator<{ usageType: string; at: number; quantity: number }> {
  for (const [usageType, changes] of differences) {
    let bytes = 0;
    for (let at = from, i = 0; at < until; at += step, i++) {
      bytes += changes[i]!;
      const quantity = Math.round((bytes * step) / hourMilliseconds);
      if (quantity > 0) yield { usageType, at, quantity };
    }
  }
}
