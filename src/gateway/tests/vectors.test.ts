/** The public vectors of Signature Version 4 and 4A: canonical request, string to sign and signature, in header and query form. */

import assert from 'node:assert/strict';
import { createHash, createPublicKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Readable } from 'node:stream';
import type { HttpRequest } from '../../framework/http-message.ts';
import { canonicalRequest, type CanonicalOptions } from '../signatures/canonical.ts';
import { readClaim, type Claim } from '../signatures/claim.ts';
import { createSigningKeys } from '../signatures/signing-keys.ts';
import { signSigV4, verifySigV4 } from '../signatures/sigv4.ts';
import { verifyEcdsa, verifySigV4A } from '../signatures/sigv4a.ts';
import { parseQuery } from '../query-string.ts';

const suite = new URL('../../../../shared/vectors/sigv4-suite/', import.meta.url);
const skip = existsSync(suite) ? false : 'the public vectors are not beside this checkout';

type Context = {
  credentials: { access_key_id: string; secret_access_key: string; token?: string };
  normalize: boolean;
  region: string;
  service: string;
  omit_session_token?: boolean;
};

/** A few folders hold only what the signer's own tests need, without a signed request. */
function namesOf(version: string): string[] {
  return skip
    ? []
    : readdirSync(new URL(`${version}/`, suite)).filter((name) =>
        existsSync(new URL(`${version}/${name}/header-signed-request.txt`, suite)),
      );
}

function reader(version: string, name: string): (file: string) => string {
  return (file) => readFileSync(new URL(`${version}/${name}/${file}`, suite), 'utf8');
}

/** A request as it would come from the wire: bytes as latin-1, folded header lines joined. */
function requestOf(text: string): { request: HttpRequest; body: Buffer } {
  const [head = '', ...rest] = text.split('\n\n');
  const [line = '', ...headerLines] = Buffer.from(head, 'utf8').toString('latin1').split('\n');
  const from = line.indexOf(' ');
  const target = line.slice(from + 1, line.lastIndexOf(' '));
  const question = target.indexOf('?');
  const headers = Object.create(null) as Record<string, string>;
  const repeated = Object.create(null) as Record<string, string[]>;
  let last = '';
  for (const headerLine of headerLines) {
    if (headerLine === '') continue;
    if (/^\s/.test(headerLine)) {
      headers[last] += `\n${headerLine}`;
      continue;
    }
    last = headerLine.slice(0, headerLine.indexOf(':')).toLowerCase();
    const value = headerLine.slice(last.length + 1);
    if (headers[last] !== undefined) (repeated[last] ??= [headers[last]!]).push(value);
    headers[last] = headers[last] === undefined ? value : `${headers[last]}, ${value}`;
  }
  const request: HttpRequest = {
    method: line.slice(0, from),
    rawPath: question < 0 ? target : target.slice(0, question),
    rawQuery: question < 0 ? '' : target.slice(question + 1),
    headers,
    repeatedHeaders: repeated,
    body: Readable.from([]),
    trailers: () => ({}),
    remoteAddress: '127.0.0.1',
    secure: false,
    signal: new AbortController().signal,
  };
  return { request, body: Buffer.from(rest.join('\n\n'), 'utf8') };
}

function claimOf(request: HttpRequest): Claim {
  const result = readClaim(request, parseQuery(request.rawQuery));
  assert.ok(result && 'claim' in result, 'the request holds a claim');
  return result.claim;
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const rule = (context: Context): CanonicalOptions['path'] => (context.normalize ? 'normalise-and-encode-again' : 'encode-again');

/** A token that is added after signing stands in the request, but not under the signature. */
function omitted(context: Context): ReadonlySet<string> {
  return new Set(context.omit_session_token ? ['X-Amz-Signature', 'X-Amz-Security-Token'] : ['X-Amz-Signature']);
}

describe('sigv4 vectors', { skip }, () => {
  for (const name of namesOf('v4')) {
    for (const form of ['header', 'query'] as const) {
      test(`${name}, ${form}`, () => {
        const read = reader('v4', name);
        const context = JSON.parse(read('context.json')) as Context;
        const { request, body } = requestOf(read(`${form}-signed-request.txt`));
        const claim = claimOf(request);
        const hash = sha256(body);
        const canonical = canonicalRequest(request, claim.signedHeaders, request.headers['x-amz-content-sha256'] ?? hash, {
          path: rule(context),
          ...(form === 'query' && { omitQuery: omitted(context) }),
        });
        assert.equal(canonical, read(`${form}-canonical-request.txt`));
        const stringToSign = `${claim.algorithm}\n${claim.timestamp}\n${claim.scope}\n${sha256(Buffer.from(canonical, 'latin1'))}`;
        assert.equal(stringToSign, read(`${form}-string-to-sign.txt`));
        const key = createSigningKeys().symmetric(
          claim.accessKeyId,
          context.credentials.secret_access_key,
          claim.date,
          context.region,
          context.service,
        );
        assert.equal(signSigV4(key, stringToSign), read(`${form}-signature.txt`));
        if (form === 'query' && context.omit_session_token) return;
        assert.ok(verifySigV4(request, claim, key, request.headers['x-amz-content-sha256'] ?? hash).valid);
        assert.ok(
          !verifySigV4(request, { ...claim, signature: claim.signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }, key, hash)
            .valid,
        );
      });
    }
  }
});

describe('sigv4a vectors', { skip }, () => {
  for (const name of namesOf('v4a')) {
    const read = reader('v4a', name);
    const context = skip ? undefined : (JSON.parse(read('context.json')) as Context);
    test(`${name}, key`, () => {
      const { X, Y } = JSON.parse(read('public-key.json')) as { X: string; Y: string };
      const coordinate = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
      const expected = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: coordinate(X), y: coordinate(Y) } });
      const key = createSigningKeys().asymmetric(context!.credentials.access_key_id, context!.credentials.secret_access_key);
      assert.ok(key.equals(expected));
    });
    for (const form of ['header', 'query'] as const) {
      test(`${name}, ${form}`, () => {
        const { request, body } = requestOf(read(`${form}-signed-request.txt`));
        const claim = claimOf(request);
        const hash = request.headers['x-amz-content-sha256'] ?? sha256(body);
        const canonical = canonicalRequest(request, claim.signedHeaders, hash, {
          path: rule(context!),
          ...(form === 'query' && { omitQuery: omitted(context!) }),
        });
        assert.equal(canonical, read(`${form}-canonical-request.txt`));
        const key = createSigningKeys().asymmetric(claim.accessKeyId, context!.credentials.secret_access_key);
        assert.ok(verifyEcdsa(key, read(`${form}-string-to-sign.txt`), read(`${form}-signature.txt`)), 'the recorded signature verifies');
        if (form === 'query' && context!.omit_session_token) return;
        assert.ok(verifySigV4A(request, claim, key, hash).valid, 'the signed request verifies');
        assert.ok(!verifySigV4A({ ...request, method: 'DELETE' }, claim, key, hash).valid);
      });
    }
  }
});
