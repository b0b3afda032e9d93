/** Bytes under a key, and back: symmetric keys make blobs that name them, RSA keys encrypt by OAEP. */

import { constants, createPublicKey, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidCiphertext, validation } from '../errors.ts';
import { materialOf } from '../materials/material.ts';
import type { Key } from '../tables.ts';
import { decryptBlob, encryptBlob, readHead, type Context } from './ciphertext.ts';

const NONCE_BYTES = 12;
const oaepHash: Readonly<Record<string, string>> = { RSAES_OAEP_SHA_1: 'sha1', RSAES_OAEP_SHA_256: 'sha256' };
const hashBytes: Readonly<Record<string, number>> = { sha1: 20, sha256: 32 };

/** What encrypted: the blob, and the id of the material. */
export type Enveloped = { blob: Buffer; material: string };

export async function envelop(request: ServiceRequest, key: Key, plaintext: Uint8Array, context: Context): Promise<Enveloped> {
  const { id, object } = (await materialOf(request, key))!;
  const blob = encryptBlob({ key: key.id, version: key.version }, object, request.random.bytes(NONCE_BYTES), plaintext, context);
  return { blob, material: id };
}

export type Opened = { plaintext: Buffer; material: string };

/** Throws InvalidCiphertextException. */
export async function openEnvelope(request: ServiceRequest, key: Key, blob: Uint8Array, context: Context): Promise<Opened> {
  const head = readHead(blob);
  const material = head?.key === key.id ? await materialOf(request, key, head.version) : undefined;
  const plaintext = material && decryptBlob(blob, material.object, context);
  if (!plaintext) throw invalidCiphertext();
  return { plaintext, material: material.id };
}

/** Throws ValidationException for more bytes than the key can take. */
export async function encryptRsa(request: ServiceRequest, key: Key, plaintext: Uint8Array, algorithm: string): Promise<Buffer> {
  const hash = oaepHash[algorithm]!;
  const max = Number(key.spec.slice(4)) / 8 - 2 * hashBytes[hash]! - 2;
  if (plaintext.length > max)
    throw validation(`Algorithm ${algorithm} and key spec ${key.spec} cannot encrypt data larger than ${max} bytes.`);
  const { object } = (await materialOf(request, key))!;
  return publicEncrypt({ key: createPublicKey(object), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, plaintext);
}

/** Throws InvalidCiphertextException. */
export async function decryptRsa(request: ServiceRequest, key: Key, ciphertext: Uint8Array, algorithm: string): Promise<Buffer> {
  const { object } = (await materialOf(request, key))!;
  try {
    return privateDecrypt({ key: object, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaepHash[algorithm]! }, ciphertext);
  } catch {
    // OpenSSL tells nothing of why, so that nobody learns the padding.
    throw invalidCiphertext();
  }
}
