/** Encoded words: there and back, and as other programs write them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromMailSafe, mailSafe } from './mail-safe.ts';

test('any text comes back, in ASCII words of at most 75 characters', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((value) => !value.includes('=?'));
  fc.assert(
    fc.property(text, (value) => {
      const safe = mailSafe(value);
      assert.match(safe, /^[\t\x20-\x7e]*$/);
      assert.equal(fromMailSafe(safe), value);
      if (safe !== value) for (const word of safe.split(' ')) assert.ok(word.length <= 75, word);
    }),
  );
});

test('words are as mail programs write them', () => {
  assert.equal(mailSafe('plain = text?'), 'plain = text?');
  assert.equal(mailSafe('Miniö'), '=?UTF-8?Q?Mini=C3=B6?=');
  assert.equal(mailSafe('ö'), '=?UTF-8?B?w7Y=?=');
  assert.equal(fromMailSafe('=?iso-8859-1?q?caf=E9_noir?='), 'café noir');
  assert.equal(fromMailSafe('a =?utf-8?b?7ZWc?=\t=?utf-8?b?7Jq4?= b'), 'a 한울 b');
  for (const other of ['=?koi8-r?Q?=C1?=', '=?UTF-8?X?a?=', '=?', '=?UTF-8?Q?open']) assert.equal(fromMailSafe(other), other);
});
