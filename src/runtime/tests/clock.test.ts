/** The clock: frozen, advanced, running, and shared by several processes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../../store/open-store.ts';
import { ClockBackward, openClock } from '../clock.ts';

const DAY = 86_400_000;

test('a manual clock stands still until it is advanced', async () => {
  const store = await openStore({ temporary: true });
  const clock = await openClock(store, 'manual');
  const begun = clock.now();
  await clock.advance(30 * DAY);
  assert.equal(clock.now(), begun + 30 * DAY);
  assert.equal(clock.state.mode, 'frozen');
  clock.close();
  await store.close();
});

test('a running clock keeps its offset, and time never goes backward', async () => {
  const store = await openStore({ temporary: true });
  const clock = await openClock(store);
  const before = Date.now();
  await clock.advance(DAY);
  assert.ok(clock.now() >= before + DAY);
  await assert.rejects(clock.set(before), ClockBackward);
  await clock.freeze();
  const frozen = clock.now();
  await clock.run();
  assert.ok(clock.now() >= frozen);
  clock.close();
  await store.close();
});

test('until wakes when the hands are moved, and not before', async () => {
  const store = await openStore({ temporary: true });
  const clock = await openClock(store, 'manual');
  const woken: number[] = [];
  const signal = new AbortController().signal;
  const first = clock.until(clock.now() + 1_000, signal).then(() => woken.push(1));
  const second = clock.until(clock.now() + 5_000, signal).then(() => woken.push(2));
  await clock.advance(2_000);
  await first;
  assert.deepEqual(woken, [1]);
  await clock.advance(3_000);
  await second;
  assert.deepEqual(woken, [1, 2]);
  clock.close();
  await store.close();
});

test('an aborted wait rejects with its reason and leaves no waiter', async () => {
  const store = await openStore({ temporary: true });
  const clock = await openClock(store, 'manual');
  const stop = new AbortController();
  const waiting = clock.until(clock.now() + 1_000, stop.signal);
  stop.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  clock.close();
  await store.close();
});

test('the hands are durable, and another clock on the same store follows them', async () => {
  const store = await openStore({ temporary: true });
  const clock = await openClock(store, 'manual');
  const other = await openClock(store);
  const moved = new Promise<void>((resolve) => other.onChange(resolve));
  await clock.advance(DAY);
  await moved;
  assert.equal(other.now(), clock.now());
  const third = await openClock(store);
  assert.equal(third.now(), clock.now());
  for (const one of [clock, other, third]) one.close();
  await store.close();
});
