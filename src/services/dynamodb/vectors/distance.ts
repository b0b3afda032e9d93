/** Distances of vectors, as SearchVectors scores them. Vectors are 32-bit floats, sums are doubles. */

import type { VectorDistanceFunction } from '@aws-sdk/client-dynamodb';

export type Measure = (one: Float32Array, other: Float32Array) => number;

function dotProduct(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += one[at]! * other[at]!;
  return sum;
}

function euclidean(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at]! - other[at]!) ** 2;
  return Math.sqrt(sum);
}

/** From 0 for the same direction to 2 for the opposite one; a vector without a direction is as far from all as a right angle. */
function cosine(one: Float32Array, other: Float32Array): number {
  const lengths = Math.sqrt(dotProduct(one, one) * dotProduct(other, other));
  if (lengths === 0) return 1;
  return Math.min(2, Math.max(0, 1 - dotProduct(one, other) / lengths));
}

const measures: Readonly<Record<VectorDistanceFunction, Measure>> = { COSINE: cosine, EUCLIDEAN: euclidean, DOT_PRODUCT: dotProduct };

export const measureOf = (distance: VectorDistanceFunction): Measure => measures[distance];

/** Below zero when the first score is the more similar one. */
export const compareScores = (distance: VectorDistanceFunction, one: number, other: number): number =>
  distance === 'DOT_PRODUCT' ? other - one : one - other;

/** The best of what it is given, at most so many, the most similar first; of equal ones those that came first. */
export function bestOf<T>(
  distance: VectorDistanceFunction,
  max: number,
): { add: (score: number, value: T) => void; found: { score: number; value: T }[] } {
  const found: { score: number; value: T }[] = [];
  return {
    found,
    add(score, value) {
      if (found.length === max && compareScores(distance, score, found.at(-1)!.score) >= 0) return;
      let [low, high] = [0, found.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (compareScores(distance, score, found[middle]!.score) < 0) high = middle;
        else low = middle + 1;
      }
      found.splice(low, 0, { score, value });
      if (found.length > max) found.pop();
    },
  };
}
