/** Background work takes all there is while nobody calls, and rests while somebody does. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGiveWay } from '../give-way.ts';

const never = new AbortController().signal;

/** Keeps the thread busy for a while. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Whether a timer of this length came before. */
async function outlasts(rest: Promise<void>, milliseconds: number): Promise<boolean> {
  let rang = false;
  const timer = setTimeout(() => (rang = true), milliseconds);
  await rest;
  clearTimeout(timer);
  return rang;
}

test('work goes on at once while nobody calls', async () => {
  const giveWay = createGiveWay(() => 7, never);
  work(30);
  assert.equal(await outlasts(giveWay(), 60_000), false);
});

test('work rests longer than it has worked when somebody has called meanwhile', async () => {
  let arrivals = 0;
  const giveWay = createGiveWay(() => arrivals, never);
  work(30);
  arrivals++;
  assert.equal(await outlasts(giveWay(), 60), true);
  assert.equal(await outlasts(giveWay(), 60_000), false, 'and goes on when nobody else has');
});

test('a rest ends with the pass', async () => {
  const ending = new AbortController();
  let arrivals = 0;
  const giveWay = createGiveWay(() => arrivals, ending.signal);
  work(5);
  arrivals++;
  ending.abort();
  await assert.rejects(giveWay(), { name: 'AbortError' });
});
