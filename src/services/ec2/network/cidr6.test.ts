/** IPv6 addresses and ranges: how they are read and written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contains6, formatAddress6, formatCidr6, holds6, lastOf6, overlaps6, parseAddress6, parseCidr6 } from './cidr6.ts';

test('addresses are written as RFC 5952 says', () => {
  const said = {
    '2001:DB8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
    '0:0:0:0:0:0:0:0': '::',
    '::1': '::1',
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
    'fd00::': 'fd00::',
    '1:0:0:2:0:0:0:3': '1:0:0:2::3',
  };
  for (const [given, wanted] of Object.entries(said)) assert.equal(formatAddress6(parseAddress6(given)!), wanted);
});

test('what is no IPv6 address or range is none', () => {
  for (const text of ['', '10.0.0.1', ':', ':::', '1::2::3', 'fe80::1%eth0', '::ffff:10.0.0.1', '12345::', 'g::', 'fd00::/8'])
    assert.equal(parseAddress6(text), undefined, text);
  for (const text of ['fd00::', 'fd00::/129', 'fd00::/-1', '10.0.0.0/8', '/64', 'fd00::/64/64'])
    assert.equal(parseCidr6(text), undefined, text);
});

test('ranges lose their host bits, and know what is in them', () => {
  const outer = parseCidr6('fd12:3456:789a:bcff::5/56')!;
  assert.equal(formatCidr6(outer), 'fd12:3456:789a:bc00::/56');
  const inner = parseCidr6('fd12:3456:789a:bc07::/64')!;
  assert.ok(contains6(outer, inner) && !contains6(inner, outer) && overlaps6(outer, inner));
  assert.ok(!overlaps6(outer, parseCidr6('fd12:3456:789a:bd00::/56')!));
  assert.ok(holds6(inner, parseAddress6('fd12:3456:789a:bc07:ffff::')!) && !holds6(inner, lastOf6(inner) + 1n));
  assert.equal(formatCidr6(parseCidr6('::/0')!), '::/0');
});
