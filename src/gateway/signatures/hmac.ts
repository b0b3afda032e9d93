/** HMAC-SHA256 of short texts by two hashes of one call each: https://www.rfc-editor.org/rfc/rfc2104 */

import { createHmac, hash, type KeyObject } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const TEXT_BYTES_MAX = 1_024;
/** The most that UTF-8 needs for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/** The key as the two hashes begin with it. */
type Padded = { inner: Uint8Array; outer: Uint8Array };

const padded = new WeakMap<KeyObject, Padded>();
const inner = Buffer.alloc(BLOCK_BYTES + TEXT_BYTES_MAX);
const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

/**
 * The HMAC in hex, of a text taken as UTF-8. A signature is verified in every call, and an Hmac object costs twice what the two hashes
 * do: 3.0 against 1.3 µs in a loop, and a tenth of a small call where the caches are cold.
 */
export function hmacSha256(key: KeyObject, text: string): string {
  if (text.length * BYTES_PER_UNIT > TEXT_BYTES_MAX) return createHmac('sha256', key).update(text).digest('hex');
  let pads = padded.get(key);
  if (!pads) padded.set(key, (pads = padsOf(key)));
  inner.set(pads.inner);
  outer.set(pads.outer);
  const length = inner.write(text, BLOCK_BYTES, 'utf8');
  outer.write(hash('sha256', inner.subarray(0, BLOCK_BYTES + length), 'latin1'), BLOCK_BYTES, 'latin1');
  return hash('sha256', outer, 'hex');
}

function padsOf(key: KeyObject): Padded {
  const exported = key.export() as Buffer;
  const bytes = exported.length > BLOCK_BYTES ? Buffer.from(hash('sha256', exported, 'hex'), 'hex') : exported;
  const whole = new Uint8Array(BLOCK_BYTES);
  whole.set(bytes);
  return { inner: whole.map((byte) => byte ^ 0x36), outer: whole.map((byte) => byte ^ 0x5c) };
}
