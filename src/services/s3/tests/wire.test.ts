/** What the SDK does not show: presigned URLs, virtual hosts, bare requests, bodies that end too soon. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'open.bucket';
const everything = { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`] };
await s3.send(new CreateBucketCommand({ Bucket }));
await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement: everything }) }));
await s3.send(new PutObjectCommand({ Bucket, Key: 'hello', Body: 'hello' }));

type Answer = { status: number; headers: IncomingMessage['headers']; body: string };

async function send(method: string, path: string, headers: Record<string, string> = {}, body?: string | Buffer[]): Promise<Answer> {
  const call = request({ host: '127.0.0.1', port: cloud.port, method, path, headers });
  if (Array.isArray(body)) for (const chunk of body) call.write(chunk);
  call.end(typeof body === 'string' ? body : undefined);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  return { status: answer.statusCode!, headers: answer.headers, body: await text(answer) };
}

async function presigned(method: string, path: string, expiresIn: number, query: Record<string, string> = {}): Promise<string> {
  const signer = await (
    s3.config.signer as unknown as () => Promise<{ presign(message: object, options: object): Promise<{ query: Record<string, string> }> }>
  )();
  const message = {
    method,
    protocol: 'http:',
    hostname: '127.0.0.1',
    port: cloud.port,
    path,
    query,
    headers: { host: `127.0.0.1:${cloud.port}`, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  };
  const signed = await signer.presign(message, {
    expiresIn,
    signingDate: new Date(cloud.cloud.clock.now()),
    unsignableHeaders: new Set(['x-amz-content-sha256']),
  });
  return `${path}?${new URLSearchParams(signed.query).toString().replaceAll('+', '%20')}`;
}

test('a presigned URL puts and gets, until it expires', async () => {
  const put = await presigned('PUT', '/open.bucket/presigned', 60);
  assert.equal((await send('PUT', put, { 'content-length': '4' }, 'body')).status, 200);
  const get = await presigned('GET', '/open.bucket/presigned', 60);
  assert.equal((await send('GET', get)).body, 'body');
  assert.equal((await send('GET', get.replace('presigned', 'hello'))).status, 403);
  await cloud.advance(61_000);
  const late = await send('GET', get);
  assert.equal(late.status, 403);
  assert.match(late.body, /<Code>AccessDenied<\/Code><Message>Request has expired<\/Message>/);
});

test('what a presigned URL carries as parameters counts as headers, but for the checksum of a body that it does not know', async () => {
  const path = '/open.bucket/carried';
  const carried = {
    'x-amz-meta-who': 'me',
    'If-None-Match': '*',
    'x-amz-checksum-crc32': 'AAAAAA==',
    'x-amz-sdk-checksum-algorithm': 'CRC32',
  };
  const put = await presigned('PUT', path, 60, carried);
  const length = { 'content-length': '4' };
  assert.equal((await send('PUT', put, length, 'body')).status, 200);
  assert.equal((await send('PUT', put, length, 'body')).status, 412);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'carried' }))).Metadata?.['who'], 'me');
  const forged = `${await presigned('PUT', path, 60)}&x-amz-meta-who=you`;
  assert.equal((await send('PUT', forged, length, 'body')).status, 403);
});

test('the bucket may stand in the host', async () => {
  for (const host of [
    `open.bucket.s3.localhost:${cloud.port}`,
    `open.bucket.s3.us-east-1.amazonaws.com`,
    'open.bucket.s3.localhost.localstack.cloud:4566',
  ]) {
    assert.equal((await send('GET', '/hello', { host })).body, 'hello', host);
  }
  const listing = await send('GET', '/?list-type=2&prefix=h', { host: `open.bucket.s3.localhost:${cloud.port}` });
  assert.match(listing.body, /<Key>hello<\/Key>.*<Name>open\.bucket<\/Name>/s);
});

test('an error tells its bucket, key, resource and request', async () => {
  const missing = await send('GET', '/open.bucket/no%20key');
  assert.equal(missing.status, 404);
  assert.match(missing.body, /<Code>NoSuchKey<\/Code><Message>The specified key does not exist\.<\/Message>/);
  assert.match(missing.body, /<Key>no key<\/Key>/);
  assert.match(missing.body, new RegExp(`<RequestId>${missing.headers['x-amz-request-id']}</RequestId>`));
  const head = await send('HEAD', '/open.bucket/no%20key');
  assert.deepEqual([head.status, head.body], [404, '']);
  assert.equal((await send('GET', '/open.bucket/hello', { 'if-none-match': '"5d41402abc4b2a76b9719d911017c592"' })).status, 304);
});

test('the length of a body must be known', async () => {
  const chunked = await send('PUT', '/open.bucket/chunked', { 'transfer-encoding': 'chunked' }, [Buffer.from('x')]);
  assert.deepEqual([chunked.status, /<Header>Transfer-Encoding<\/Header>/.test(chunked.body)], [501, true]);
  const none = connect(cloud.port, '127.0.0.1');
  none.end('PUT /open.bucket/none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  assert.match(await text(none), /^HTTP\/1\.1 411 .*<Code>MissingContentLength<\/Code>/s);
  const large = await send('PUT', '/open.bucket/large', { 'content-length': String(6 * 1024 ** 3), expect: '100-continue' });
  assert.deepEqual([large.status, /<Code>EntityTooLarge<\/Code>/.test(large.body)], [400, true]);
});

test('a body that ends too soon leaves nothing', async () => {
  for (const length of [100, 3_000_000]) {
    const socket = connect(cloud.port, '127.0.0.1');
    socket.write(`PUT /open.bucket/cut HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`);
    socket.write(Buffer.alloc(length - 10));
    // Half-closed: the server sees the end of the body, and its answer is still heard.
    socket.end();
    await text(socket).catch(() => '');
    await refused(s3.send(new HeadObjectCommand({ Bucket, Key: 'cut' })), { status: 404 });
  }
  assert.equal((await s3.send(new GetObjectCommand({ Bucket, Key: 'hello' }))).ContentLength, 5);
});

test('many are deleted only with a digest of the list', async () => {
  const bare = await send('POST', '/open.bucket?delete', {}, '<Delete><Object><Key>hello</Key></Object></Delete>');
  assert.deepEqual([bare.status, /<Code>InvalidRequest<\/Code>/.test(bare.body)], [400, true]);
});

test('preflights are answered, not taken', async () => {
  const preflight = (headers: Record<string, string>) => send('OPTIONS', '/open.bucket/hello', headers);
  const refusal = await preflight({ origin: 'http://example.com', 'access-control-request-method': 'GET' });
  assert.deepEqual([refusal.status, /<Code>AccessForbidden<\/Code>/.test(refusal.body)], [403, true]);
  assert.equal((await preflight({})).status, 400);
});

test('an Expires header that is no date is kept as it is', async () => {
  for (const expires of ['0', 'never', 'Sat, 01 Jan 2033 00:00:00 GMT']) {
    assert.equal((await send('PUT', '/open.bucket/expires', { expires, 'content-length': '1' }, 'x')).status, 200, expires);
    assert.equal((await send('GET', '/open.bucket/expires')).headers['expires'], expires);
  }
});
