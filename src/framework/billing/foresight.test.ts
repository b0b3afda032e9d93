/** From which days a forecast learns. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyOf } from './foresight.ts';

const day = 86_400_000;
const today = Date.parse('2026-11-20');
const now = today + 5 * 3_600_000;

test('a forecast learns from the last week, without the day of the first use where there are others', () => {
  assert.deepEqual(historyOf(now, today - 40 * day), { from: today - 7 * day, to: today });
  assert.deepEqual(historyOf(now, today - 3 * day), { from: today - 2 * day, to: today });
  assert.deepEqual(historyOf(now, today - day), { from: today - day, to: today });
  const { from, to } = historyOf(now, today);
  assert.ok(from >= to, 'there is no day yet');
});
