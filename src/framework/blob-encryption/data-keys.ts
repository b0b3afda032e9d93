/**
 * Keys of blobs. Each blob has its own, derived from random bytes by the key that its object's encryption stands for: the cloud's, one
 * from KMS, or the customer's. A copy that is encrypted otherwise shares the bytes: the same key is wrapped (RFC 3394) under another.
 */

import { keepNewest } from '../bounded-map.ts';
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Random } from '../random.ts';
import type { ServiceRequest } from '../request.ts';
import { sealingKey } from '../session-token.ts';
import type { Store } from '../../store/store.ts';
import { earlyFrameBytes, frameBytes, isLayered, type BlobKey } from './frames.ts';

const WRAP = 'id-aes256-wrap';
const CHECK_VALUE = Buffer.alloc(8, 0xa6);

/** `wrapped` is what finds the key again: a mark, and what it was derived from or how it is wrapped. */
export type DataKey<Key extends BlobKey = BlobKey> = { key: Key; wrapped: string };

/** Stands before wrapped keys, in base64; an early release set no mark, and had shorter frames. */
const WRAPPED = '2.';
/** Stands before what a key was derived from, in base64url: shorter than a wrapped key, in records of which there may be millions. */
const DERIVED = '3.';
/** Stands before the two of a blob with two layers, the inner one first. */
const LAYERED = '4.';
/** 120 bits: no two blobs have the same key, and they are twenty characters without padding. */
const SALT_BYTES = 15;

/** How many plain bytes a frame of the blob holds that a key encrypted. */
export function frameBytesOf(wrapped: string): number {
  return [LAYERED, DERIVED, WRAPPED].some((mark) => wrapped.startsWith(mark)) ? frameBytes : earlyFrameBytes;
}

/** A key for a new blob; where there are two that wrap, two that have nothing to do with each other. */
export function newDataKey(wrapping: KeyObject, random: Random): DataKey<KeyObject>;
export function newDataKey(wrapping: BlobKey, random: Random): DataKey;
export function newDataKey(wrapping: BlobKey, random: Random): DataKey {
  if (isLayered(wrapping)) {
    const [inner, outer] = [newDataKey(wrapping.inner, random), newDataKey(wrapping.outer, random)];
    return { key: { inner: inner.key, outer: outer.key }, wrapped: layered(inner.wrapped, outer.wrapped) };
  }
  const salt = random.bytes(SALT_BYTES);
  return { key: derive(wrapping, salt), wrapped: `${DERIVED}${salt.toString('base64url')}` };
}

const layered = (inner: string, outer: string): string => `${LAYERED}${inner},${outer}`;

function layersOf(wrapped: string): [inner: string, outer: string] {
  const [inner, outer] = wrapped.slice(LAYERED.length).split(',');
  if (!wrapped.startsWith(LAYERED) || outer === undefined) throw new Error('the blob has one layer');
  return [inner!, outer];
}

function derive(wrapping: KeyObject, salt: Uint8Array): KeyObject {
  return createSecretKey(createHmac('sha256', wrapping).update('key of a blob').update(salt).digest());
}

/** Keys of blobs that were used of late, by the key that wraps them: one that a customer sends is another object in each request. */
const unwrapped = new WeakMap<KeyObject, Map<string, KeyObject>>();
const unwrappedMax = 10_000;

function remember(wrapping: KeyObject, { key, wrapped }: DataKey<KeyObject>): void {
  let known = unwrapped.get(wrapping);
  if (!known) unwrapped.set(wrapping, (known = new Map()));
  keepNewest(known, unwrappedMax, wrapped, key);
}

/** The key of a blob. Under another key than its own it throws, or gives a key to which nothing that was encrypted fits. */
export function unwrap(wrapping: KeyObject, wrapped: string): KeyObject;
export function unwrap(wrapping: BlobKey, wrapped: string): BlobKey;
export function unwrap(wrapping: BlobKey, wrapped: string): BlobKey {
  if (isLayered(wrapping)) {
    const [inner, outer] = layersOf(wrapped);
    return { inner: unwrap(wrapping.inner, inner), outer: unwrap(wrapping.outer, outer) };
  }
  const known = unwrapped.get(wrapping)?.get(wrapped);
  if (known) return known;
  const key = wrapped.startsWith(DERIVED)
    ? derive(wrapping, Buffer.from(wrapped.slice(DERIVED.length), 'base64url'))
    : unwrapWith(wrapping, wrapped.startsWith(WRAPPED) ? wrapped.slice(WRAPPED.length) : wrapped);
  remember(wrapping, { key, wrapped });
  return key;
}

/** The same key of a blob for those who have another wrapping key, of as many layers. */
export function rewrap(from: BlobKey, wrapped: string, to: BlobKey): string {
  if (isLayered(from) || isLayered(to)) {
    if (!isLayered(from) || !isLayered(to)) throw new Error('a blob keeps its layers');
    const [inner, outer] = layersOf(wrapped);
    return layered(rewrap(from.inner, inner, to.inner), rewrap(from.outer, outer, to.outer));
  }
  if (from === to) return wrapped;
  const again = wrap(to, unwrap(from, wrapped).export());
  return frameBytesOf(wrapped) === frameBytes ? WRAPPED + again : again;
}

function unwrapWith(wrapping: KeyObject, wrapped: string): KeyObject {
  const decipher = createDecipheriv(WRAP, wrapping, CHECK_VALUE);
  return createSecretKey(Buffer.concat([decipher.update(wrapped, 'base64'), decipher.final()]));
}

function wrap(wrapping: KeyObject, bytes: Uint8Array): string {
  const cipher = createCipheriv(WRAP, wrapping, CHECK_VALUE);
  return Buffer.concat([cipher.update(bytes), cipher.final()]).toString('base64');
}

const cloudKeys = new WeakMap<Store, Map<string, KeyObject>>();

/**
 * The key under which a service wraps those of its blobs when nobody brings another (SSE-S3), derived from the cloud's own. At once when
 * it was asked for before.
 */
export function cloudKey({ store, random }: Pick<ServiceRequest, 'store' | 'random'>, service: string): KeyObject | Promise<KeyObject> {
  let keys = cloudKeys.get(store);
  if (!keys) cloudKeys.set(store, (keys = new Map()));
  return keys.get(service) ?? deriveCloudKey(store, random, service, keys);
}

async function deriveCloudKey(store: Store, random: Random, service: string, keys: Map<string, KeyObject>): Promise<KeyObject> {
  const derived = createHmac('sha256', await sealingKey(store, random))
    .update(`${service} data keys`)
    .digest();
  const key = createSecretKey(derived);
  keys.set(service, key);
  return key;
}
