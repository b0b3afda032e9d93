/**
 * The ciphertext blob of a symmetric key: version, key id, version of its material, nonce, bytes, tag (AES-256-GCM). The head and the
 * encryption context are authenticated with it, so that a blob opens only under its key and with its own context.
 */

import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

const FORMAT = 1;
const ID_BYTES = 16;
const HEAD_BYTES = 1 + ID_BYTES + 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export type Context = Readonly<Record<string, string>> | undefined;
export type Head = { key: string; version: number };

/** The same bytes for the same pairs, whatever their order. No two contexts have the same: lengths go before texts. */
export function contextBytes(context: Context): Buffer {
  const pieces: Buffer[] = [];
  for (const [name, value] of Object.entries(context ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const text of [name, value]) {
      const bytes = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      pieces.push(length, bytes);
    }
  return Buffer.concat(pieces);
}

export function encryptBlob(head: Head, material: KeyObject, nonce: Uint8Array, plaintext: Uint8Array, context: Context): Buffer {
  const start = headBytes(head);
  const cipher = createCipheriv('aes-256-gcm', material, nonce).setAAD(Buffer.concat([start, contextBytes(context)]));
  return Buffer.concat([start, nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined for what is no blob of ours. */
export function readHead(blob: Uint8Array): Head | undefined {
  if (blob.length < HEAD_BYTES + NONCE_BYTES + TAG_BYTES || blob[0] !== FORMAT) return undefined;
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  const hex = bytes.toString('hex', 1, 1 + ID_BYTES);
  const key = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  return { key, version: bytes.readUInt32BE(1 + ID_BYTES) };
}

/** Undefined when the blob was altered, or encrypted under another key or context. */
export function decryptBlob(blob: Uint8Array, material: KeyObject, context: Context): Buffer | undefined {
  const start = blob.subarray(0, HEAD_BYTES);
  const nonce = blob.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', material, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([start, contextBytes(context)])).setAuthTag(blob.subarray(-TAG_BYTES));
  const bytes = decipher.update(blob.subarray(HEAD_BYTES + NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([bytes, decipher.final()]);
  } catch {
    // final() throws for one reason only: the tag does not fit.
    return undefined;
  }
}

function headBytes({ key, version }: Head): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head[0] = FORMAT;
  head.write(key.replaceAll('-', ''), 1, 'hex');
  head.writeUInt32BE(version, 1 + ID_BYTES);
  return head;
}
