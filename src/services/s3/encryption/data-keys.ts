/**
 * Keys of blobs. Each blob has its own, wrapped (RFC 3394) under the key that its object's encryption stands for: the cloud's, one from
 * KMS, or the customer's. So a copy that is encrypted otherwise shares the bytes, and only wraps the key anew.
 */

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Random } from '../../../framework/random.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { sealingKey } from '../../../framework/session-token.ts';
import type { Store } from '../../../store/store.ts';

const KEY_BYTES = 32;
const WRAP = 'id-aes256-wrap';
const CHECK_VALUE = Buffer.alloc(8, 0xa6);

export type DataKey = { key: KeyObject; /** Base64. */ wrapped: string };

/** A key for a new blob. */
export function newDataKey(wrapping: KeyObject, random: Random): DataKey {
  const bytes = random.bytes(KEY_BYTES);
  return { key: createSecretKey(bytes), wrapped: wrap(wrapping, bytes) };
}

/** The key of a blob. Throws when it was wrapped under another key. */
export function unwrap(wrapping: KeyObject, wrapped: string): KeyObject {
  const decipher = createDecipheriv(WRAP, wrapping, CHECK_VALUE);
  return createSecretKey(Buffer.concat([decipher.update(wrapped, 'base64'), decipher.final()]));
}

export function rewrap(from: KeyObject, wrapped: string, to: KeyObject): string {
  return wrap(to, unwrap(from, wrapped).export());
}

function wrap(wrapping: KeyObject, bytes: Uint8Array): string {
  const cipher = createCipheriv(WRAP, wrapping, CHECK_VALUE);
  return Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64');
}

const cloudKeys = new WeakMap<Store, KeyObject>();

/** The key of SSE-S3, derived from the cloud's own. */
export async function cloudKey({ store, random }: ServiceRequest): Promise<KeyObject> {
  const known = cloudKeys.get(store);
  if (known) return known;
  const derived = createHmac('sha256', await sealingKey(store, random))
    .update('s3 data keys')
    .digest();
  const key = createSecretKey(derived);
  cloudKeys.set(store, key);
  return key;
}
