/**
 * Keys of blobs. Each blob has its own, wrapped (RFC 3394) under the key that its object's encryption stands for: the cloud's, one from
 * KMS, or the customer's. So a copy that is encrypted otherwise shares the bytes, and only wraps the key anew.
 */

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Random } from '../random.ts';
import type { ServiceRequest } from '../request.ts';
import { sealingKey } from '../session-token.ts';
import type { Store } from '../../store/store.ts';
import { earlyFrameBytes, frameBytes } from './frames.ts';

const KEY_BYTES = 32;
const WRAP = 'id-aes256-wrap';
const CHECK_VALUE = Buffer.alloc(8, 0xa6);

export type DataKey = { key: KeyObject; /** Base64, after a mark that tells how long the frames are that it encrypts. */ wrapped: string };

/** Stands before the keys of blobs in frames of `frameBytes`; an early release set no mark, and had shorter ones. */
const MARK = '2.';

/** How many plain bytes a frame of the blob holds that a key encrypted. */
export function frameBytesOf(wrapped: string): number {
  return wrapped.startsWith(MARK) ? frameBytes : earlyFrameBytes;
}

/** A key for a new blob. */
export function newDataKey(wrapping: KeyObject, random: Random): DataKey {
  const bytes = random.bytes(KEY_BYTES);
  return { key: createSecretKey(bytes), wrapped: MARK + wrap(wrapping, bytes) };
}

/** Keys of blobs that were used of late, by the key that wraps them: one that a customer sends is another object in each request. */
const unwrapped = new WeakMap<KeyObject, Map<string, KeyObject>>();
const unwrappedMax = 10_000;

function remember(wrapping: KeyObject, { key, wrapped }: DataKey): void {
  let known = unwrapped.get(wrapping);
  if (!known) unwrapped.set(wrapping, (known = new Map()));
  if (known.size >= unwrappedMax) known.delete(known.keys().next().value!);
  known.set(wrapped, key);
}

/** The key of a blob. Throws when it was wrapped under another key. */
export function unwrap(wrapping: KeyObject, wrapped: string): KeyObject {
  const known = unwrapped.get(wrapping)?.get(wrapped);
  if (known) return known;
  const decipher = createDecipheriv(WRAP, wrapping, CHECK_VALUE);
  const key = createSecretKey(Buffer.concat([decipher.update(unmarked(wrapped), 'base64'), decipher.final()]));
  remember(wrapping, { key, wrapped });
  return key;
}

export function rewrap(from: KeyObject, wrapped: string, to: KeyObject): string {
  const again = wrap(to, unwrap(from, wrapped).export());
  return wrapped.startsWith(MARK) ? MARK + again : again;
}

function unmarked(wrapped: string): string {
  return wrapped.startsWith(MARK) ? wrapped.slice(MARK.length) : wrapped;
}

function wrap(wrapping: KeyObject, bytes: Uint8Array): string {
  const cipher = createCipheriv(WRAP, wrapping, CHECK_VALUE);
  return Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64');
}

const cloudKeys = new WeakMap<Store, Map<string, KeyObject>>();

/** The key under which a service wraps those of its blobs when nobody brings another (SSE-S3), derived from the cloud's own. */
export async function cloudKey({ store, random }: Pick<ServiceRequest, 'store' | 'random'>, service: string): Promise<KeyObject> {
  let keys = cloudKeys.get(store);
  if (!keys) cloudKeys.set(store, (keys = new Map()));
  const known = keys.get(service);
  if (known) return known;
  const derived = createHmac('sha256', await sealingKey(store, random))
    .update(`${service} data keys`)
    .digest();
  const key = createSecretKey(derived);
  keys.set(service, key);
  return key;
}
