/** Taking in bytes: hashed, encrypted under a key of their own, and compared with what the client says of them. */

import type { Readable } from 'node:stream';
import { cloudKey, newDataKey } from '../../../framework/blob-encryption/data-keys.ts';
import { encryptor } from '../../../framework/blob-encryption/frames.ts';
import { bytesOf } from '../../../framework/body.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { BlobTooLarge, type Staged } from '../../../store/blob-store.ts';
import { bodyTooLarge, checksumMismatch, emptyBody, invalidParameter, missingParameter } from '../errors.ts';
import { treeHasher } from './tree-hash.ts';

export type Body = Readable | Uint8Array | string | undefined;
export type TakenIn = { staged: Staged; size: number; /** Hexadecimal. */ treeHash: string; /** Wrapped. */ dataKey: string };

const sha256Text = /^[0-9a-f]{64}$/i;

/** A tree hash as a client sends it, in small letters. Throws MissingParameterValueException, InvalidParameterValueException. */
export function requireTreeHash(checksum: string | undefined): string {
  if (checksum === undefined) throw missingParameter('Required parameter missing: SHA256 tree hash');
  if (!sha256Text.test(checksum)) throw invalidParameter(`Invalid SHA256 tree hash: ${checksum}`);
  return checksum.toLowerCase();
}

/** Stages a body. Nothing is left behind when it throws: InvalidParameterValueException where its length or a hash does not fit. */
export async function takeIn(request: ServiceRequest, body: Body, checksum: string | undefined, bytesMax: number): Promise<TakenIn> {
  const expected = requireTreeHash(checksum);
  const { key, wrapped } = newDataKey(await cloudKey(request, 'glacier'), request.random);
  const tree = treeHasher();
  const encrypted = encryptor(key);
  const through = {
    update: (bytes: Uint8Array) => {
      tree.update(bytes);
      return encrypted.update(bytes);
    },
    final: () => encrypted.final(),
  };
  const staged = await request.blobs.stage(sourceOf(body), { hashes: ['sha256'], bytesMax, through }).catch((error: unknown) => {
    throw error instanceof BlobTooLarge ? bodyTooLarge(bytesMax) : error;
  });
  try {
    if (staged.taken === 0) throw emptyBody();
    checkLinearHash(request, staged);
    const treeHash = tree.digest().toString('hex');
    if (treeHash !== expected) throw checksumMismatch(expected, treeHash);
    return { staged, size: staged.taken, treeHash, dataKey: wrapped };
  } catch (error) {
    await request.blobs.discard(staged);
    throw error;
  }
}

function checkLinearHash({ http }: ServiceRequest, { hashes }: Staged): void {
  const sent = http?.headers['x-amz-content-sha256'];
  const computed = hashes.sha256!.toString('hex');
  if (sent !== undefined && sha256Text.test(sent) && sent.toLowerCase() !== computed) throw checksumMismatch(sent, computed);
}

function sourceOf(body: Body): Uint8Array | Readable {
  if (body === undefined) return new Uint8Array(0);
  if (typeof body === 'string') return Buffer.from(body);
  return body instanceof Uint8Array ? body : (bytesOf(body) ?? body);
}
