/** The speeds of AWS's table, at its corners. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { speedOf } from './speed.ts';

const mebibytes = (row: Parameters<typeof speedOf>[0]): [number, number] => {
  const { operationsPerSecond, bytesPerSecond } = speedOf(row);
  return [operationsPerSecond, bytesPerSecond / 1024 ** 2];
};

test('each type has the operations and the throughput that its size and its settings give', () => {
  assert.deepEqual(mebibytes({ type: 'gp3', gibibytes: 10, iops: 4000, throughput: 300 }), [4000, 300]);
  assert.deepEqual(mebibytes({ type: 'gp2', gibibytes: 100, iops: 300 }), [3000, 128]);
  assert.deepEqual(mebibytes({ type: 'gp2', gibibytes: 2000, iops: 6000 }), [6000, 250]);
  assert.deepEqual(mebibytes({ type: 'io1', gibibytes: 100, iops: 1000 }), [1000, 250]);
  assert.deepEqual(mebibytes({ type: 'io1', gibibytes: 1000, iops: 32_000 }), [32_000, 500]);
  assert.deepEqual(mebibytes({ type: 'io1', gibibytes: 2000, iops: 64_000 }), [64_000, 1000]);
  assert.deepEqual(mebibytes({ type: 'io2', gibibytes: 1000, iops: 256_000 }), [256_000, 4000]);
  assert.deepEqual(mebibytes({ type: 'st1', gibibytes: 1024 }), [500, 250]);
  assert.deepEqual(mebibytes({ type: 'st1', gibibytes: 16_384 }), [500, 500]);
  assert.deepEqual(mebibytes({ type: 'sc1', gibibytes: 1024 }), [250, 80]);
  assert.deepEqual(mebibytes({ type: 'standard', gibibytes: 10 }), [200, 90]);
});
