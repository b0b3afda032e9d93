/** CORS: the configuration, preflights, and what other answers say to browsers. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  PutBucketCorsCommand,
  S3Client,
  type CORSRule,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'cors-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));
const put = (...CORSRules: CORSRule[]) => s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
const ask = (method: string, headers: Record<string, string>, path = 'key') =>
  fetch(`${cloud.endpoint}/${Bucket}/${path}`, { method, headers });
const preflight = (origin: string, method: string, headers?: string) =>
  ask('OPTIONS', {
    origin,
    'access-control-request-method': method,
    ...(headers && { 'access-control-request-headers': headers }),
  });
const allowed = (response: Response) => response.headers.get('access-control-allow-origin');

test('rules are put, read back, and deleted', async () => {
  const rule: CORSRule = {
    ID: 'one',
    AllowedHeaders: ['x-amz-*'],
    AllowedMethods: ['GET', 'PUT'],
    AllowedOrigins: ['https://*.example.com'],
    ExposeHeaders: ['ETag'],
    MaxAgeSeconds: 3000,
  };
  await put(rule);
  assert.deepEqual((await s3.send(new GetBucketCorsCommand({ Bucket }))).CORSRules, [rule]);
  await s3.send(new DeleteBucketCorsCommand({ Bucket }));
  await refused(s3.send(new GetBucketCorsCommand({ Bucket })), { code: 'NoSuchCORSConfiguration', status: 404 });
  assert.equal((await preflight('https://a.example.com', 'GET')).status, 403);
});

test('bad rules are refused in the words of AWS', async () => {
  const good = { AllowedMethods: ['GET'], AllowedOrigins: ['*'] };
  await refused(put(), 'MalformedXML');
  await refused(put({ ...good, AllowedMethods: ['PATCH'] }), {
    code: 'InvalidRequest',
    message: 'Found unsupported HTTP method in CORS config. Unsupported method is PATCH',
  });
  await refused(put({ ...good, AllowedOrigins: ['*.a.*'] }), 'InvalidRequest');
  await refused(put({ ...good, AllowedHeaders: ['*-*'] }), 'InvalidRequest');
  await refused(put({ ...good, ExposeHeaders: ['x-*'] }), 'InvalidRequest');
});

test('a preflight is answered by the first rule that allows origin, method and headers', async () => {
  await put(
    { AllowedMethods: ['GET'], AllowedOrigins: ['https://*.example.com'], AllowedHeaders: ['X-Amz-*'], MaxAgeSeconds: 60 },
    { AllowedMethods: ['PUT', 'POST'], AllowedOrigins: ['*'], AllowedHeaders: ['*'] },
  );
  const yes = await preflight('https://a.example.com', 'GET', 'x-amz-date, X-Amz-Meta-A');
  assert.equal(yes.status, 200);
  assert.equal(allowed(yes), 'https://a.example.com');
  assert.equal(yes.headers.get('access-control-allow-headers'), 'x-amz-date, x-amz-meta-a');
  assert.equal(yes.headers.get('access-control-max-age'), '60');
  assert.equal(yes.headers.get('access-control-allow-credentials'), 'true');
  const anyone = await preflight('http://elsewhere', 'POST', 'whatever');
  assert.equal(allowed(anyone), '*');
  assert.equal(anyone.headers.get('access-control-allow-methods'), 'PUT, POST');
  assert.equal(anyone.headers.get('access-control-allow-credentials'), null);
  assert.equal((await preflight('https://a.example.com', 'GET', 'authorization')).status, 403);
  assert.equal((await preflight('http://elsewhere', 'GET')).status, 403);
  assert.match(await (await preflight('http://elsewhere', 'GET')).text(), /<Code>AccessForbidden<\/Code>/);
  assert.equal((await ask('OPTIONS', {})).status, 400);
  assert.equal((await ask('OPTIONS', { origin: 'http://a' })).status, 400);
});

test('answers name the origin, refusals too, and only where a rule allows it', async () => {
  await put({ AllowedMethods: ['GET'], AllowedOrigins: ['http://a'], ExposeHeaders: ['ETag', 'x-amz-meta-a'] });
  const refusal = await ask('GET', { origin: 'http://a' });
  assert.equal(refusal.status, 403);
  assert.equal(allowed(refusal), 'http://a');
  assert.equal(refusal.headers.get('access-control-expose-headers'), 'ETag, x-amz-meta-a');
  assert.match(refusal.headers.get('vary')!, /^Origin/);
  assert.equal(allowed(await ask('GET', { origin: 'http://b' })), null);
  assert.equal(allowed(await ask('PUT', { origin: 'http://a' })), null);
  assert.equal(allowed(await ask('GET', {})), null);
});

test('a bucket that is made anew has no rules of the one before it', async () => {
  await put({ AllowedMethods: ['GET'], AllowedOrigins: ['*'] });
  await s3.send(new DeleteBucketCommand({ Bucket }));
  await s3.send(new CreateBucketCommand({ Bucket }));
  await refused(s3.send(new GetBucketCorsCommand({ Bucket })), 'NoSuchCORSConfiguration');
});
