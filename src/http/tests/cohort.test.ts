/** Rows of requests: all begin, in their order, within a turn or a few. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCohort } from '../cohort.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what comes in one turn begins in a row, before anything that one of them waits for', async () => {
  const cohort = createCohort();
  const steps: string[] = [];
  for (const name of ['a', 'b', 'c'])
    cohort.add(() => {
      steps.push(`${name}1`);
      void Promise.resolve().then(() => steps.push(`${name}2`));
    });
  assert.deepEqual(steps, []);
  await turn();
  assert.deepEqual(steps, ['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
});

test('a long row is cut, and what is left, or comes meanwhile, begins in its order', async () => {
  const cohort = createCohort();
  const begun: number[] = [];
  for (let n = 0; n < 200; n++) cohort.add(() => begun.push(n));
  await turn();
  assert.ok(begun.length > 0 && begun.length < 200, `${begun.length} began at once`);
  cohort.add(() => begun.push(200));
  for (let turns = 0; begun.length < 201 && turns < 10; turns++) await turn();
  assert.deepEqual(
    begun,
    Array.from({ length: 201 }, (_, n) => n),
  );
  cohort.add(() => begun.push(201));
  await turn();
  assert.equal(begun.at(-1), 201);
});
