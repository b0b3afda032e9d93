/** Interfaces that a machine was plugged into are given back once, whoever asks for it at one time. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { run } from '../../programs.ts';
import { unplug } from '../virtual/nics.ts';
import { needsRoot } from './workshop.ts';

const own = '02:00:00:00:00:01';
const guest = '06:00:00:00:00:01';

test('several who give the same interfaces back do not get in each other’s way', { skip: needsRoot ?? false }, async () => {
  const namespace = `haneul-test-${basename(tmpdir())}-${randomBytes(4).toString('hex')}`;
  await run('ip', ['netns', 'add', namespace]);
  try {
    const lines = [
      'link add br-eth0 type bridge',
      'tuntap add tap-eth0 mode tap',
      `link add eth0 address ${own} type veth peer name far`,
      `link set eth0 alias "guest ${guest}"`,
      'link set eth0 master br-eth0',
    ];
    await run('ip', ['-n', namespace, '-b', '-'], { input: `${lines.join('\n')}\n` });
    await Promise.all(Array.from({ length: 4 }, () => unplug(namespace)));
    const links = JSON.parse((await run('ip', ['-j', '-n', namespace, 'link'])).toString()) as { ifname: string; address: string }[];
    assert.deepEqual(links.map(({ ifname }) => ifname).sort(), ['eth0', 'far', 'lo']);
    assert.equal(links.find(({ ifname }) => ifname === 'eth0')!.address, guest);
  } finally {
    await run('ip', ['netns', 'delete', namespace]);
  }
});
