/** Scores of vectors, and which of many are the best. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bestOf, compareScores, measureOf } from './distance.ts';

const vector = (...numbers: number[]): Float32Array => Float32Array.from(numbers);

test('scores are the distances that AWS names', () => {
  assert.equal(measureOf('EUCLIDEAN')(vector(0, 0), vector(3, 4)), 5);
  assert.equal(measureOf('DOT_PRODUCT')(vector(1, 2), vector(3, 4)), 11);
  assert.equal(measureOf('COSINE')(vector(2, 0), vector(7, 0)), 0);
  assert.equal(measureOf('COSINE')(vector(1, 0), vector(-3, 0)), 2);
  assert.equal(measureOf('COSINE')(vector(1, 0), vector(0, 5)), 1);
  assert.equal(measureOf('COSINE')(vector(0, 0), vector(0, 5)), 1);
});

test('the best are those that sorting would put first', () => {
  const scores = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 30 });
  fc.assert(
    fc.property(scores, fc.integer({ min: 1, max: 8 }), fc.constantFrom('EUCLIDEAN', 'DOT_PRODUCT'), (all, max, distance) => {
      const best = bestOf<number>(distance, max);
      for (const [at, score] of all.entries()) best.add(score, at);
      const sorted = all.map((score, value) => ({ score, value })).toSorted((a, b) => compareScores(distance, a.score, b.score));
      assert.deepEqual(best.found, sorted.slice(0, max));
    }),
  );
});
