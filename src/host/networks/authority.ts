/**
 * The authority that vouches, inside of VPCs, for AWS's own names. Guests trust it, and nobody else is to: its certificate is for those
 * names alone, and its key stays in the data directory.
 */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import { keepNewest } from '../../framework/bounded-map.ts';
import { shared } from '../../framework/shared-work.ts';
import { replaceFile } from '../file-replacement.ts';
import { readText } from '../missing-files.ts';

const DAY = 24 * 60 * 60 * 1000;
const authorityDaysValid = 3_650;
const authorityDaysLeftMin = 365;
const leafDaysValid = 397;
/** A leaf is remembered for so long, and is good for much longer. */
const leafDaysKept = 30;
const leavesMax = 200;
const domain = 'amazonaws.com';
const nameCharactersMax = 253;
const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** What a server shows: its chain and key as PEM, and the same made ready. */
export type Leaf = { cert: string; key: string; context: SecureContext };

export type Authority = {
  /** What guests are to trust, as PEM. */
  certificate(): Promise<string>;
  /** For a name of AWS that a client has asked for by SNI, or for none. Rejects for names of others. */
  leafFor(serverName: string | undefined): Promise<Leaf>;
};

type Keys = { certificate: string; key: string };
type KeyPair = { publicKey: CryptoKey; privateKey: CryptoKey };
type X509 = typeof import('@peculiar/x509');

/** @param directory where the authority is kept; made when a network first needs it. */
export function openAuthority(directory: string): Authority {
  const kept = shared(async (where: string): Promise<Keys> => (await readKept(where)) ?? makeKept(where));
  let leafKeys: Promise<KeyPair> | undefined;
  const leaves = new Map<string, Leaf & { until: number }>();
  const made = shared(async (parent: string): Promise<Leaf> => {
    leafKeys ??= newKeys();
    const [authority, keys, { createSecureContext }] = await Promise.all([kept(directory), leafKeys, import('node:tls')]);
    const { certificate, key } = await makeLeaf(parent, authority, keys);
    const cert = `${certificate}\n${authority.certificate}`;
    return { cert, key, context: createSecureContext({ cert, key, minVersion: 'TLSv1.2' }) };
  });
  return {
    certificate: async () => (await kept(directory)).certificate,
    leafFor: async (serverName) => {
      const parent = parentOf(serverName ?? `sts.${domain}`);
      const known = leaves.get(parent);
      if (known && known.until > Date.now()) return known;
      const leaf = await made(parent);
      leaves.delete(parent);
      keepNewest(leaves, leavesMax, parent, { ...leaf, until: Date.now() + leafDaysKept * DAY });
      return leaf;
    },
  };
}

/** The domain in which a name lies: one certificate is for all of its names. */
function parentOf(serverName: string): string {
  const name = serverName.toLowerCase();
  if (name.length > nameCharactersMax || !/^([a-z0-9_-]{1,63}\.)+amazonaws\.com$/.test(name)) throw new Error('no name of AWS');
  return name.slice(name.indexOf('.') + 1);
}

const filesOf = (directory: string) => ({ certificate: join(directory, 'ca.pem'), key: join(directory, 'ca-key.pem') });

async function readKept(directory: string): Promise<Keys | undefined> {
  const files = filesOf(directory);
  const [certificate, key] = await Promise.all([readText(files.certificate), readText(files.key)]);
  if (certificate === undefined || key === undefined) return undefined;
  const { X509Certificate, createPrivateKey } = await import('node:crypto');
  const parsed = new X509Certificate(certificate);
  const lasts = parsed.validToDate.getTime() - Date.now() > authorityDaysLeftMin * DAY;
  return lasts && parsed.checkPrivateKey(createPrivateKey(key)) ? { certificate, key } : undefined;
}

/** The key first: a certificate without its key is made anew. */
async function makeKept(directory: string): Promise<Keys> {
  const made = await makeAuthority();
  const files = filesOf(directory);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await replaceFile(files.key, made.key, 0o600);
  await replaceFile(files.certificate, made.certificate, 0o644);
  return made;
}

const newKeys = async (): Promise<KeyPair> => crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);

async function loaded(): Promise<X509> {
  await import('reflect-metadata'); // @peculiar/x509 stands on it
  return import('@peculiar/x509');
}

const pemOf = async (x509: X509, key: CryptoKey): Promise<string> =>
  `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;

async function makeAuthority(): Promise<Keys> {
  const x509 = await loaded();
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Haneul VPC services ${new Date().toISOString().slice(0, 10)}`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + authorityDaysValid * DAY),
    keys,
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.Extension(nameConstraints, true, onlyNamesIn(domain)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await pemOf(x509, keys.privateKey) };
}

const nameConstraints = '2.5.29.30';

/** RFC 5280, 4.2.1.10, for a short name: SEQUENCE { [0] { SEQUENCE { [2] name } } }. */
function onlyNamesIn(name: string): Uint8Array<ArrayBuffer> {
  const wrapped = (tag: number, content: Uint8Array): Uint8Array => Uint8Array.of(tag, content.length, ...content);
  return Uint8Array.from(wrapped(0x30, wrapped(0xa0, wrapped(0x30, wrapped(0x82, Buffer.from(name))))));
}

async function makeLeaf(parent: string, authority: Keys, keys: KeyPair): Promise<Keys> {
  const x509 = await loaded();
  const issuer = new x509.X509Certificate(authority.certificate);
  const signingKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(authority.key), signingAlgorithm, false, [
    'sign',
  ]);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: '',
    issuer: issuer.subject,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + leafDaysValid * DAY),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      // Critical, since there is no other name.
      new x509.SubjectAlternativeNameExtension(
        [parent, `*.${parent}`].map((value) => ({ type: 'dns' as const, value })),
        true,
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await pemOf(x509, keys.privateKey) };
}
