/** Uploads in signed chunks, with trailers, and signed with SigV4A: from a hand-made client, since no SDK of JavaScript does it. */

import assert from 'node:assert/strict';
import { createECDH, createHmac, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startCloud, type LiveCloud } from '../../../tests/live-cloud.ts';
import { basic, scopeOf, send, sha256, signed, signingKey, type RawReply } from './raw-client.ts';

let cloud: LiveCloud;
let s3: S3Client;
let host: string;
before(async () => {
  cloud = await startCloud();
  host = `127.0.0.1:${cloud.port}`;
  s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'chunks' }));
});
after(() => cloud.close());

const now = (): number => cloud.cloud.clock.now();
const codeOf = (reply: RawReply): string | undefined => /<Code>([^<]+)/.exec(reply.text)?.[1];
const stored = async (key: string): Promise<Buffer> =>
  Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket: 'chunks', Key: key }))).Body!.transformToByteArray());
const missing = (key: string): Promise<void> =>
  assert.rejects(s3.send(new HeadObjectCommand({ Bucket: 'chunks', Key: key })), { name: 'NotFound' });

const content = Buffer.from(Array.from({ length: 200_000 }, (_unused, i) => (i * 31) % 251));
const pieces = [content.subarray(0, 65_536), content.subarray(65_536, 131_072), content.subarray(131_072), Buffer.alloc(0)];
const crcOf = (bytes: Buffer): string => {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
};

type Upload = {
  key: string;
  trailer?: Record<string, string>;
  announced?: string;
  decodedLength?: number;
  spoil?: (body: Buffer) => Buffer;
};

/** STREAMING-AWS4-HMAC-SHA256-PAYLOAD, with a trailer where one is given. */
function chunkSigned({ key, trailer, announced, decodedLength = content.length, spoil = (body) => body }: Upload): Promise<RawReply> {
  const signing = {
    service: 's3',
    at: now(),
    payload: trailer ? 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER' : 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  };
  const headers: Record<string, string> = {
    host,
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': String(decodedLength),
    ...(trailer && { 'x-amz-trailer': announced ?? Object.keys(trailer).join(',') }),
  };
  const request = signed({ method: 'PUT', path: `/chunks/${key}`, headers }, signing);
  let previous = request.signature;
  const step = (kind: string, hashes: string): string =>
    (previous = createHmac('sha256', signingKey(signing))
      .update(`AWS4-HMAC-SHA256-${kind}\n${basic(signing.at)}\n${scopeOf(signing)}\n${previous}\n${hashes}`)
      .digest('hex'));
  const parts = pieces.flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)};chunk-signature=${step('PAYLOAD', `${sha256('')}\n${sha256(piece)}`)}\r\n`),
    piece,
    Buffer.from(piece.length > 0 || !trailer ? '\r\n' : ''),
  ]);
  if (trailer) {
    const lines = Object.entries(trailer).map(([name, value]) => `${name}:${value}`);
    parts.push(
      Buffer.from(
        [...lines, `x-amz-trailer-signature:${step('TRAILER', sha256(lines.map((line) => `${line}\n`).join('')))}`, '', ''].join('\r\n'),
      ),
    );
  }
  return send(cloud.port, { ...request, body: spoil(Buffer.concat(parts)) });
}

test('big bodies are stored as they came, signed as a whole or not, and a wrong hash stores nothing', async () => {
  const big = Buffer.from(Array.from({ length: 1_700_003 }, (_unused, i) => (i * 31) % 251));
  for (const payload of [sha256(big), 'UNSIGNED-PAYLOAD']) {
    const request = signed({ method: 'PUT', path: '/chunks/big', headers: { host } }, { service: 's3', at: now(), payload });
    assert.equal((await send(cloud.port, { ...request, body: big })).status, 200);
    assert.ok((await stored('big')).equals(big));
  }
  const other = signed(
    { method: 'PUT', path: '/chunks/other', headers: { host } },
    { service: 's3', at: now(), payload: sha256(big.subarray(1)) },
  );
  assert.equal(codeOf(await send(cloud.port, { ...other, body: big })), 'XAmzContentSHA256Mismatch');
  await missing('other');
});

describe('chunks signed with SigV4', () => {
  test('are stored without their coding', async () => {
    assert.equal((await chunkSigned({ key: 'plain' })).status, 200);
    assert.deepEqual(await stored('plain'), content);
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'chunks', Key: 'plain' }));
    assert.deepEqual([head.ContentLength, head.ContentEncoding], [content.length, undefined]);
  });

  test('carry a signed checksum behind them', async () => {
    assert.equal((await chunkSigned({ key: 'trailer', trailer: { 'x-amz-checksum-crc32': crcOf(content) } })).status, 200);
    assert.equal(
      (await s3.send(new HeadObjectCommand({ Bucket: 'chunks', Key: 'trailer', ChecksumMode: 'ENABLED' }))).ChecksumCRC32,
      crcOf(content),
    );
  });

  test('a wrong checksum behind them stores nothing', async () => {
    const reply = await chunkSigned({ key: 'wrong-sum', trailer: { 'x-amz-checksum-crc32': crcOf(Buffer.from('other')) } });
    assert.equal(reply.status, 400);
    await missing('wrong-sum');
  });

  test('a changed byte stores nothing', async () => {
    const reply = await chunkSigned({ key: 'forged', spoil: (body) => ((body[150_000] = body[150_000]! ^ 1), body) });
    assert.deepEqual([reply.status, codeOf(reply)], [403, 'SignatureDoesNotMatch']);
    await missing('forged');
  });

  test('a missing end, and a length that is not the declared one', async () => {
    assert.equal(codeOf(await chunkSigned({ key: 'short', spoil: (body) => body.subarray(0, 150_000) })), 'IncompleteBody');
    assert.equal(codeOf(await chunkSigned({ key: 'short', decodedLength: content.length + 1 })), 'IncompleteBody');
    assert.equal(codeOf(await chunkSigned({ key: 'short', decodedLength: 10 })), 'IncompleteBody');
    await missing('short');
  });

  test('an announced trailer that did not come', async () => {
    const reply = await chunkSigned({
      key: 'no-trailer',
      trailer: { 'x-amz-checksum-crc32': crcOf(content) },
      announced: 'x-amz-checksum-sha256',
    });
    assert.equal(codeOf(reply), 'MalformedTrailerError');
    await missing('no-trailer');
  });

  test('need to say how long they are', async () => {
    const request = signed(
      { method: 'PUT', path: '/chunks/x', headers: { host, 'content-encoding': 'aws-chunked' }, body: '0\r\n\r\n' },
      { service: 's3', at: now(), payload: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' },
    );
    assert.deepEqual([codeOf(await send(cloud.port, request))], ['MissingContentLength']);
  });
});

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html: written again here, so that one mistake is not made twice. */
function privateKey(accessKeyId: string, secret: string): KeyObject {
  const input = Buffer.concat([
    Buffer.from([0, 0, 0, 1]),
    Buffer.from('AWS4-ECDSA-P256-SHA256'),
    Buffer.from([0]),
    Buffer.from(accessKeyId),
    Buffer.from([1]),
    Buffer.from([0, 0, 1, 0]),
  ]);
  const d = (BigInt(`0x${createHmac('sha256', `AWS4A${secret}`).update(input).digest('hex')}`) + 1n).toString(16).padStart(64, '0');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(d, 'hex');
  const point = curve.getPublicKey();
  const url = (bytes: Buffer): string => bytes.toString('base64url');
  return createPrivateKey({
    format: 'jwk',
    key: { kty: 'EC', crv: 'P-256', d: url(Buffer.from(d, 'hex')), x: url(point.subarray(1, 33)), y: url(point.subarray(33)) },
  });
}

describe('SigV4A', () => {
  const ecdsa = (text: string, secret: string): string => sign('sha256', Buffer.from(text), privateKey('test', secret)).toString('hex');

  function headers(
    method: string,
    path: string,
    payload: string,
    { secret = 'test', regions = '*', more = {} } = {},
  ): Record<string, string> & { signature: string } {
    const at = basic(now());
    const all: Record<string, string> = { host, 'x-amz-content-sha256': payload, 'x-amz-date': at, 'x-amz-region-set': regions, ...more };
    const names = Object.keys(all).sort();
    const scope = `${at.slice(0, 8)}/s3/aws4_request`;
    const canonical = `${method}\n${path}\n\n${names.map((name) => `${name}:${all[name]}\n`).join('')}\n${names.join(';')}\n${payload}`;
    const signature = ecdsa(`AWS4-ECDSA-P256-SHA256\n${at}\n${scope}\n${sha256(canonical)}`, secret);
    return {
      ...all,
      authorization: `AWS4-ECDSA-P256-SHA256 Credential=test/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
      signature,
    };
  }

  test('a request signed for all regions', async () => {
    const { signature: _signature, ...put } = headers('PUT', '/chunks/v4a', sha256('asymmetric'));
    assert.equal((await send(cloud.port, { method: 'PUT', path: '/chunks/v4a', headers: put, body: 'asymmetric' })).status, 200);
    assert.equal((await stored('v4a')).toString(), 'asymmetric');
  });

  test('a set that does not hold the region of the endpoint is refused', async () => {
    const list = async (regions: string, to: string) => {
      const { signature: _signature, ...get } = headers('GET', '/', sha256(''), { regions, more: { host: to } });
      return send(cloud.port, { headers: get });
    };
    const paris = 's3.eu-west-3.amazonaws.com';
    for (const regions of ['*', 'eu-west-3', 'us-east-1,eu-*']) assert.equal((await list(regions, paris)).status, 200, regions);
    assert.equal((await list('eu-west-1,us-west-2', host)).status, 200);
    for (const regions of ['us-east-1', 'us-*,eu-west-1']) {
      const refused = await list(regions, paris);
      assert.deepEqual([refused.status, codeOf(refused)], [400, 'AuthorizationHeaderMalformed'], regions);
      assert.match(refused.text, /<Region>eu-west-3<\/Region>/);
    }
  });

  test('another secret does not verify', async () => {
    const { signature: _signature, ...get } = headers('GET', '/', sha256(''), { secret: 'wrong' });
    assert.equal(codeOf(await send(cloud.port, { headers: get })), 'SignatureDoesNotMatch');
  });

  test('signed chunks', async () => {
    const payload = 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD';
    const { signature, ...put } = headers('PUT', '/chunks/v4a-chunks', payload, { more: { 'x-amz-decoded-content-length': '5' } });
    let previous = signature;
    const step = (bytes: string): string =>
      (previous = ecdsa(
        `${payload.slice('STREAMING-'.length)}\n${basic(now())}\n${basic(now()).slice(0, 8)}/s3/aws4_request\n${previous}\n${sha256('')}\n${sha256(bytes)}`,
        'test',
      ));
    const body = `5;chunk-signature=${step('hello').padEnd(144, '*')}\r\nhello\r\n0;chunk-signature=${step('').padEnd(144, '*')}\r\n\r\n`;
    assert.equal((await send(cloud.port, { method: 'PUT', path: '/chunks/v4a-chunks', headers: put, body })).status, 200);
    assert.equal((await stored('v4a-chunks')).toString(), 'hello');
    assert.equal(
      codeOf(await send(cloud.port, { method: 'PUT', path: '/chunks/v4a-chunks', headers: put, body: body.replace('hello', 'jello') })),
      'SignatureDoesNotMatch',
    );
  });
});
