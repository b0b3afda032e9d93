/** The words of `haneul port-forward`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError } from './command.ts';
import { portPair } from './port-pairs.ts';

test('a pair is a port here and one there, the same one, or any here', () => {
  assert.deepEqual(portPair('8080:80'), { local: 8080, remote: 80 });
  assert.deepEqual(portPair('80'), { local: 80, remote: 80 });
  assert.deepEqual(portPair(':80'), { local: 0, remote: 80 });
  assert.deepEqual(portPair('0:65535/tcp'), { local: 0, remote: 65_535 });
});

test('what is no pair, and UDP, is refused in its own words', () => {
  for (const words of ['', ':', 'http', '80:', '8080:80:90', '-1:80', '80.5', '8080:0', '70000:80', '8080:70000', '80/sctp', '0x50'])
    assert.throws(() => portPair(words), CommandError, words);
  assert.throws(() => portPair('5353:53/udp'), /only TCP is carried, not UDP/);
});
