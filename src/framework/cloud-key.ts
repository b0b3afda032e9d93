/** The cloud's own sealing key: made once, kept in the store, and never shown to a service's callers. */

import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { table } from '../store/table.ts';
import type { Store } from '../store/store.ts';

type StoredKey = { name: 'cloud'; /** 32 random bytes, base64. */ secret: string };

export const cloudKeys = table<StoredKey>('framework/cloud-keys', { key: (row) => [row.name] });

const opened = new WeakMap<Store, Promise<KeyObject>>();

/**
 * The 256-bit key under which this cloud seals what it must be able to read again (session tokens, secrets of access keys).
 * The first call of a new cloud makes it; every process of a cluster gets the same one. Cached, so a warm call costs a microtask.
 */
export function cloudKey(store: Store): Promise<KeyObject> {
  let key = opened.get(store);
  if (!key) {
    key = loadOrMake(store);
    opened.set(store, key);
    key.catch(() => opened.delete(store));
  }
  return key;
}

async function loadOrMake(store: Store): Promise<KeyObject> {
  const known = await store.read((tx) => cloudKeys.get(tx, 'cloud'));
  const fresh = randomBytes(32).toString('base64');
  const row =
    known ??
    (await store.write(async (tx) => {
      const made = await cloudKeys.get(tx, 'cloud'); // another process may have been quicker
      if (made) return made;
      const row: StoredKey = { name: 'cloud', secret: fresh };
      await cloudKeys.put(tx, row);
      return row;
    }));
  return createSecretKey(Buffer.from(row.secret, 'base64'));
}

/** A key for one purpose, so that what is sealed for one can never be opened as another. */
export function purposeKey(key: KeyObject, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `haneul ${purpose}`, 32)));
}

/** Seals text with AES-256-GCM, bound to `about` (the id of the record it lies in). Nonce, tag and ciphertext, base64. */
export function sealText(key: KeyObject, text: string, about: string, nonce: Buffer): string {
  if (nonce.length !== 12) throw new RangeError('a nonce has 12 bytes');
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(about));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Opens what `sealText` sealed; throws when the key, the text or `about` is another. */
export function openText(key: KeyObject, sealed: string, about: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(about));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
}
