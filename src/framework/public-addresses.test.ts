/** Which ranges public addresses may come from. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkedPublicRange, isInRange } from './public-addresses.ts';

test('a range of public addresses is a block where nothing of the internet is, neither too large nor too small', () => {
  for (const range of ['100.64.0.0/16', '100.66.16.0/20', '198.18.0.0/15', '10.200.0.0/16', '192.168.64.0/22'])
    assert.equal(checkedPublicRange(range), range);
  for (const [range, why] of [
    ['8.8.0.0/16', /nothing of the internet/],
    ['100.65.0.0/20', /own services/],
    ['100.64.0.0/12', /own services/],
    ['100.64.0.1/16', /a block like/],
    ['100.66.0.0/24', /between/],
    ['10.0.0.0/8', /between/],
    ['256.0.0.0/16', /a block like/],
    ['', /a block like/],
  ] as const)
    assert.throws(() => checkedPublicRange(range), why, range);
});

test('an address is of a range or not', () => {
  assert.ok(isInRange('100.66.16.0/20', '100.66.31.255'));
  assert.ok(!isInRange('100.66.16.0/20', '100.66.32.0'));
  assert.ok(!isInRange('198.18.0.0/15', '198.20.0.1'));
});
