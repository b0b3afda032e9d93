/** Session tokens of IMDSv2: kept nowhere, because each says until when it is good and for which instance it was made. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../../framework/random.ts';
import type { Store } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';

/** The cloud's own secret, by which its tokens are known; made when first used. */
export const metadataSecrets = table<{ name: string; secret: string }>('ec2/metadata-secrets', { key: (row) => [row.name] });

export const tokenSecondsMax = 21_600;
const secretBytes = 32;
const nonceBytes = 12;
const proofBytes = 20;

export async function metadataSecret(store: Store, random: Random): Promise<Buffer> {
  const known = await store.read((tx) => metadataSecrets.get(tx, 'tokens'));
  if (known) return Buffer.from(known.secret, 'base64');
  const drawn = random.bytes(secretBytes).toString('base64');
  const kept = await store.write(async (tx) => {
    const present = await metadataSecrets.get(tx, 'tokens');
    if (!present) await metadataSecrets.put(tx, { name: 'tokens', secret: drawn });
    return present?.secret ?? drawn;
  });
  return Buffer.from(kept, 'base64');
}

/** @param expires milliseconds of cloud time. */
export function makeToken(secret: Uint8Array, random: Random, instance: string, expires: number): string {
  const head = Buffer.alloc(8 + nonceBytes);
  head.writeBigUInt64BE(BigInt(Math.floor(expires)));
  random.bytes(nonceBytes).copy(head, 8);
  return Buffer.concat([head, proofOf(secret, instance, head)]).toString('base64url');
}

/** True for a token of this instance that has not expired. */
export function isToken(secret: Uint8Array, token: string, instance: string, now: number): boolean {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== 8 + nonceBytes + proofBytes) return false;
  const head = bytes.subarray(0, 8 + nonceBytes);
  return timingSafeEqual(bytes.subarray(8 + nonceBytes), proofOf(secret, instance, head)) && Number(head.readBigUInt64BE()) > now;
}

const proofOf = (secret: Uint8Array, instance: string, head: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(instance).update(head).digest().subarray(0, proofBytes);
