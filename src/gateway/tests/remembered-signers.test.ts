/** What is remembered of signers, and the HMAC that verifies them, are what reading and Node's own HMAC give. */

import assert from 'node:assert/strict';
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Readable } from 'node:stream';
import type { HttpRequest } from '../../framework/http-message.ts';
import { readClaim } from '../signatures/claim.ts';
import { hmacSha256 } from '../signatures/hmac.ts';
import { sameText } from '../signatures/sigv4.ts';

function claimOf(authorization: string) {
  const request: HttpRequest = {
    method: 'GET',
    rawPath: '/',
    rawQuery: '',
    headers: { authorization, 'x-amz-date': '20261128T000000Z' },
    body: Readable.from([]),
    remoteAddress: '127.0.0.1',
    secure: false,
    s3: undefined,
    trailers: () => ({}),
    signal: new AbortController().signal,
  };
  return readClaim(request, new Map());
}

const scope = 'Credential=AKIDEXAMPLE/20261128/us-east-1/s3/aws4_request';

test('a header that was seen before is read as one that was not', () => {
  const headers = [
    `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host;x-amz-date, Signature=SIGNATURE`,
    `AWS4-HMAC-SHA256 ${scope},SignedHeaders=host;x-amz-date,Signature=SIGNATURE`,
    `AWS4-HMAC-SHA256 Signature=SIGNATURE, ${scope}, SignedHeaders=host`,
    `AWS4-HMAC-SHA256 ${scope}, Signature=first, SignedHeaders=host, Signature=SIGNATURE`,
    `AWS4-HMAC-SHA256 ${scope}, Signature=SIGNATURE, SignedHeaders=host; Signature=other`,
    `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=SIGNATURE, Extra=1`,
  ];
  for (const header of headers) {
    const first = claimOf(header.replace('SIGNATURE', 'aaaa'));
    const again = claimOf(header.replace('SIGNATURE', 'bbbb'));
    assert.ok(first && 'claim' in first && again && 'claim' in again, header);
    assert.deepEqual({ ...again.claim, signature: 'aaaa' }, first.claim, header);
    assert.equal(again.claim.signature, 'bbbb', header);
  }
});

test('a header that was seen before is refused without a signature', () => {
  const header = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host;x-amz-security-token, Signature=`;
  assert.ok('claim' in claimOf(`${header}aaaa`)!);
  assert.deepEqual(claimOf(header), { malformed: 'header', missing: ['Signature'] });
});

test('two hashes are the HMAC, whatever the length of key and text', () => {
  for (const keyBytes of [1, 32, 63, 64, 65, 200])
    for (const text of ['', 'a', 'é'.repeat(60), 'a'.repeat(341), 'a'.repeat(342), '한'.repeat(2_000)]) {
      const key = createSecretKey(randomBytes(keyBytes));
      assert.equal(hmacSha256(key, text), createHmac('sha256', key).update(text).digest('hex'), `${keyBytes} and ${text.length}`);
    }
});

test('texts are the same only if every character is', () => {
  const text = 'a'.repeat(64);
  assert.ok(sameText(text, text));
  for (const other of ['', 'a', `${text}a`, `${text.slice(1)}b`, `b${text.slice(1)}`, 'š'.repeat(64)]) assert.ok(!sameText(other, text));
});
