/** Tokens open for the key they were made for, and for nothing else. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { rootUser } from './principal.ts';
import type { Random } from './random.ts';
import { open, openSession, seal, sealSession } from './session-token.ts';

const random: Random = { bytes: (length) => randomBytes(length), float: () => 0, uuid: () => '', text: () => '' };
const key = randomBytes(32);
const session = { secretAccessKey: 'wJalrXUtnFEMI', principal: rootUser('111122223333'), expiresAt: 1_800_000_000_000 };

test('a session is read back from its token', () => {
  assert.deepEqual(openSession(key, 'ASIAONE', sealSession(key, 'ASIAONE', session, random)), session);
});

test('a token does not open for another access key, another cloud or another purpose', () => {
  const token = sealSession(key, 'ASIAONE', session, random);
  assert.equal(openSession(key, 'ASIATWO', token), undefined);
  assert.equal(openSession(randomBytes(32), 'ASIAONE', token), undefined);
  assert.equal(open(key, 'other', seal(key, 'message', 'text', random)), undefined);
});

test('a token shows neither the secret nor the identity', () => {
  const bytes = Buffer.from(sealSession(key, 'ASIAONE', session, random), 'base64').toString('latin1');
  assert.ok(!bytes.includes(session.secretAccessKey) && !bytes.includes('111122223333'));
});

test('no altered byte and no other text opens', () => {
  const token = Buffer.from(sealSession(key, 'ASIAONE', session, random), 'base64');
  for (let i = 0; i < token.length; i++) {
    const altered = Buffer.from(token);
    altered[i]! ^= 1;
    assert.equal(openSession(key, 'ASIAONE', altered.toString('base64')), undefined);
  }
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => openSession(key, 'ASIAONE', text) === undefined));
  assert.equal(openSession(key, 'ASIAONE', 'A'.repeat(1_000_000)), undefined);
});
