/** Long tables are sorted a little at a time: the same order, and no step that is long. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sortedInSteps, stepItems } from '../../console/src/resource/sorted-in-steps.ts';

type Row = { key: number; at: number };

test('what is sorted in steps is what is sorted at once, and what is equal keeps its order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 1_500 }), (keys) => {
      const rows = keys.map((key, at): Row => ({ key, at }));
      const compare = (a: Row, b: Row): number => a.key - b.key;
      const steps = sortedInSteps(rows, compare);
      let step = steps.next();
      while (!step.done) step = steps.next();
      assert.deepEqual(step.value, rows.toSorted(compare));
    }),
  );
});

test('of ten thousand rows no step compares more than one run of them', () => {
  let compared = 0;
  const rows = Array.from({ length: 10_000 }, (_, at) => (at * 7_919) % 10_007);
  const steps = sortedInSteps(rows, (a, b) => {
    compared++;
    return a - b;
  });
  const perStep: number[] = [];
  for (let step = steps.next(); !step.done; step = steps.next()) {
    perStep.push(compared);
    compared = 0;
  }
  assert.ok(Math.max(...perStep) <= stepItems * Math.log2(stepItems), `${Math.max(...perStep)} comparisons in a step`);
  assert.ok(perStep.length > 200, `${perStep.length} steps`);
});
