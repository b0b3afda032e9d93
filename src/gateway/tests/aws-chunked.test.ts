/** The aws-chunked coding: AWS's own examples, every way of cutting them into pieces, and what has to be refused. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AwsError } from '../../framework/aws-error.ts';
import { AwsChunkedDecoder, type AwsChunkedOptions } from '../signatures/aws-chunked.ts';
import { chunkSignatures, type ChunkSignatures } from '../signatures/chunk-signatures.ts';
import type { Claim } from '../signatures/claim.ts';
import { createSigningKeys } from '../signatures/signing-keys.ts';

/** The key and the day of the examples in https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …-trailers.html */
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const scope = '20130524/us-east-1/s3/aws4_request';

function signatures(seed: string): ChunkSignatures {
  const claim: Claim = {
    algorithm: 'AWS4-HMAC-SHA256',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    scope,
    date: '20130524',
    region: 'us-east-1',
    regionSet: undefined,
    service: 's3',
    terminator: 'aws4_request',
    signedHeaders: [],
    signature: seed,
    presigned: false,
    timestamp: '20130524T000000Z',
    expires: undefined,
    sessionToken: undefined,
  };
  const key = createSigningKeys().symmetric(claim.accessKeyId, secret, claim.date, claim.region, claim.service);
  return chunkSignatures(claim, key, () => new AwsError('SignatureDoesNotMatch', 'no'));
}

const content = Buffer.alloc(66_560, 'a');

const signedBody = Buffer.concat([
  Buffer.from('10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n'),
  content.subarray(0, 65_536),
  Buffer.from('\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n'),
  content.subarray(65_536),
  Buffer.from('\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n'),
]);
const signedSeed = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';

const trailerBody = Buffer.concat([
  Buffer.from('10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n'),
  content.subarray(0, 65_536),
  Buffer.from('\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n'),
  content.subarray(65_536),
  Buffer.from(
    '\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n' +
      'x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
  ),
]);
const trailerSeed = '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e';

function decode(
  body: Buffer,
  options: Partial<AwsChunkedOptions>,
  pieceBytes = body.length,
): { bytes: Buffer; trailers: Record<string, string> } {
  const decoder = new AwsChunkedDecoder({ decodedLength: content.length, trailer: false, announced: [], ...options });
  const out: Buffer[] = [];
  for (let from = 0; from < body.length; from += pieceBytes)
    decoder.write(body.subarray(from, from + pieceBytes), (bytes) => out.push(Buffer.from(bytes)));
  decoder.end();
  return { bytes: Buffer.concat(out), trailers: { ...decoder.trailers } };
}

const code = (expected: string) => (error: unknown) => error instanceof AwsError && error.code === expected;

describe('aws-chunked', () => {
  for (const pieceBytes of [1, 7, 1_000, 65_536, 1_000_000]) {
    test(`signed chunks in pieces of ${pieceBytes} bytes`, () => {
      assert.deepEqual(decode(signedBody, { signatures: signatures(signedSeed) }, pieceBytes).bytes, content);
    });
    test(`signed chunks and a signed trailer in pieces of ${pieceBytes} bytes`, () => {
      const decoded = decode(
        trailerBody,
        { signatures: signatures(trailerSeed), trailer: true, announced: ['x-amz-checksum-crc32c'] },
        pieceBytes,
      );
      assert.deepEqual(decoded.bytes, content);
      assert.equal(decoded.trailers['x-amz-checksum-crc32c'], 'sOO8/Q==');
    });
  }

  test('unsigned chunks with a trailer', () => {
    const body = Buffer.from('5\r\nhello\r\n6\r\n world\r\n0\r\nX-Amz-Checksum-Crc32: abc=\r\n\r\n');
    const decoded = decode(body, { decodedLength: 11, trailer: true, announced: ['x-amz-checksum-crc32'] }, 3);
    assert.equal(decoded.bytes.toString(), 'hello world');
    assert.deepEqual(decoded.trailers, { 'x-amz-checksum-crc32': 'abc=' });
  });

  test('an empty body', () => assert.equal(decode(Buffer.from('0\r\n\r\n'), { decodedLength: 0 }).bytes.length, 0));

  test('a changed byte, a swapped chunk or another seed breaks the signature', () => {
    const changed = Buffer.from(signedBody);
    changed[50_000] = 0x62;
    assert.throws(() => decode(changed, { signatures: signatures(signedSeed) }), code('SignatureDoesNotMatch'));
    assert.throws(() => decode(signedBody, { signatures: signatures(trailerSeed) }), code('SignatureDoesNotMatch'));
  });

  test('a changed trailer breaks its signature', () => {
    const changed = Buffer.from(trailerBody.toString('latin1').replace('sOO8', 'sOO9'), 'latin1');
    assert.throws(
      () => decode(changed, { signatures: signatures(trailerSeed), trailer: true, announced: [] }),
      code('SignatureDoesNotMatch'),
    );
  });

  test('fewer or more bytes than declared', () => {
    assert.throws(() => decode(Buffer.from('5\r\nhello\r\n0\r\n\r\n'), { decodedLength: 6 }), code('IncompleteBody'));
    assert.throws(() => decode(Buffer.from('5\r\nhello\r\n0\r\n\r\n'), { decodedLength: 4 }), code('IncompleteBody'));
    assert.throws(() => decode(Buffer.from('5\r\nhel'), { decodedLength: 5 }), code('IncompleteBody'));
  });

  test('an announced trailer that does not come', () => {
    assert.throws(
      () => decode(Buffer.from('0\r\n\r\n'), { decodedLength: 0, trailer: true, announced: ['x-amz-checksum-sha1'] }),
      code('MalformedTrailerError'),
    );
  });

  test('sizes that are none, lines without end, unsigned chunks where signed ones were announced', () => {
    for (const text of ['zz\r\n', '-1\r\n', '1e\t\r\n', '\r\n', 'fffffffffffffffff\r\n', '5\r\nhelloworld\r\n', 'a'.repeat(5_000)]) {
      assert.throws(() => decode(Buffer.from(text), { decodedLength: 5 }), AwsError, JSON.stringify(text.slice(0, 20)));
    }
    assert.throws(
      () => decode(Buffer.from('5\r\nhello\r\n0\r\n\r\n'), { decodedLength: 5, signatures: signatures(signedSeed) }),
      code('InvalidRequest'),
    );
  });

  test('trailers named like the prototype are only names', () => {
    const decoded = decode(Buffer.from('0\r\n__proto__:x\r\n\r\n').subarray(0, 5), { decodedLength: 0 });
    assert.equal(decoded.bytes.length, 0);
    assert.throws(
      () => decode(Buffer.from('0\r\n__proto__:x\r\n\r\n'), { decodedLength: 0, trailer: true, announced: [] }),
      code('MalformedTrailerError'),
    );
  });
});
