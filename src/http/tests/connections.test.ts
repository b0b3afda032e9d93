/** HTTP at its edges: continuation, HEAD, keep-alive, sizes, duplicates, broken requests and clients that leave. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../tests/live-cloud.ts';
import { send, signed, talk, type RawRequest } from '../../gateway/tests/raw-client.ts';
import { keptCertificate } from '../../host/certificates.ts';

let cloud: LiveCloud;
let host: string;
before(async () => {
  cloud = await startCloud();
  host = `127.0.0.1:${cloud.port}`;
  await cloud.client(S3Client).send(new CreateBucketCommand({ Bucket: 'wire' }));
  await cloud.client(S3Client).send(new PutObjectCommand({ Bucket: 'wire', Key: 'k', Body: 'content', Metadata: { name: 'value' } }));
});
after(() => cloud.close());

const now = (): number => cloud.cloud.clock.now();
const s3 = (raw: RawRequest, payload?: string) =>
  signed({ ...raw, headers: { host, ...raw.headers } }, { service: 's3', at: now(), ...(payload && { payload }) });

/** The bytes of a request, as sent. */
function bytesOf({ method = 'GET', path = '/', headers = {}, body }: RawRequest): Buffer {
  const lines = Object.entries({
    ...headers,
    ...(body !== undefined &&
      !('content-length' in headers) &&
      !('transfer-encoding' in headers) && { 'content-length': String(body.length) }),
  });
  return Buffer.concat([
    Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1'),
    Buffer.from(body ?? ''),
  ]);
}

const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1]!);

describe('Expect: 100-continue', () => {
  /** Sends the head, and the body only when told to go on. */
  function upload(raw: RawRequest): Promise<{ status: number; continued: boolean }> {
    return new Promise((resolve, reject) => {
      let continued = false;
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: cloud.port,
          method: 'PUT',
          path: raw.path!,
          headers: { ...raw.headers, expect: '100-continue', 'content-length': raw.body!.length },
          agent: false,
        },
        (reply) => {
          reply.resume().on('end', () => resolve({ status: reply.statusCode!, continued }));
        },
      );
      outgoing.on('continue', () => {
        continued = true;
        outgoing.end(raw.body);
      });
      outgoing.on('error', reject);
      outgoing.flushHeaders();
    });
  }
  const body = Buffer.alloc(300_000, 1);

  test('the body is asked for when the upload is allowed', async () => {
    assert.deepEqual(await upload(s3({ method: 'PUT', path: '/wire/expected', body })), { status: 200, continued: true });
  });

  test('a wrong signature and a bucket that is not there are refused without the body', async () => {
    const wrong = signed({ method: 'PUT', path: '/wire/x', headers: { host }, body }, { service: 's3', at: now(), secret: 'wrong' });
    assert.deepEqual(await upload(wrong), { status: 403, continued: false });
    const nowhere = s3({ method: 'PUT', path: '/no-such-bucket/x', body });
    assert.deepEqual(await upload(nowhere), { status: 404, continued: false });
  });

  test('any other expectation is let pass', async () => {
    for (const expect of ['the-unexpected', '']) {
      const put = s3({ method: 'PUT', path: '/wire/unexpected', headers: { expect, 'content-length': '1' }, body: Buffer.from('x') });
      assert.equal((await send(cloud.port, put)).status, 200, expect);
    }
  });
});

describe('connections', () => {
  test('serve one request after the other', async () => {
    const one = bytesOf(s3({ path: '/wire/k' }));
    const text = await talk(cloud.port, Buffer.concat([one, one, one]), (so) => statuses(so).length === 3 && so.endsWith('content'));
    assert.deepEqual(statuses(text), ['200', '200', '200']);
  });

  test('survive an error that left a body unread', async () => {
    const refused = bytesOf({ method: 'PUT', path: '/wire/x', headers: { host }, body: 'y'.repeat(500_000) });
    const text = await talk(
      cloud.port,
      Buffer.concat([refused, bytesOf(s3({ path: '/wire/k' }))]),
      (so) => statuses(so).length === 2 && so.endsWith('content'),
    );
    assert.deepEqual(statuses(text), ['403', '200']);
  });

  test('HEAD tells the length and sends nothing', async () => {
    const get = bytesOf(s3({ path: '/wire/k' }));
    const head = bytesOf(s3({ method: 'HEAD', path: '/wire/k' }));
    const text = await talk(cloud.port, Buffer.concat([head, get]), (so) => so.endsWith('content'));
    assert.deepEqual(statuses(text), ['200', '200']);
    assert.equal(text.match(/content-length: 7/gi)?.length, 2);
    const missing = await send(cloud.port, s3({ method: 'HEAD', path: '/wire/none' }));
    assert.deepEqual([missing.status, missing.text], [404, '']);
  });

  test('chunked bodies are as good as measured ones', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const raw = signed(
      { method: 'POST', path: '/', headers: { host, 'content-type': 'application/x-www-form-urlencoded' }, body },
      { service: 'sts', at: now() },
    );
    const chunks = `${(6).toString(16)}\r\n${body.slice(0, 6)}\r\n${(body.length - 6).toString(16)};x=y\r\n${body.slice(6)}\r\n0\r\nx-trailer: z\r\n\r\n`;
    const text = await talk(
      cloud.port,
      bytesOf({ ...raw, headers: { ...raw.headers, 'transfer-encoding': 'chunked' }, body: chunks }),
      (so) => so.includes('</GetCallerIdentityResponse>'),
    );
    assert.deepEqual(statuses(text), ['200']);
  });

  test('a client that leaves in the middle of its body leaves nothing behind', async () => {
    const raw = s3({ method: 'PUT', path: '/wire/left', headers: { 'content-length': '100000' } }, 'UNSIGNED-PAYLOAD');
    await new Promise<void>((resolve) => {
      const socket = connect(cloud.port, '127.0.0.1', () =>
        socket.write(bytesOf({ ...raw, body: 'x'.repeat(50_000) }), () => socket.destroy()),
      );
      socket.on('close', () => resolve());
    });
    await assert.rejects(cloud.client(S3Client).send(new GetObjectCommand({ Bucket: 'wire', Key: 'left' })), { name: 'NoSuchKey' });
  });
});

describe('what is refused', () => {
  const first = async (bytes: string | Buffer): Promise<string | undefined> =>
    statuses(await talk(cloud.port, bytes, (so) => statuses(so).length > 0))[0];

  test('what is not HTTP', async () => assert.equal(await first('\x16\x03\x01 hello\r\n\r\n'), '400'));
  test('a method that AWS does not have', async () => assert.equal(await first(bytesOf({ method: 'PROPFIND', headers: { host } })), '405'));
  test('headers that are too long, or too many', async () => {
    assert.equal(await first(bytesOf({ headers: { host, 'x-long': 'a'.repeat(40_000) } })), '431');
    assert.equal(
      await first(bytesOf({ headers: { host, ...Object.fromEntries(Array.from({ length: 300 }, (_unused, i) => [`x-${i}`, '1'])) } })),
      '431',
    );
  });
  test('a header twice that must be there once', async () => {
    assert.equal(await first(`GET / HTTP/1.1\r\nHost: ${host}\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n`), '400');
    assert.equal(await first(`PUT /wire/k HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`), '400');
    assert.equal(await first(`PUT /wire/k HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`), '400');
  });
  test('a broken escape, in the path or the query', async () => {
    for (const path of ['/wire/%zz', '/wire/%ff', '/%', '/wire/k?prefix=%e0%a4', '/wire?x=%'])
      assert.equal((await send(cloud.port, { path, headers: { host } })).status, 400, path);
  });
  test('a Host that is none', async () => assert.equal(await first('GET / HTTP/1.1\r\nHost: a/b<script>\r\n\r\n'), '400'));
  test('a query of a thousand and one parameters', async () => {
    assert.equal(
      (await send(cloud.port, { path: `/wire?${Array.from({ length: 1_001 }, (_unused, i) => `p${i}`).join('&')}`, headers: { host } }))
        .status,
      400,
    );
  });
});

describe('text that is not ASCII', () => {
  test('metadata comes back as encoded words, which every client can read', async () => {
    const metadata = async (name: string, value: string) => {
      const put = s3({ method: 'PUT', path: `/wire/${name}`, headers: { 'x-amz-meta-name': value }, body: '' });
      // What was signed here is the UTF-8 of latin-1 text, as clients do that see text and not bytes.
      assert.equal((await send(cloud.port, put)).status, 200);
      const { Metadata } = await cloud.client(S3Client).send(new HeadObjectCommand({ Bucket: 'wire', Key: name }));
      return Metadata!['name'];
    };
    const sky = '=?UTF-8?Q?=ED=95=9C=EC=9A=B8_=E2=80=93_sky_above?=';
    assert.equal(await metadata('utf8', Buffer.from('한울 – sky above', 'utf8').toString('latin1')), sky);
    assert.equal(await metadata('words', sky), sky);
    assert.equal(await metadata('latin', 'caf\u00e9'), '=?UTF-8?Q?caf=C3=A9?=');
    assert.equal(await metadata('ascii', 'plain'), 'plain');
  });

  test('an answer is as long as its bytes', async () => {
    const reply = await send(cloud.port, s3({ path: `/wire/${encodeURIComponent('한울')}` }));
    assert.match(reply.text, /<Key>한울<\/Key>.*<\/Error>$/s);
    assert.equal(Number(reply.headers['content-length']), Buffer.byteLength(reply.text));
  });
});

describe('compressed requests', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' };
  const sts = (body: Buffer) =>
    send(cloud.port, signed({ method: 'POST', path: '/', headers: { host, ...form }, body }, { service: 'sts', at: now() }));

  test('are inflated', async () => {
    const reply = await sts(gzipSync('Action=GetCallerIdentity&Version=2011-06-15'));
    assert.match(reply.text, /<Account>000000000000</);
  });
  test('are refused when they are broken, or large inside', async () => {
    assert.equal((await sts(Buffer.from('not gzip'))).status, 400);
    assert.equal((await sts(gzipSync(Buffer.alloc(64 * 1024 * 1024)))).status, 413);
  });
});

describe('TLS', () => {
  test('serves the same', async () => {
    const { key, cert } = await keptCertificate(cloud.dataDirectory, '127.0.0.1');
    const server = await cloud.cloud.listen({ host: '127.0.0.1', port: 0, tls: { key, cert } });
    const client = cloud.client(S3Client, {
      endpoint: `https://127.0.0.1:${server.port}`,
      requestHandler: { httpsAgent: { rejectUnauthorized: false } },
    });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'wire', Key: 'k' }));
    assert.equal(await Body!.transformToString(), 'content');
    await server.close();
  });
});

describe('closing', () => {
  test('lets a running download end and takes no new connection', async () => {
    const server = await cloud.cloud.listen({ host: '127.0.0.1', port: 0 });
    const client = cloud.client(S3Client, { endpoint: `http://127.0.0.1:${server.port}` });
    const bytes = Buffer.alloc(8 * 1024 * 1024, 7);
    await client.send(new PutObjectCommand({ Bucket: 'wire', Key: 'big', Body: bytes }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'wire', Key: 'big' }));
    const [downloaded] = await Promise.all([Body!.transformToByteArray(), server.close()]);
    assert.equal(downloaded.length, bytes.length);
    await assert.rejects(send(server.port, {}), { code: 'ECONNREFUSED' });
  });
});
