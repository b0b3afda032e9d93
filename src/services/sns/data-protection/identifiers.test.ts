/** What is sensitive, and what only looks like it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSensitive } from './identifiers.ts';

const found = (name: string, text: string): string[] => findSensitive(text, [name]).map(({ start, end }) => text.slice(start, end));

const cases: [name: string, sensitive: [text: string, found: string][], harmless: string[]][] = [
  ['EmailAddress', [['write to ann.lee+x@mail.example.com.', 'ann.lee+x@mail.example.com']], ['a@b', 'not an@address', '@example.com']],
  [
    'CreditCardNumber',
    [
      ['card 4539894458086459 12/27', '4539894458086459'],
      ['3782 822463 10005', '3782 822463 10005'],
      ['"4111-1111-1111-1111"', '4111-1111-1111-1111'],
    ],
    ['4539894458086458', '1234567890123456', '4111111111111111-1', '94539894458086459'],
  ],
  [
    'IpAddress',
    [
      ['from 192.168.0.254, port', '192.168.0.254'],
      ['at 2001:db8::1 now', '2001:db8::1'],
    ],
    ['256.1.1.1', '1.2.3', '1.2.3.4.5', '12:30:45'],
  ],
  [
    'AwsSecretKey',
    [['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY']],
    ['sha1 da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ],
  [
    'Ssn-US',
    [
      ['123-45-6789', '123-45-6789'],
      ['SSN 123456789', '123456789'],
    ],
    ['666-45-6789', '123-00-6789', '123456789', '1123-45-6789'],
  ],
  [
    'PhoneNumber-US',
    [
      ['call (425) 555-0100 now', '(425) 555-0100'],
      ['+14255550100', '+14255550100'],
    ],
    ['4255550100123', '125-555-0100'],
  ],
  ['PhoneNumber-DE', [['Tel. +49 30 901820123', '+49 30 901820123']], ['+44 30 90182012']],
  ['BankAccountNumber-DE', [['DE89 3704 0044 0532 0130 00', 'DE89 3704 0044 0532 0130 00']], ['DE88 3704 0044 0532 0130 00']],
  ['VehicleIdentificationNumber', [['VIN 1M8GDM9AXKP042788', '1M8GDM9AXKP042788']], ['1M8GDM9A1KP042788', '12345678901234567']],
  ['LatLong', [['at 47.60620,-122.33210.', '47.60620,-122.33210']], ['1,2', '91.000,5.000']],
];

for (const [name, sensitive, harmless] of cases)
  test(`${name} is told from what only looks like it`, () => {
    for (const [text, expected] of sensitive) assert.deepEqual(found(name, text), [expected]);
    for (const text of harmless) assert.deepEqual(found(name, text), [], text);
  });

test('private keys are found whole', () => {
  const body = 'MIIEowIBAAKCAQEAxyz\nabc+/=\n';
  const rsa = `-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC\n${body}-----END RSA PRIVATE KEY-----`;
  assert.deepEqual(found('PkcsPrivateKey', `key: ${rsa} end`), [rsa]);
  const ssh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}-----END OPENSSH PRIVATE KEY-----`;
  assert.deepEqual(found('OpenSshPrivateKey', ssh), [ssh]);
  assert.deepEqual(found('PkcsPrivateKey', `-----BEGIN PUBLIC KEY-----\n${body}-----END PUBLIC KEY-----`), []);
});

test('no text is too hard to read', () => {
  const names = cases.map(([name]) => name);
  for (const piece of ['1', '1-', 'a.', '0 ', ':', 'x@', '-----BEGIN PRIVATE KEY-----', 'PuTTY-User-Key-File-2: ', '(425) '])
    findSensitive(piece.repeat(262_144 / piece.length), [...names, 'PkcsPrivateKey', 'PuttyPrivateKey']);
});
