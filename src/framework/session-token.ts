/** Session tokens: temporary credentials sealed into the token itself, so that nothing is stored for a session. */

import type { KeyObject } from 'node:crypto';
import type { Store } from '../store/store.ts';
import { cloudKey, openText, purposeKey, sealText } from './cloud-key.ts';
import type { Principal } from './principal.ts';
import type { Random } from './random.ts';

/** What a token carries. The secret lies in it encrypted and nowhere else; it must never be logged. */
export type SealedSession = { secretAccessKey: string; principal: Principal; /** Milliseconds since the epoch. */ expiresAt: number };

/** Longer tokens are refused unread: the largest session policy and 50 tags stay well below. */
const TOKEN_CHARACTERS_MAX = 32_768;
const NONCE_BYTES = 12;

const keys = new WeakMap<KeyObject, Map<string, KeyObject>>();

/** The key under which this cloud seals session tokens. Cached. */
export function sessionKey(store: Store): Promise<KeyObject> {
  return keyFor(store, 'session tokens');
}

/** The key under which this cloud seals why a call was denied, for DecodeAuthorizationMessage. Cached. */
export function authorizationMessageKey(store: Store): Promise<KeyObject> {
  return keyFor(store, 'authorization messages');
}

async function keyFor(store: Store, purpose: string): Promise<KeyObject> {
  const cloud = await cloudKey(store);
  let known = keys.get(cloud);
  if (!known) keys.set(cloud, (known = new Map()));
  let key = known.get(purpose);
  if (!key) known.set(purpose, (key = purposeKey(cloud, purpose)));
  return key;
}

/** Makes the session token of one temporary access key (`ASIA…`); it opens only together with that key id. */
export function sealSession(key: KeyObject, accessKeyId: string, session: SealedSession, random: Random): string {
  return sealText(key, JSON.stringify(session), accessKeyId, random.bytes(NONCE_BYTES));
}

/** What a token carries; undefined when it was not sealed here for this access key. Says nothing of expiry. */
export function openSession(key: KeyObject, accessKeyId: string, token: string): SealedSession | undefined {
  const text = openSealed(key, token, accessKeyId);
  return text === undefined ? undefined : (JSON.parse(text) as SealedSession);
}

/** Seals the reasons of a denial for the account in which they may be read. */
export function sealAuthorizationMessage(key: KeyObject, account: string, message: string, random: Random): string {
  return sealText(key, message, account, random.bytes(NONCE_BYTES));
}

/** The reasons behind an encoded message; undefined when it was not sealed here for this account. */
export function openAuthorizationMessage(key: KeyObject, account: string, sealed: string): string | undefined {
  return openSealed(key, sealed, account);
}

function openSealed(key: KeyObject, sealed: string, about: string): string | undefined {
  if (sealed.length > TOKEN_CHARACTERS_MAX) return undefined;
  try {
    return openText(key, sealed, about);
  } catch {
    // A stranger's text: too short, altered, or sealed by another cloud. There is nothing more to know about it.
    return undefined;
  }
}
