/** What a key is: its specs and what each can do, its ARN, and how it is described. */

import { arn } from '../../../framework/arn.ts';
import { disabled, invalidState, invalidUsage } from '../errors.ts';
import type { Output } from '../sdk.ts';
import type { Key, KeySpec, KeyUsage } from '../tables.ts';

const rsaSigning = ['PKCS1_V1_5', 'PSS'].flatMap((scheme) => ['256', '384', '512'].map((bits) => `RSASSA_${scheme}_SHA_${bits}`));
const oaep = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'];

type Abilities = { usages: readonly KeyUsage[]; encryption?: readonly string[]; signing?: readonly string[]; mac?: readonly string[] };

const rsa: Abilities = { usages: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'], encryption: oaep, signing: rsaSigning };
const ecc = (bits: string): Abilities => ({ usages: ['SIGN_VERIFY', 'KEY_AGREEMENT'], signing: [`ECDSA_SHA_${bits}`] });
const hmac = (bits: string): Abilities => ({ usages: ['GENERATE_VERIFY_MAC'], mac: [`HMAC_SHA_${bits}`] });

/** https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html */
export const specs: Readonly<Record<KeySpec, Abilities>> = {
  SYMMETRIC_DEFAULT: { usages: ['ENCRYPT_DECRYPT'], encryption: ['SYMMETRIC_DEFAULT'] },
  RSA_2048: rsa,
  RSA_3072: rsa,
  RSA_4096: rsa,
  ECC_NIST_P256: ecc('256'),
  ECC_NIST_P384: ecc('384'),
  ECC_NIST_P521: ecc('512'),
  ECC_SECG_P256K1: { usages: ['SIGN_VERIFY'], signing: ['ECDSA_SHA_256'] },
  ECC_NIST_EDWARDS25519: { usages: ['SIGN_VERIFY'], signing: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'] },
  HMAC_224: hmac('224'),
  HMAC_256: hmac('256'),
  HMAC_384: hmac('384'),
  HMAC_512: hmac('512'),
};

export function isKeySpec(text: string): text is KeySpec {
  return Object.hasOwn(specs, text);
}

export function isAsymmetric(spec: KeySpec): boolean {
  return spec.startsWith('RSA') || spec.startsWith('ECC');
}

export function keyArn(key: Pick<Key, 'account' | 'region' | 'id'>): string {
  return arn('kms', key.region, key.account, `key/${key.id}`);
}

export function aliasArn(alias: { account: string; region: string; name: string }): string {
  return arn('kms', alias.region, alias.account, alias.name);
}

type Metadata = NonNullable<Output<'DescribeKey'>['KeyMetadata']>;

export function metadataOf(key: Key): Metadata {
  const { encryption, signing, mac } = specs[key.spec];
  const told = {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: keyArn(key),
    CreationDate: new Date(key.created),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(key.deletion !== undefined && { DeletionDate: new Date(key.deletion) }),
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...(key.usage === 'ENCRYPT_DECRYPT' && { EncryptionAlgorithms: encryption }),
    ...(key.usage === 'SIGN_VERIFY' && { SigningAlgorithms: signing }),
    ...(key.usage === 'KEY_AGREEMENT' && { KeyAgreementAlgorithms: ['ECDH'] }),
    ...(mac && { MacAlgorithms: mac }),
    MultiRegion: false,
    ...(key.spec === 'SYMMETRIC_DEFAULT' && { CurrentKeyMaterialId: key.material }),
  };
  return told as unknown as Metadata;
}

/** Throws DisabledException or KMSInvalidStateException unless the key can be used. */
export function requireEnabled(key: Key): void {
  if (key.state === 'Disabled') throw disabled(keyArn(key));
  requireKept(key);
}

/** Throws KMSInvalidStateException when the key waits for its deletion. */
export function requireKept(key: Key): void {
  if (key.state === 'PendingDeletion') throw invalidState(`${keyArn(key)} is pending deletion.`);
}

/** Throws InvalidKeyUsageException. */
export function requireUsage(key: Key, usage: KeyUsage, operation: string): void {
  if (key.usage !== usage) throw invalidUsage(`${keyArn(key)} key usage is ${key.usage} which is not valid for ${operation}.`);
}

/** Throws InvalidKeyUsageException unless the key's spec knows the algorithm. */
export function requireAlgorithm(key: Key, kind: 'encryption' | 'signing' | 'mac', algorithm: string): void {
  if (!specs[key.spec][kind]?.includes(algorithm)) throw invalidUsage(`Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`);
}
