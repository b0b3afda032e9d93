/** Key pairs: records, and the public keys that AWS takes. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-key-pairs.html */

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import { resourceType, type Place } from '../resource.ts';

export type KeyPair = {
  account: string;
  region: string;
  id: string;
  name: string;
  type: 'rsa' | 'ed25519';
  fingerprint: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  publicKey: string;
  created: number;
  tags?: Tag[];
};

export const keyPairs = table<KeyPair, 'name'>('ec2/key-pairs', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { name: (row) => [row.account, row.region, row.name] },
  unique: ['name'],
});

export const keyPairType = resourceType('key-pair', 'key', keyPairs, ['InvalidKeyPair.NotFound', 'The key pair ID']);

const keyPairNotFound = (name: string) => refusal('InvalidKeyPair.NotFound')(`The key pair '${name}' does not exist`);
const invalidKey = refusal('InvalidKey.Format');

/** Throws InvalidKeyPair.NotFound. */
export async function requireKeyPair(tx: ReadTransaction, { account, region }: Place, name: string): Promise<KeyPair> {
  const found = await keyPairs.find(tx, 'name', account, region, name);
  if (!found) throw keyPairNotFound(name);
  return found;
}

const rsaBits = [1024, 2048, 4096];
const materialBytesMax = 16_384;

/** A public key as customers send it: OpenSSH, the same as RFC 4716 writes it, or base64 of DER. Throws InvalidKey.Format. */
export function parsePublicKey(material: Uint8Array): { type: KeyPair['type']; publicKey: string; key: KeyObject } {
  if (material.length > materialBytesMax) throw invalidKey('Key is too long');
  const text = Buffer.from(material).toString('latin1').trim();
  const encoded = text.startsWith('---- BEGIN SSH2 PUBLIC KEY ----')
    ? bodyOfSsh2(text)
    : (/^(?:ssh-rsa|ssh-ed25519)\s+(\S+)/.exec(text)?.[1] ?? text);
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(encoded)) throw invalidKey('Key is not in valid OpenSSH public key format');
  const blob = Buffer.from(encoded, 'base64');
  const key = keyOfBlob(blob) ?? keyOfDer(blob);
  if (!key) throw invalidKey('Key is not in valid OpenSSH public key format');
  if (key.asymmetricKeyType === 'ed25519') return { type: 'ed25519', publicKey: openSshPublicKey(key), key };
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (!rsaBits.includes(bits)) throw invalidKey(`Key length must be one of ${rsaBits.join(', ')}`);
  return { type: 'rsa', publicKey: openSshPublicKey(key), key };
}

function bodyOfSsh2(text: string): string {
  const lines = text.split(/\r?\n/).slice(1);
  const body = lines.slice(0, lines.indexOf('---- END SSH2 PUBLIC KEY ----'));
  return body.filter((line, at) => !line.includes(':') && !body[at - 1]?.endsWith('\\')).join('');
}

/** The parts of a blob of RFC 4253: texts with their lengths before them. */
function partsOf(blob: Buffer): Buffer[] | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at < blob.length;) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    parts.push(blob.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

function keyOfBlob(blob: Buffer): KeyObject | undefined {
  const [kind, first, second] = partsOf(blob) ?? [];
  const base64url = (bytes: Buffer): string => bytes.toString('base64url');
  if (kind?.toString() === 'ssh-ed25519' && first?.length === 32)
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: base64url(first) }, format: 'jwk' });
  if (kind?.toString() !== 'ssh-rsa' || !first || !second) return undefined;
  const unsigned = (bytes: Buffer): Buffer => (bytes[0] === 0 ? bytes.subarray(1) : bytes);
  return createPublicKey({ key: { kty: 'RSA', e: base64url(unsigned(first)), n: base64url(unsigned(second)) }, format: 'jwk' });
}

function keyOfDer(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

const part = (bytes: Uint8Array | string): Buffer => {
  const content = Buffer.from(bytes as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
};

/** An mpint of RFC 4251: a zero before what would read as negative. */
const integer = (base64url: string): Buffer => {
  const bytes = Buffer.from(base64url, 'base64url');
  return part(bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};

export function publicBlob(key: KeyObject): Buffer {
  const jwk = key.export({ format: 'jwk' });
  if (key.asymmetricKeyType === 'ed25519') return Buffer.concat([part('ssh-ed25519'), part(Buffer.from(jwk.x!, 'base64url'))]);
  return Buffer.concat([part('ssh-rsa'), integer(jwk.e!), integer(jwk.n!)]);
}

function openSshPublicKey(key: KeyObject): string {
  return `${key.asymmetricKeyType === 'ed25519' ? 'ssh-ed25519' : 'ssh-rsa'} ${publicBlob(key).toString('base64')}`;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html: one kind for each way in which a key came to be. */
export function fingerprintOf(key: KeyObject, privateKey?: KeyObject): string {
  if (key.asymmetricKeyType === 'ed25519') return createHash('sha256').update(publicBlob(key)).digest('base64');
  const digest = privateKey
    ? createHash('sha1').update(privateKey.export({ format: 'der', type: 'pkcs8' }))
    : createHash('md5').update(key.export({ format: 'der', type: 'spki' }));
  return digest.digest('hex').match(/../g)!.join(':');
}

/** An Ed25519 private key in OpenSSH's own format, unencrypted. @param check four bytes of chance, by which a reader knows a right passphrase. */
export function openSshPrivateKey(privateKey: KeyObject, key: KeyObject, check: Uint8Array): string {
  const jwk = privateKey.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(jwk.d!, 'base64url'), Buffer.from(jwk.x!, 'base64url')];
  const secrets = [check, check, part('ssh-ed25519'), part(point), part(Buffer.concat([seed, point])), part('')];
  const inner = Buffer.concat(secrets.map((bytes) => Buffer.from(bytes)));
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, at) => at + 1));
  const one = Buffer.alloc(4);
  one.writeUInt32BE(1);
  const whole = Buffer.concat([
    ...[Buffer.from('openssh-key-v1\0'), part('none'), part('none'), part(''), one],
    ...[part(publicBlob(key)), part(Buffer.concat([inner, padding]))],
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g)!;
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
