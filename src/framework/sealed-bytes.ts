/**
 * Few bytes as they lie in the store, encrypted: a message of a queue, a record of a stream. AES-256-GCM under a key that each process
 * derives anew, so that a counter may be the nonce: neither a random number nor a key is drawn for each message.
 */

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { keepNewest } from './bounded-map.ts';
import type { Random } from './random.ts';

const CIPHER = 'aes-256-gcm';
const SALT_BYTES = 12;
const COUNTER_BYTES = 6;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What `sealBytes` adds. */
export const sealBytesMore = SALT_BYTES + COUNTER_BYTES + TAG_BYTES;

/** The bytes were not sealed under this key, or are not what was sealed. */
export class SealBroken extends Error {
  override name = 'SealBroken';
}

type Sealer = { salt: Uint8Array; key: KeyObject; sealed: number };

const sealers = new WeakMap<KeyObject, Sealer>();
/** Keys that opened something of late, by their salt. */
const openers = new WeakMap<KeyObject, Map<string, KeyObject>>();
const openersMax = 1_000;

const derive = (wrapping: KeyObject, salt: Uint8Array): KeyObject =>
  createSecretKey(createHmac('sha256', wrapping).update('key of sealed bytes').update(salt).digest());

function sealerOf(wrapping: KeyObject, random: Random): Sealer {
  let sealer = sealers.get(wrapping);
  if (!sealer) {
    const salt = random.bytes(SALT_BYTES);
    sealers.set(wrapping, (sealer = { salt, key: derive(wrapping, salt), sealed: 0 }));
  }
  return sealer;
}

function openerOf(wrapping: KeyObject, salt: Uint8Array): KeyObject {
  let known = openers.get(wrapping);
  if (!known) openers.set(wrapping, (known = new Map()));
  const name = Buffer.from(salt).toString('latin1');
  const found = known.get(name);
  if (found) return found;
  const key = derive(wrapping, salt);
  keepNewest(known, openersMax, name, key);
  return key;
}

/** Encrypts and signs; the same bytes are other ones each time. */
export function sealBytes(wrapping: KeyObject, plain: Uint8Array | string, random: Random): Buffer {
  const { salt, key, sealed } = sealerOf(wrapping, random);
  sealers.get(wrapping)!.sealed = sealed + 1;
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(sealed, NONCE_BYTES - COUNTER_BYTES, COUNTER_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const bytes = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final();
  return Buffer.concat([salt, nonce.subarray(NONCE_BYTES - COUNTER_BYTES), bytes, cipher.getAuthTag()]);
}

/** What was sealed under this key. Throws SealBroken. */
export function openBytes(wrapping: KeyObject, sealed: Uint8Array): Buffer {
  if (sealed.length < sealBytesMore) throw new SealBroken('sealed bytes are cut off');
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.set(sealed.subarray(SALT_BYTES, SALT_BYTES + COUNTER_BYTES), NONCE_BYTES - COUNTER_BYTES);
  const key = openerOf(wrapping, sealed.subarray(0, SALT_BYTES));
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(SALT_BYTES + COUNTER_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    throw new SealBroken('sealed bytes do not fit their tag', { cause });
  }
  return plain;
}
