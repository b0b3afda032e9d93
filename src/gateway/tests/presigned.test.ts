/** Presigned URLs of both signature versions: what they allow, and when they end. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../tests/live-cloud.ts';
import { canonicalQuery } from '../signatures/canonical.ts';
import { basic, scopeOf, send, sha256, signingKey, type RawReply } from './raw-client.ts';

let cloud: LiveCloud;
let host: string;
before(async () => {
  cloud = await startCloud();
  host = `127.0.0.1:${cloud.port}`;
  const s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'links' }));
  await s3.send(new PutObjectCommand({ Bucket: 'links', Key: 'a b+é.txt', Body: 'shared' }));
});
after(() => cloud.close());

const now = (): number => cloud.cloud.clock.now();
const path = '/links/a%20b%2B%C3%A9.txt';
const codeOf = (reply: RawReply): string | undefined => /<Code>([^<]+)/.exec(reply.text)?.[1];

type Link = {
  method?: string;
  path?: string;
  at?: number;
  expires?: string;
  secret?: string;
  service?: string;
  query?: Record<string, string>;
  payload?: string;
};

function presign(link: Link = {}): string {
  const { method = 'GET', path: where = path, at = now(), expires = '900', secret = 'test', service = 's3' } = link;
  const signing = { service, at, secret };
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `test/${scopeOf(signing)}`,
    'X-Amz-Date': basic(at),
    'X-Amz-Expires': expires,
    'X-Amz-SignedHeaders': 'host',
    ...link.query,
  });
  const raw = canonicalQuery(query.toString());
  const canonical = `${method}\n${where}\n${raw}\nhost:${host}\n\nhost\n${link.payload ?? 'UNSIGNED-PAYLOAD'}`;
  const signature = createHmac('sha256', signingKey(signing))
    .update(`AWS4-HMAC-SHA256\n${basic(at)}\n${scopeOf(signing)}\n${sha256(canonical)}`)
    .digest('hex');
  return `${where}?${raw}&X-Amz-Signature=${signature}`;
}

/** As AWS CLI v1 writes them. */
function presignV2({ method = 'GET', expires = Math.floor(now() / 1_000) + 60, secret = 'test', contentType = '' } = {}): string {
  const signature = createHmac('sha1', secret).update(`${method}\n\n${contentType}\n${expires}\n${path}`).digest('base64');
  return `${path}?AWSAccessKeyId=test&Signature=${encodeURIComponent(signature)}&Expires=${expires}`;
}

const get = (url: string): Promise<RawReply> => send(cloud.port, { path: url });

describe('presigned with SigV4', () => {
  test('gives the object to whoever has the URL', async () => {
    const reply = await get(presign());
    assert.deepEqual([reply.status, reply.text], [200, 'shared']);
  });

  test('takes an upload, whatever its bytes', async () => {
    const put = await send(cloud.port, { method: 'PUT', path: presign({ method: 'PUT', path: '/links/up' }), body: 'uploaded' });
    assert.equal(put.status, 200);
    assert.equal((await get(presign({ path: '/links/up' }))).text, 'uploaded');
  });

  test('is for one method, one key and one secret', async () => {
    assert.equal(codeOf(await send(cloud.port, { method: 'DELETE', path: presign() })), 'SignatureDoesNotMatch');
    assert.equal(codeOf(await get(presign().replace('a%20b', 'a%20c'))), 'SignatureDoesNotMatch');
    assert.equal(codeOf(await get(presign({ secret: 'wrong' }))), 'SignatureDoesNotMatch');
    assert.equal(codeOf(await get(`${presign()}&versionId=x`)), 'SignatureDoesNotMatch');
  });

  test('ends when it says so, by the clock of the cloud', async () => {
    const url = presign({ expires: '60' });
    assert.equal((await get(url)).status, 200);
    await cloud.advance(61_000);
    const late = await get(url);
    assert.deepEqual([late.status, codeOf(late)], [403, 'AccessDenied']);
    assert.match(late.text, /<Message>Request has expired<.*<X-Amz-Expires>60<.*<ServerTime>/s);
  });

  test('is not valid before its time', async () => {
    assert.match((await get(presign({ at: now() + 20 * 60_000 }))).text, /Request is not valid yet/);
  });

  test('lasts a week at most, and a number of seconds', async () => {
    assert.match((await get(presign({ expires: '604801' }))).text, /X-Amz-Expires must be less than a week/);
    assert.match((await get(presign({ expires: '-1' }))).text, /X-Amz-Expires must be non-negative/);
    assert.match((await get(presign({ expires: 'soon' }))).text, /X-Amz-Expires should be a number/);
  });

  test('needs all its parameters', async () => {
    const reply = await get(presign().replace(/&X-Amz-Date=[^&]*/, ''));
    assert.deepEqual([reply.status, codeOf(reply)], [400, 'AuthorizationQueryParametersError']);
  });

  test('excludes a second authorisation', async () => {
    const reply = await send(cloud.port, { path: presign(), headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } });
    assert.match(reply.text, /Only one auth mechanism allowed/);
  });

  test('STS: a presigned GetCallerIdentity, as Kubernetes clients send it', async () => {
    const link = {
      service: 'sts',
      path: '/',
      expires: '60',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      payload: sha256(''),
    };
    assert.match((await get(presign(link))).text, /<Arn>arn:aws:iam::000000000000:root</);
    assert.match((await get(presign({ ...link, at: now() - 3_600_000 }))).text, /<Code>SignatureDoesNotMatch<.*Signature expired/s);
  });
});

describe('presigned with SigV2', () => {
  test('gives the object', async () => assert.equal((await get(presignV2())).text, 'shared'));
  test('is for one method and one secret', async () => {
    assert.equal(codeOf(await get(presignV2({ secret: 'wrong' }))), 'SignatureDoesNotMatch');
    assert.equal(codeOf(await send(cloud.port, { method: 'DELETE', path: presignV2() })), 'SignatureDoesNotMatch');
  });
  test('ends', async () => {
    const late = await get(presignV2({ expires: Math.floor(now() / 1_000) - 1 }));
    assert.deepEqual([late.status, codeOf(late)], [403, 'AccessDenied']);
    assert.match(late.text, /Request has expired/);
  });
  test('signs the content type of an upload', async () => {
    const url = presignV2({ method: 'PUT', contentType: 'text/plain' });
    assert.equal(
      codeOf(await send(cloud.port, { method: 'PUT', path: url, headers: { 'content-type': 'text/html' }, body: 'x' })),
      'SignatureDoesNotMatch',
    );
    assert.equal(
      (await send(cloud.port, { method: 'PUT', path: url, headers: { 'content-type': 'text/plain' }, body: 'shared' })).status,
      200,
    );
  });
});
