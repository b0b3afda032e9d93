/** The certificate of `haneul up --tls`: signed by an authority of its own whose key is thrown away, so that trusting it is safe. */

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './file-replacement.ts';

const DAY = 24 * 60 * 60 * 1000;
const daysValid = 397;
const daysLeftMin = 30;

/** Names under which AWS tools reach a local cloud. A wildcard covers one label. amazonaws.com is left out: the key lies on a disk. */
const names = [
  'localhost',
  '*.localhost',
  's3.localhost',
  '*.s3.localhost',
  'localhost.localstack.cloud',
  '*.localhost.localstack.cloud',
  '*.s3.localhost.localstack.cloud',
  '*.us-east-1.localhost.localstack.cloud',
  '*.s3.us-east-1.localhost.localstack.cloud',
];
const addresses = ['127.0.0.1', '::1'];

export type Certificate = {
  key: string;
  cert: string;
  /** The file that clients are to trust: AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS. */
  authorityFile: string;
};

/** The certificate kept in `directory`, made anew when there is none, it ends within a month, or it lacks `host`. */
export async function keptCertificate(directory: string, host: string): Promise<Certificate> {
  const [authorityFile, certFile, keyFile] = ['ca.pem', 'cert.pem', 'key.pem'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const kept = await readKept(certFile, keyFile, host);
  if (kept) return { ...kept, authorityFile };
  const made = await makeCertificate(host);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await replaceFile(authorityFile, made.authority, 0o644);
  await replaceFile(keyFile, made.key, 0o600);
  await replaceFile(certFile, made.cert, 0o644);
  return { key: made.key, cert: made.cert, authorityFile };
}

async function readKept(certFile: string, keyFile: string, host: string): Promise<{ key: string; cert: string } | undefined> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    const { X509Certificate, createPrivateKey } = await import('node:crypto');
    const parsed = new X509Certificate(cert);
    const lasts = parsed.validToDate.getTime() - Date.now() > daysLeftMin * DAY;
    const names = parsed.checkHost(host) !== undefined || parsed.checkIP(host) !== undefined;
    return lasts && names && parsed.checkPrivateKey(createPrivateKey(key)) ? { cert, key } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeCertificate(host: string): Promise<{ authority: string; cert: string; key: string }> {
  await import('reflect-metadata'); // @peculiar/x509 stands on it
  const x509 = await import('@peculiar/x509');
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const newKeys = () => crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const [authorityKeys, keys] = await Promise.all([newKeys(), newKeys()]);
  const notBefore = new Date(Date.now() - DAY);
  const notAfter = new Date(Date.now() + daysValid * DAY);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Haneul on this machine ${new Date().toISOString().slice(0, 10)}`,
    notBefore,
    notAfter,
    keys: authorityKeys,
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(alternativeNames(host)),
      await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const privateKey = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    authority: `${authority.toString('pem')}\n`,
    cert: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(privateKey, 'PRIVATE KEY')}\n`,
  };
}

function alternativeNames(host: string): { type: 'dns' | 'ip'; value: string }[] {
  const all = [...names.map((value) => ({ type: 'dns' as const, value })), ...addresses.map((value) => ({ type: 'ip' as const, value }))];
  if (all.some((name) => name.value === host)) return all;
  const isAddress = /^[0-9.]+$/.test(host) || host.includes(':');
  return [...all, { type: isAddress ? 'ip' : 'dns', value: host }];
}
