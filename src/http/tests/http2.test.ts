/** HTTP/2, in the clear and over TLS: the same answers as over HTTP/1.1, many at once on one connection, and its own ways to misbehave. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { buffer, text } from 'node:stream/consumers';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { startCloud, type LiveCloud } from '../../../tests/live-cloud.ts';
import { signed, talk, type RawRequest } from '../../gateway/tests/raw-client.ts';
import type { Gateway } from '../../gateway/parts.ts';
import { keptCertificate } from '../../host/certificates.ts';
import { listen, type Listener } from '../node-server.ts';

let cloud: LiveCloud;
let host: string;
let session: ClientHttp2Session;
const big = randomBytes(3 * 1024 * 1024 + 17);
before(async () => {
  cloud = await startCloud();
  host = `127.0.0.1:${cloud.port}`;
  session = connect(cloud.endpoint);
  await cloud.client(S3Client).send(new CreateBucketCommand({ Bucket: 'wire' }));
  await cloud.client(S3Client).send(new PutObjectCommand({ Bucket: 'wire', Key: 'k', Body: 'content', Metadata: { name: 'value' } }));
  await cloud.client(S3Client).send(new PutObjectCommand({ Bucket: 'wire', Key: 'big', Body: big }));
});
after(async () => {
  session.close();
  await cloud.close();
});

const s3 = (raw: RawRequest, payload?: string) =>
  signed({ ...raw, headers: { host, ...raw.headers } }, { service: 's3', at: cloud.cloud.clock.now(), ...(payload && { payload }) });

type Reply = { status: number; headers: Record<string, unknown>; body: Buffer };

/** A stream that has said all but its body. */
function begin(
  on: ClientHttp2Session,
  { method = 'GET', path = '/', headers = {} }: RawRequest,
  more: OutgoingHttpHeaders = {},
): ClientHttp2Stream {
  return on.request({ ':method': method, ':path': path, ...headers, ...more }, { endStream: method === 'GET' || method === 'HEAD' });
}

async function answerOf(stream: ClientHttp2Stream): Promise<Reply> {
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  return { status: headers[':status'] as number, headers, body: await buffer(stream) };
}

async function ask(raw: RawRequest, more: OutgoingHttpHeaders = {}, on = session): Promise<Reply> {
  const stream = begin(on, raw, more);
  const answer = answerOf(stream);
  if (raw.method !== undefined && raw.method !== 'HEAD') stream.end(raw.body ?? '');
  return answer;
}

describe('requests in the clear', () => {
  test('are answered as over HTTP/1.1', async () => {
    const { status, headers, body } = await ask(s3({ path: '/wire/k' }));
    assert.equal(status, 200);
    assert.equal(body.toString(), 'content');
    assert.equal(headers['x-amz-meta-name'], 'value');
    assert.equal(headers['content-length'], '7');
    assert.ok(headers['date']);
  });

  test('with HEAD have no body, and 404 says why', async () => {
    const head = await ask(s3({ method: 'HEAD', path: '/wire/k' }));
    assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '7', 0]);
    const missing = await ask(s3({ path: '/wire/nothing' }));
    assert.equal(missing.status, 404);
    assert.match(missing.body.toString(), /<Code>NoSuchKey</);
  });

  test('carry bodies both ways, of any size', async () => {
    const put = await ask(s3({ method: 'PUT', path: '/wire/up', body: big }), { 'content-length': big.length });
    assert.equal(put.status, 200);
    assert.ok((await ask(s3({ path: '/wire/up' }))).body.equals(big));
    assert.ok(
      (await ask(s3({ path: '/wire/big', headers: { range: 'bytes=300000-2000000' } }))).body.equals(big.subarray(300_000, 2_000_001)),
    );
  });

  test('are many at once on one connection', async () => {
    const replies = await Promise.all(Array.from({ length: 300 }, (_, i) => ask(s3({ path: i % 10 === 0 ? '/wire/big' : '/wire/k' }))));
    assert.deepEqual([...new Set(replies.map(({ status }) => status))], [200]);
    assert.equal(replies.filter(({ body }) => body.equals(big)).length, 30);
  });

  test('may leave their length to HTTP/2, where the service does not want it', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const raw = { method: 'POST', path: '/', headers: { host, ...form }, body };
    const sts = await ask(signed(raw, { service: 'sts', at: cloud.cloud.clock.now() }));
    assert.match(sts.body.toString(), /<Account>000000000000</);
    const put = await ask(s3({ method: 'PUT', path: '/wire/x', body: 'x' }));
    assert.equal(put.status, 501);
  });

  test('wait for 100 Continue until the upload is allowed', async () => {
    const stream = begin(session, s3({ method: 'PUT', path: '/wire/expected', body: 'expected' }), {
      expect: '100-continue',
      'content-length': 8,
    });
    const answer = answerOf(stream);
    await once(stream, 'continue');
    stream.end('expected');
    assert.equal((await answer).status, 200);
  });

  test('of the default Kinesis client are served: it speaks nothing else', async () => {
    const { StreamNames } = await cloud.client(KinesisClient).send(new ListStreamsCommand({}));
    assert.deepEqual(StreamNames, []);
  });
});

describe('what is wrong', () => {
  test('a Host that is not the :authority is refused', async () => {
    const { status, body } = await ask({ path: '/wire/k', headers: { host: 'elsewhere' } }, { ':authority': host });
    assert.deepEqual([status, body.toString()], [400, 'The Host header is not the :authority.']);
  });

  test('a method that is none, and a path that is none, are refused', async () => {
    assert.equal((await ask({ method: 'TRACE' })).status, 405);
    await assert.rejects(ask({ path: 'nowhere' }), { code: 'ERR_HTTP2_STREAM_ERROR' });
  });

  test('a wrong signature is refused before the body has come, and the connection goes on', async () => {
    const wrong = signed(
      { method: 'PUT', path: '/wire/x', headers: { host }, body: big },
      { service: 's3', at: cloud.cloud.clock.now(), secret: 'no' },
    );
    const stream = begin(session, wrong, { 'content-length': big.length });
    assert.equal((await answerOf(stream)).status, 403);
    assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR);
    assert.equal((await ask(s3({ path: '/wire/k' }))).status, 200);
  });

  test('a client that gives a download up disturbs nobody', async () => {
    const stream = begin(session, s3({ path: '/wire/big' }));
    await once(stream, 'data');
    stream.close(constants.NGHTTP2_CANCEL);
    await once(stream, 'close');
    assert.ok((await ask(s3({ path: '/wire/big' }))).body.equals(big));
  });

  test('a body shorter than its length ends its stream alone', async () => {
    const stream = begin(session, s3({ method: 'PUT', path: '/wire/short', body: 'short' }), { 'content-length': 100 });
    stream.end('short');
    await assert.rejects(once(stream, 'close'), { code: 'ERR_HTTP2_STREAM_ERROR' });
    assert.equal((await ask(s3({ path: '/wire/short' }))).status, 404);
  });

  test('frames that are none end the connection, and no other', async () => {
    const heard = await talk(cloud.port, `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthese are no frames at all, however long one looks at them`);
    assert.ok(!heard.startsWith('HTTP/1.1'));
    assert.equal((await ask(s3({ path: '/wire/k' }))).status, 200);
  });

  test('a client that says nothing after its first bytes, and never will, is let go', async () => {
    const socket = connectSocket({ port: cloud.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n').resume();
    await once(socket, 'close');
  });

  test('what only begins like HTTP/2 is HTTP/1.1', async () => {
    const slowly = connectSocket(cloud.port, '127.0.0.1');
    for (const piece of ['P', 'U', 'T', ' /wire/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n']) {
      slowly.write(piece);
      await new Promise(setImmediate);
    }
    assert.match(await text(slowly), /^HTTP\/1\.1 403 /);
  });
});

test('over TLS the protocol is chosen by ALPN', async () => {
  const tls = await keptCertificate(cloud.dataDirectory, '127.0.0.1');
  const server = await cloud.cloud.listen({ host: '127.0.0.1', port: 0, tls });
  const secure = connect(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false });
  assert.equal((await ask(s3({ path: '/wire/k' }), {}, secure)).body.toString(), 'content');
  assert.equal(secure.alpnProtocol, 'h2');
  secure.close();
  const client = cloud.client(S3Client, {
    endpoint: `https://127.0.0.1:${server.port}`,
    requestHandler: { httpsAgent: { rejectUnauthorized: false } },
  });
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'wire', Key: 'k' }));
  assert.equal(await Body!.transformToString(), 'content');
  await server.close();
});

describe('a gateway of our own', () => {
  let finishSlow: (() => void) | undefined;
  /** `/echo` sends back what comes as it comes, `/slow` waits to be told, `/read` wants all of the body. */
  const gateway: Gateway = {
    handle: async ({ rawPath, body }) => {
      const headers: Record<string, string> = {};
      if (rawPath === '/echo') return { status: 200, headers, body };
      if (rawPath === '/slow') await new Promise<void>((resolve) => (finishSlow = resolve));
      if (rawPath === '/read') return { status: 200, headers, body: await text(body).catch(() => 'broken') };
      return { status: 200, headers: { connection: 'close', 'x-odd': 'a\r\nb' }, body: 'done' };
    },
  };
  let listener: Listener;
  let own: ClientHttp2Session;
  before(async () => {
    const limits = { headersMilliseconds: 400, idleMilliseconds: 500, checkMilliseconds: 20 };
    listener = await listen(gateway, { host: '127.0.0.1', port: 0, limits, closeWithin: 5_000 });
    own = connect(`http://127.0.0.1:${listener.port}`);
  });
  after(() => listener.close());

  test('talks both ways at once', async () => {
    const stream = own.request({ ':method': 'POST', ':path': '/echo' });
    for (const word of ['one', 'two', 'three']) {
      stream.write(word);
      const [heard] = (await once(stream, 'data')) as [Buffer];
      assert.equal(heard.toString(), word);
    }
    stream.end();
    assert.equal(await text(stream), '');
  });

  test('sends no header of the connection, and no line break in any', async () => {
    const { headers } = await ask({ path: '/' }, {}, own);
    assert.deepEqual([headers['connection'], headers['x-odd']], [undefined, 'a  b']);
  });

  test('ends a stream whose body stands still, and lets one wait whose answer is due', async () => {
    const slow = ask({ path: '/slow' }, {}, own);
    const stalled = own.request({ ':method': 'POST', ':path': '/read', 'content-length': 100 });
    stalled.on('error', () => {}).write('half');
    await once(stalled, 'close');
    finishSlow!();
    assert.equal((await slow).body.toString(), 'done');
  });

  test('ends a connection that only begins to say what it speaks', async () => {
    assert.match(await talk(listener.port, 'PRI * HTTP/'), /^HTTP\/1\.1 408 /);
  });

  test('closes when what runs has ended', async () => {
    finishSlow = undefined;
    const slow = ask({ path: '/slow' }, {}, own);
    while (finishSlow === undefined) await new Promise(setImmediate);
    const silent = connectSocket(listener.port, '127.0.0.1');
    await once(silent, 'connect');
    const away = once(own, 'goaway');
    const closed = listener.close();
    await away;
    (finishSlow as () => void)();
    assert.equal((await slow).body.toString(), 'done');
    await closed;
  });
});
