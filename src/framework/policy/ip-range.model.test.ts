/** CIDR ranges against the block list of Node. */

import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileRange } from './ip-range.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`seed ${seed}`);

/** Addresses that share their first bits often enough. */
function near<T>(address: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> {
  return fc.oneof(
    fc.tuple(address, address),
    address.map((same): [T, T] => [same, same]),
  );
}

test('IPv4 ranges hold what a block list holds', () => {
  const byte = fc.constantFrom(0, 1, 10, 127, 128, 192, 255);
  const address = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
  fc.assert(
    fc.property(near(address), fc.integer({ min: 0, max: 32 }), ([network, candidate], bits) => {
      const list = new BlockList();
      list.addSubnet(network, bits, 'ipv4');
      assert.equal(compileRange(`${network}/${bits}`)!(candidate), list.check(candidate, 'ipv4'));
      assert.equal(compileRange(`${network}/${bits}`)!(`::ffff:${candidate}`), list.check(candidate, 'ipv4'));
    }),
    { seed, numRuns: 2000 },
  );
});

test('IPv6 ranges hold what a block list holds', () => {
  const word = fc.constantFrom('0', '1', 'db8', '2001', 'FFFF', '8000');
  const address = fc.oneof(
    fc.array(word, { minLength: 8, maxLength: 8 }).map((words) => words.join(':')),
    fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 3 }), fc.array(word, { maxLength: 3 }))
      .map(([head, tail]) => `${head.join(':')}::${tail.join(':')}`),
  );
  fc.assert(
    fc.property(near(address), fc.integer({ min: 0, max: 128 }), ([network, candidate], bits) => {
      const list = new BlockList();
      list.addSubnet(network, bits, 'ipv6');
      assert.equal(compileRange(`${network}/${bits}`)!(candidate), list.check(candidate, 'ipv6'));
    }),
    { seed, numRuns: 2000 },
  );
});

test('what is no range compiles to nothing', () => {
  for (const text of ['', '10.0.0.0/33', '10.0.0/8', '::/129', 'localhost', '1.2.3.4/8/8', '1.2.3.4/', 'fe80::1%eth0', '10.0.0.0/-1'])
    assert.equal(compileRange(text), undefined, text);
  assert.equal(compileRange('10.0.0.0/8')!('not an address'), false);
});
