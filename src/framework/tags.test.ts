/** The limits of tags. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeTags, requestTagContext, resourceTagContext, tagFault, tagsOf } from './tags.ts';

const tag = (Key: string, Value = '') => ({ Key, Value });

test('tags within the limits have no fault', () => {
  assert.equal(tagFault([]), undefined);
  assert.equal(tagFault([tag('k'.repeat(128), 'v'.repeat(256)), tag('하늘 é_.:/=+-@', '값 1')]), undefined);
  assert.equal(tagFault(Array.from({ length: 50 }, (_, i) => tag(`k${i}`))), undefined);
});

test('each limit has its fault', () => {
  assert.equal(tagFault(Array.from({ length: 51 }, (_, i) => tag(`k${i}`)))?.kind, 'tooMany');
  assert.equal(tagFault([tag('')])?.kind, 'keyLength');
  assert.equal(tagFault([tag('k'.repeat(129))])?.kind, 'keyLength');
  assert.equal(tagFault([tag('k', 'v'.repeat(257))])?.kind, 'valueLength');
  assert.equal(tagFault([tag('AWS:owner')])?.kind, 'reservedKey');
  assert.equal(tagFault([tag('a*')])?.kind, 'keyCharacters');
  assert.equal(tagFault([tag('a', '<b>')])?.kind, 'valueCharacters');
  assert.equal(tagFault([tag('a'), tag('A')]), undefined);
  assert.equal(tagFault([tag('a'), tag('a')])?.kind, 'duplicateKey');
});

test('tags become condition keys', () => {
  assert.deepEqual(requestTagContext([tag('team', 'blue')]), { 'aws:RequestTag/team': 'blue', 'aws:TagKeys': ['team'] });
  assert.deepEqual(resourceTagContext([tag('__proto__', 'x')], 'ec2'), {
    'aws:ResourceTag/__proto__': 'x',
    'ec2:ResourceTag/__proto__': 'x',
  });
});

test('maps and lists become tags, and new values take the place of old ones', () => {
  assert.deepEqual(tagsOf({ a: '1' }), [tag('a', '1')]);
  assert.deepEqual(tagsOf([{ Key: 'a' }]), [tag('a')]);
  assert.deepEqual(mergeTags([tag('a', '1'), tag('b', '2')], [tag('a', '3'), tag('c', '4')]), [
    tag('a', '3'),
    tag('b', '2'),
    tag('c', '4'),
  ]);
});
