/**
 * Bytes of which any part is read without the rest: AES-256-CTR under a key of their own, as `newDataKey` makes it. That they are what was
 * written, the blob store's checksums say; where a tag is to say it, there are frames.
 */

import { createCipheriv, type Cipheriv, type KeyObject } from 'node:crypto';

const BLOCK_BYTES = 16;

/** Encrypts bytes that lie at this place of the blob, or decrypts them: both are the same. The place begins a blob, or is where it is read from. */
export function turn(key: KeyObject, bytes: Uint8Array, at = 0): Buffer {
  return turner(key, at).update(bytes);
}

/** The same for bytes that come in pieces, of which the first lies at this place. */
export function turner(key: KeyObject, at = 0): Cipheriv {
  const counter = Buffer.alloc(BLOCK_BYTES);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / BLOCK_BYTES)), BLOCK_BYTES - 8);
  const cipher = createCipheriv('aes-256-ctr', key, counter);
  const skip = at % BLOCK_BYTES;
  if (skip > 0) cipher.update(Buffer.alloc(skip));
  return cipher;
}
