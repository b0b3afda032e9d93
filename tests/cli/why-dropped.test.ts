/** `haneul why-dropped`: what it takes, and what it says where nothing was dropped. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newUser, type User } from './haneul-process.ts';

let user: User;
before(async () => void (user = await newUser()));
after(() => user.leave());

test('where nothing was dropped it says so; ends that are none are refused, and reach no shell', async () => {
  await user.up();
  const { stdout, code } = await user.haneul('why-dropped');
  assert.deepEqual([code, stdout], [0, 'Nothing was dropped within the last hour.\n']);
  assert.deepEqual(await user.json('why-dropped'), { drops: [] });
  for (const [args, wanted, told] of [
    [['i-0123456789abcdef0'], 1, /i-0123456789abcdef0 has no interface/],
    [['$(touch /tmp/x)', '10.0.0.1'], 1, /an end is an instance \(i-…\), an interface \(eni-…\) or an IP address/],
    [['10.0.0.1', '10.0.0.2;ls', '22'], 1, /an end is an instance/],
    [['10.0.0.1', '10.0.0.2', '22', 'x'], 2, /./],
    [['10.0.0.1', '10.0.0.2', 'ssh'], 2, /the port is a number/],
    [['10.0.0.1', '10.0.0.2', '65536'], 1, /from 0 to 65535/],
    [['10.0.0.1', '10.0.0.2', '--protocol', 'sctp'], 1, /the protocol is tcp, udp or icmp/],
  ] as const) {
    const wrong = await user.haneul('why-dropped', ...args);
    assert.equal(wrong.code, wanted, wrong.stderr);
    assert.match(wrong.stderr, told);
  }
});
