/** Allocation strategies, on pools that a test makes up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confined, portions, ranked, type FleetPool } from './allocation.ts';

const pool = (type: string, zone: string, price: number, more: Partial<FleetPool> = {}): FleetPool => ({
  ...{ config: 0, override: {}, type, zone, price, weight: 1, priority: Infinity, spare: 40 },
  ...more,
});
const cheap = pool('t3.micro', 'a', 1, { spare: 2, priority: 3 });
const middle = pool('t3.small', 'b', 2, { spare: 20, priority: 2 });
const dear = pool('m5.large', 'a', 9, { spare: 40, priority: 1 });
const all = [middle, dear, cheap];
const first = (strategy: Parameters<typeof ranked>[1]) => ranked(all, strategy)[0];
const spread = (...args: Parameters<typeof portions>) => portions(...args).map(({ pool: { type }, count }) => [type, count]);

test('each strategy has its own best pool', () => {
  assert.equal(first('lowest-price'), cheap);
  assert.equal(first('prioritized'), dear);
  assert.equal(first('capacity-optimized'), dear);
  assert.equal(first('price-capacity-optimized'), cheap);
  assert.equal(first('capacity-optimized-prioritized'), dear);
  const heavy = pool('m5.4xlarge', 'a', 8, { weight: 16 });
  assert.equal(ranked([...all, heavy], 'lowest-price')[0], heavy, 'the price of a unit counts');
});

test('units are spread over one pool, several, or all', () => {
  const pools = ranked(all, 'lowest-price');
  const rules = { strategy: 'lowest-price', pools: 1 } as const;
  assert.deepEqual(spread(pools, 5, 'spot', rules), [['t3.micro', 5]]);
  assert.deepEqual(spread(pools, 5, 'spot', { ...rules, pools: 2 }), [
    ['t3.micro', 3],
    ['t3.small', 2],
  ]);
  assert.deepEqual(spread(pools, 4, 'spot', { strategy: 'diversified', pools: 1 }), [
    ['t3.micro', 2],
    ['t3.small', 1],
    ['m5.large', 1],
  ]);
  assert.deepEqual(spread(pools, 4, 'on-demand', { strategy: 'diversified', pools: 1 }), [['t3.micro', 4]]);
  assert.deepEqual(spread([pool('m5.4xlarge', 'a', 1, { weight: 16 })], 20, 'spot', rules), [['m5.4xlarge', 2]]);
  assert.deepEqual(portions([], 5, 'spot', rules), []);
});

test('a fleet of one type or one zone has those of its best pool', () => {
  assert.deepEqual(confined([cheap, middle, dear], { singleZone: true }), [cheap, dear]);
  assert.deepEqual(confined([cheap, middle, dear], { singleType: true }), [cheap]);
  assert.deepEqual(confined([cheap, middle], {}), [cheap, middle]);
});
