/** Session tokens: temporary credentials sealed into the token itself, so that nothing is stored for a session. */

import { createCipheriv, createDecipheriv } from 'node:crypto';
import { table } from '../store/table.ts';
import type { Store } from '../store/store.ts';
import type { Principal } from './principal.ts';
import type { Random } from './random.ts';

/** What a token carries. The secret lies in it encrypted and nowhere else; it must never be logged. */
export type SealedSession = { secretAccessKey: string; principal: Principal; /** Milliseconds since the epoch. */ expiresAt: number };

/** The cloud's key as stored; it never leaves the cloud. */
export const sealingKeys = table<{ name: 'current'; key: string }>('framework/sealing-keys', { key: (row) => [row.name] });

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** Longer tokens are refused unread: the largest session policy and 50 tags stay well below. */
const TOKEN_CHARACTERS_MAX = 32_768;

/** The key under which this cloud seals, made at its first use. Costs one read. */
export async function sealingKey(store: Store, random: Random): Promise<Buffer> {
  const stored = await store.read((tx) => sealingKeys.get(tx, 'current'));
  if (stored) return Buffer.from(stored.key, 'base64');
  const fresh = random.bytes(KEY_BYTES).toString('base64');
  const key = await store.write(async (tx) => {
    const present = await sealingKeys.get(tx, 'current');
    if (!present) await sealingKeys.put(tx, { name: 'current', key: fresh });
    return present?.key ?? fresh;
  });
  return Buffer.from(key, 'base64');
}

/** Makes the session token of one temporary access key (`ASIA…`); it opens only together with that key id. */
export function sealSession(key: Buffer, accessKeyId: string, session: SealedSession, random: Random): string {
  return seal(key, `session ${accessKeyId}`, JSON.stringify(session), random);
}

/** What a token carries; undefined when it was not sealed here for this access key. Says nothing of expiry. */
export function openSession(key: Buffer, accessKeyId: string, token: string): SealedSession | undefined {
  const text = open(key, `session ${accessKeyId}`, token);
  return text === undefined ? undefined : (JSON.parse(text) as SealedSession);
}

/** Encrypts and signs a text (AES-256-GCM) for one purpose, as base64. */
export function seal(key: Buffer, purpose: string, text: string, random: Random): string {
  const nonce = random.bytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** The text behind a seal; undefined when it is not ours, altered, or meant for another purpose. */
export function open(key: Buffer, purpose: string, sealed: string): string | undefined {
  if (sealed.length > TOKEN_CHARACTERS_MAX) return undefined;
  const bytes = Buffer.from(sealed, 'base64');
  if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== VERSION) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-TAG_BYTES));
  const text = decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    // final() throws for one reason only: the signature does not fit.
    return undefined;
  }
}
