/** The key with which SNS signs its messages, and the certificate by which receivers check them. */

import { createHash, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { open, seal, sealingKey } from '../../../framework/session-token.ts';
import type { Random } from '../../../framework/random.ts';
import type { Store } from '../../../store/store.ts';
import { signingKeys, type SigningKey } from '../tables.ts';

export type Signer = { certificate: string; /** Names the certificate in its URL. */ fingerprint: string; key: KeyObject };

const PURPOSE = 'sns signing key';
const DAY = 86_400_000;
const daysValid = 3650;

const signers = new WeakMap<Store, Promise<Signer>>();

/** The cloud's signer, made at its first use. */
export function signerOf(means: { store: Store; random: Random; now: number }): Promise<Signer> {
  let signer = signers.get(means.store);
  if (!signer) {
    signer = load(means);
    signers.set(means.store, signer);
    signer.catch(() => signers.delete(means.store));
  }
  return signer;
}

async function load(means: { store: Store; random: Random; now: number }): Promise<Signer> {
  const { store, random } = means;
  const sealing = await sealingKey(store, random);
  let row = await store.read((tx) => signingKeys.get(tx, 'current'));
  if (!row) {
    const fresh = await makeKey(means, sealing);
    row = await store.write(async (tx) => {
      const present = await signingKeys.get(tx, 'current');
      if (!present) await signingKeys.put(tx, fresh);
      return present ?? fresh;
    });
  }
  const pem = open(sealing, PURPOSE, row.sealedKey);
  if (pem === undefined) throw new Error('the signing key of SNS was sealed by another cloud');
  return { certificate: row.certificate, fingerprint: row.fingerprint, key: createPrivateKey(pem) };
}

async function makeKey({ random, now }: { random: Random; now: number }, sealing: Buffer): Promise<SigningKey> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: random.bytes(16).toString('hex').replace(/^./, '1'),
    name: 'CN=sns.amazonaws.com, O=Haneul',
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + daysValid * DAY),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)],
  });
  const pem = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  const text = `${certificate.toString('pem')}\n`;
  return {
    name: 'current',
    sealedKey: seal(sealing, PURPOSE, pem, random),
    certificate: text,
    fingerprint: createHash('sha256').update(text).digest('hex').slice(0, 32),
  };
}

const signInPool = promisify(sign);

/** Base64; version 1 signs with SHA-1, version 2 with SHA-256. RSA costs half a millisecond: it is done in the thread pool. */
export async function signatureOf({ key }: Signer, version: '1' | '2', text: string): Promise<string> {
  const signature = await signInPool(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256', Buffer.from(text), key);
  return signature.toString('base64');
}

/** What is signed: the named members that are there, each name and value on a line of its own. */
export function stringToSign(message: Readonly<Record<string, unknown>>): string {
  const names =
    message['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  return names
    .filter((name) => message[name] !== undefined)
    .map((name) => `${name}\n${String(message[name])}\n`)
    .join('');
}
