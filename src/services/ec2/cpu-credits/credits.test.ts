/** The rules of CPU credits, by AWS's own figures. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchedType } from '../instance-types/instance-type.ts';
import { baselineOf, processorsAllowed, settle, type Credits } from './credits.ts';

const hour = 3_600_000;
const none: Credits = { saved: 0, launch: 0, surplus: 0 };
const micro = launchedType('t3.micro');

test('baselines are those of the table: a tenth of each vCPU of t3.micro, 17 % of t2.2xlarge', () => {
  const percent = (name: string) => Math.round((baselineOf(launchedType(name)) / launchedType(name).vcpus) * 10_000) / 100;
  assert.deepEqual(
    ['t2.nano', 't2.micro', 't2.small', 't2.xlarge', 't2.2xlarge', 't3.nano', 't3.micro', 't3.medium', 't3.large', 't4g.2xlarge'].map(
      percent,
    ),
    [5, 10, 20, 22.5, 17, 5, 10, 20, 30, 40],
  );
  assert.equal(baselineOf(launchedType('m5.large')), 0);
});

test('an idle instance saves what it earns, a day long at most', () => {
  assert.deepEqual(settle(none, micro, 'standard', { milliseconds: hour, used: 0 }), { ...none, saved: 12, charged: 0 });
  assert.equal(settle(none, micro, 'standard', { milliseconds: 100 * hour, used: 0 }).saved, 288);
  assert.equal(settle({ ...none, saved: 288 }, micro, 'standard', { milliseconds: hour, used: 2 }).saved, 286);
});

test('launch credits are spent first, and are no part of what may be saved', () => {
  const t2 = launchedType('t2.micro');
  const after = settle({ saved: 144, launch: 30, surplus: 0 }, t2, 'standard', { milliseconds: 0, used: 40 });
  assert.deepEqual(after, { saved: 134, launch: 0, surplus: 0, charged: 0 });
  assert.equal(processorsAllowed({ ...none, launch: 30 }, t2, 'standard'), 1);
});

test('a standard instance without credits has its baseline, and comes down to it gently', () => {
  assert.equal(processorsAllowed(none, micro, 'standard'), 0.2);
  assert.equal(processorsAllowed({ ...none, saved: 0.5 }, micro, 'standard'), 0.7);
  assert.equal(processorsAllowed({ ...none, saved: 50 }, micro, 'standard'), 2);
  assert.deepEqual(settle(none, micro, 'standard', { milliseconds: 0, used: 3 }), { ...none, charged: 0 });
});

test('an unlimited instance owes what it has not earned, and pays beyond a day of earnings', () => {
  const owing = settle({ ...none, saved: 10 }, micro, 'unlimited', { milliseconds: 0, used: 110 });
  assert.deepEqual(owing, { ...none, surplus: 100, charged: 0 });
  assert.deepEqual(settle(owing, micro, 'unlimited', { milliseconds: 5 * hour, used: 0 }), { ...none, surplus: 40, charged: 0 });
  assert.deepEqual(settle(owing, micro, 'unlimited', { milliseconds: 10 * hour, used: 0 }), { ...none, saved: 20, charged: 0 });
  assert.deepEqual(settle(owing, micro, 'unlimited', { milliseconds: 0, used: 200 }), { ...none, surplus: 288, charged: 12 });
  assert.equal(processorsAllowed(none, micro, 'unlimited'), 2);
});
