/** Chance: from the operating system, or repeatable from a seed. */

import { createHash, randomBytes, randomFillSync, randomUUID } from 'node:crypto';
import type { Random } from '../framework/random.ts';

export function systemRandom(): Random {
  const bytes = pooled();
  return { bytes, float: () => Math.random(), uuid: () => randomUUID(), text: (length, alphabet) => textFrom(bytes, length, alphabet) };
}

const POOL_BYTES = 8_192;
const POOLED_BYTES_MAX = 64;

/** Short draws come out of a pool, since asking the system costs more than the bytes do; what was drawn is wiped from the pool. */
function pooled(): (length: number) => Buffer {
  const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  let used = POOL_BYTES;
  return (length) => {
    if (length > POOLED_BYTES_MAX) return randomBytes(length);
    if (used + length > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const drawn = Buffer.from(pool.subarray(used, used + length));
    pool.fill(0, used, (used += length));
    return drawn;
  };
}

/** The same bytes for the same seed: SHA-256 in counter mode. For tests and simulations only. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  let pool = Buffer.alloc(0);
  const bytes = (length: number): Buffer => {
    while (pool.length < length) pool = Buffer.concat([pool, createHash('sha256').update(`${seed}:${counter++}`).digest()]);
    const taken = Buffer.from(pool.subarray(0, length));
    pool = pool.subarray(length);
    return taken;
  };
  return {
    bytes,
    float: () => bytes(6).readUIntBE(0, 6) / 2 ** 48,
    uuid: () => uuidFrom(bytes(16)),
    text: (length, alphabet) => textFrom(bytes, length, alphabet),
  };
}

function uuidFrom(bytes: Buffer): string {
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Bytes beyond the largest multiple of the alphabet's length are thrown away, so that every character is equally likely. */
function textFrom(bytes: (length: number) => Buffer, length: number, alphabet: string): string {
  const limit = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < length) {
    for (const byte of bytes(length - text.length)) if (byte < limit) text += alphabet[byte % alphabet.length];
  }
  return text;
}
