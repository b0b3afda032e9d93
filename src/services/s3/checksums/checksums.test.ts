/** Checksums of parts against those of the whole. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import { combineCrcs } from './crc-combination.ts';
import { multipartChecksum, multipartEtag } from './multipart.ts';

function word(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

test('CRCs of pieces combine to the CRC of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }), (pieces) => {
      const whole = Buffer.concat(pieces);
      const parts = (crc: (bytes: Uint8Array) => number) => pieces.map((piece) => ({ value: word(crc(piece)), size: piece.length }));
      assert.deepEqual(
        combineCrcs(
          'CRC32',
          parts((piece) => crc32(piece)),
        ),
        word(crc32(whole)),
      );
      assert.deepEqual(
        combineCrcs(
          'CRC32C',
          parts((piece) => crc32c(piece)),
        ),
        word(crc32c(whole)),
      );
    }),
  );
});

test('CRC64NVME combines to its published check value', () => {
  // CRC64/NVME of "123456789" is ae8b14860a799888; a piece of no bytes changes nothing.
  const value = Buffer.from('ae8b14860a799888', 'hex');
  const nothing = { value: Buffer.alloc(8), size: 0 };
  assert.deepEqual(combineCrcs('CRC64NVME', [nothing, { value, size: 9 }, nothing]), value);
});

test('a composite checksum is the checksum of checksums, with their number', () => {
  const digests = ['a', 'b'].map((text) => createHash('sha256').update(text).digest());
  const parts = digests.map((digest) => ({ checksum: digest.toString('base64'), size: 1 }));
  const value = createHash('sha256').update(Buffer.concat(digests)).digest('base64');
  assert.deepEqual(multipartChecksum('SHA256', true, parts), { algorithm: 'SHA256', value: `${value}-2`, composite: true });
});

test('the ETag of an upload is the MD5 of MD5s, with their number', () => {
  const md5s = ['a', 'b'].map((text) => createHash('md5').update(text).digest('hex'));
  assert.equal(
    multipartEtag(md5s),
    `${createHash('md5')
      .update(Buffer.from(md5s.join(''), 'hex'))
      .digest('hex')}-2`,
  );
});
