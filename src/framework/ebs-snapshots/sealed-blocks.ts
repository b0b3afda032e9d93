/**
 * Blocks of encrypted snapshots. Their name is a digest that only the data key's holder can make, so that the same block of one lineage is
 * stored once and nobody else learns that two are the same; they are stored as AES-256-GCM makes them, with a nonce out of their name.
 */

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

export type BlockKey = { name: KeyObject; content: KeyObject };

const nonceBytes = 12;
const tagBytes = 16;

const derived = (key: Uint8Array, use: string): KeyObject => createSecretKey(createHmac('sha256', key).update(use).digest());

/** @param key the data key, 32 bytes. */
export const blockKeyOf = (key: Uint8Array): BlockKey => ({
  name: derived(key, 'names of blocks'),
  content: derived(key, 'contents of blocks'),
});

export const sealedName = ({ name }: BlockKey, bytes: Uint8Array): string => createHmac('sha256', name).update(bytes).digest('base64');

const nonceOf = (hash: string): Buffer => Buffer.from(hash, 'base64').subarray(0, nonceBytes);

/** @param hash its name, which is another for other bytes: no nonce serves twice. */
export function sealBlock({ content }: BlockKey, hash: string, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', content, nonceOf(hash));
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when the bytes are not those of this name under this key. */
export function openBlock({ content }: BlockKey, hash: string, stored: Buffer): Buffer {
  const end = stored.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', content, nonceOf(hash), { authTagLength: tagBytes });
  decipher.setAuthTag(stored.subarray(end));
  return Buffer.concat([decipher.update(stored.subarray(0, end)), decipher.final()]);
}

/** A checksum of plain bytes, hidden in a record; what is hidden is shown by hiding it again. */
export function hiddenChecksum({ name }: BlockKey, hash: string, checksum: Uint8Array): Buffer {
  const pad = createHmac('sha256', name).update(`checksum ${hash}`).digest();
  return Buffer.from(checksum.map((byte, at) => byte ^ pad[at]!));
}
