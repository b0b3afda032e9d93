/** Durations, there and back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration } from './duration.ts';

test('durations are read', () => {
  const wanted = {
    '250ms': 250,
    '90s': 90_000,
    '15m': 900_000,
    '12h': 43_200_000,
    '30d': 2_592_000_000,
    '2w': 1_209_600_000,
    '1d12h': 129_600_000,
    '1.5h': 5_400_000,
  };
  for (const [text, milliseconds] of Object.entries(wanted)) assert.equal(parseDuration(text), milliseconds, text);
});

test('what is none is refused', () => {
  for (const text of ['', '5', 's', '-1d', '1y', '1 d', 'd1', '0s', '1e3s', '99999999w', '1d x'])
    assert.equal(parseDuration(text), undefined, text);
});

test('durations are shown by their two largest units', () => {
  assert.deepEqual([0, 999, 61_000, 90_061_000].map(formatDuration), ['0s', '1s', '1m 1s', '1d 1h']);
});
