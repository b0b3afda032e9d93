/** `haneul fault`: zones go down and come back by the command, and stay as they are over a restart. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FaultsAnswer } from '../../src/control/faults.ts';
import type { SpotFaultsAnswer } from '../../src/control/spot-faults.ts';
import { newUser, type User } from './haneul-process.ts';

let user: User;
before(async () => void (user = await newUser()));
after(() => user.leave());

test('a zone is taken down, destroyed and brought back; a restart changes nothing', async () => {
  const cloud = await user.up();
  assert.deepEqual(await user.json<FaultsAnswer>('fault'), { zones: [] });
  const down = await user.json<FaultsAnswer>('fault', 'az', 'us-east-1a', 'down');
  assert.deepEqual(
    down.zones.map(({ zone, state, destroyed }) => [zone, state, destroyed]),
    [['us-east-1a', 'down', undefined]],
  );
  cloud.child.kill('SIGKILL');
  await cloud.ended;
  await user.up();
  assert.deepEqual(await user.json<FaultsAnswer>('fault'), down);
  const { stdout } = await user.haneul('fault', 'az', 'us-east-1a', 'down', '--destroy');
  assert.match(stdout, /^us-east-1a {2}down since \S+; what it kept alone until \S+ is lost\n$/);
  const up = await user.json<FaultsAnswer>('fault', 'az', 'us-east-1a', 'up');
  assert.equal(up.zones[0]!.state, 'up');
  assert.ok(up.zones[0]!.destroyed, 'what is lost stays lost');
  for (const [args, code, told] of [
    [['az', 'us-east-1z', 'down'], 1, /name of an availability zone/],
    [['az', 'us-east-1a'], 2, /takes az, a zone such as us-east-1a, and down or up/],
    [['az', 'us-east-1a', 'up', '--destroy'], 2, /--destroy goes with down/],
  ] as const) {
    const wrong = await user.haneul('fault', ...args);
    assert.equal(wrong.code, code, wrong.stderr);
    assert.match(wrong.stderr, told);
  }
});

test('spot prices are set and left to the market again, and only a spot instance is interrupted', async () => {
  type Answer = FaultsAnswer & SpotFaultsAnswer;
  const set = await user.json<Answer>('fault', 'spot-price', 'us-east-1a', 't3.micro', '0.02');
  assert.deepEqual(
    set.spot!.prices.map(({ since: _since, ...price }) => price),
    [{ zone: 'us-east-1a', type: 't3.micro', dollarsPerHour: 0.02 }],
  );
  assert.equal((await user.json<Answer>('fault', 'spot-price', 'us-east-1a', 't3.micro', 'market')).spot, undefined);
  assert.deepEqual((await user.json<Answer>('fault', 'spot-seed', '7')).spot, { prices: [], seed: 7 });
  assert.match((await user.haneul('fault')).stdout, /The spot market follows the seed 7\./);
  for (const [args, code, told] of [
    [['spot', 'i-0123456789abcdef0'], 1, /there is no instance i-0123456789abcdef0/],
    [['spot', 'me'], 1, /must be the id of an instance/],
    [['spot'], 2, /takes the id of a spot instance/],
    [['spot-price', 'us-east-1a', 't3.micro'], 2, /dollars an hour or market/],
    [['spot-price', 'here', 't3.micro', '1'], 1, /name of an availability zone/],
    [['spot-price', 'us-east-1a', 't3.micro', '0'], 1, /more than 0/],
    [['spot-seed', 'x'], 2, /whole number/],
  ] as const) {
    const wrong = await user.haneul('fault', ...args);
    assert.equal(wrong.code, code, wrong.stderr);
    assert.match(wrong.stderr, told);
  }
});
