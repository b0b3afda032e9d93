/** Key material: made by OpenSSL, sealed at rest under the cloud's key, opened when it is first used. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { createPrivateKey, createSecretKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '../../../framework/random.ts';
import { open, seal, sealingKey } from '../../../framework/session-token.ts';
import type { Store } from '../../../store/store.ts';
import { materials, type KeySpec, type Material } from '../tables.ts';

const makePair = promisify(generateKeyPair);

const curves: Readonly<Record<string, string>> = {
  ECC_NIST_P256: 'P-256',
  ECC_NIST_P384: 'P-384',
  ECC_NIST_P521: 'P-521',
  ECC_SECG_P256K1: 'secp256k1',
};

const hmacBytes: Readonly<Record<string, number>> = { HMAC_224: 28, HMAC_256: 32, HMAC_384: 48, HMAC_512: 64 };

/** A new private key; takes up to a second of a worker thread for RSA. */
export async function newPrivateKey(spec: KeySpec): Promise<KeyObject> {
  if (spec.startsWith('RSA')) return (await makePair('rsa', { modulusLength: Number(spec.slice(4)) })).privateKey;
  if (spec === 'ECC_NIST_EDWARDS25519') return (await makePair('ed25519')).privateKey;
  return (await makePair('ec', { namedCurve: curves[spec]! })).privateKey;
}

export function pkcs8(key: KeyObject): Buffer {
  return key.export({ type: 'pkcs8', format: 'der' });
}

/** Material for a key, ready to be written. */
export async function newMaterial(
  means: { store: Store; random: Random },
  key: { id: string; spec: KeySpec },
  facts: { version: number; created: number; rotation?: 'AUTOMATIC' | 'ON_DEMAND' },
): Promise<Material> {
  const { store, random } = means;
  const bytes =
    key.spec === 'SYMMETRIC_DEFAULT' || hmacBytes[key.spec]
      ? random.bytes(hmacBytes[key.spec] ?? 32)
      : pkcs8(await newPrivateKey(key.spec));
  const id = random.bytes(32).toString('hex');
  const sealed = seal(await sealingKey(store, random), purposeOf(id), bytes.toString('base64'), random);
  return { key: key.id, id, ...facts, sealed };
}

function purposeOf(id: string): string {
  return `kms material ${id}`;
}

/** Opened material by its id; whether its key may be used is asked of the key's record each time. */
const opened = new Map<string, KeyObject>();
const openedMax = 1000;

/** Erased material is kept nowhere. */
export function forgetMaterial(id: string): void {
  opened.delete(id);
}

/** The material of one version of a key. Undefined when the key has no such version. */
export async function materialOf(
  means: { store: Store; random: Random },
  key: { id: string; spec: KeySpec; version: number; material: string },
  version = key.version,
): Promise<{ id: string; object: KeyObject } | undefined> {
  const known = version === key.version ? opened.get(key.material) : undefined;
  if (known) return { id: key.material, object: known };
  const material = await means.store.read((tx) => materials.get(tx, key.id, version));
  if (!material) return undefined;
  const cached = opened.get(material.id);
  if (cached) return { id: material.id, object: cached };
  const text = open(await sealingKey(means.store, means.random), purposeOf(material.id), material.sealed);
  if (text === undefined) throw new Error(`the material of key ${key.id} does not open: it was sealed by another cloud`);
  const bytes = Buffer.from(text, 'base64');
  const secret = key.spec === 'SYMMETRIC_DEFAULT' || key.spec.startsWith('HMAC');
  const object = secret ? createSecretKey(bytes) : createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  keepNewest(opened, openedMax, material.id, object);
  return { id: material.id, object };
}
