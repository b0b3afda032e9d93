/** KMS's durable records. Everything is kept apart by account and region; a key is found by its id alone inside a ciphertext. */

import type { Tag } from '../../framework/tags.ts';
import { table } from '../../store/table.ts';

export type KeySpec =
  | 'SYMMETRIC_DEFAULT'
  | `RSA_${'2048' | '3072' | '4096'}`
  | `ECC_NIST_P${'256' | '384' | '521'}`
  | 'ECC_NIST_EDWARDS25519'
  | 'ECC_SECG_P256K1'
  | `HMAC_${'224' | '256' | '384' | '512'}`;
export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY' | 'GENERATE_VERIFY_MAC' | 'KEY_AGREEMENT';

export type Key = {
  account: string;
  region: string;
  /** A UUID. */
  id: string;
  /** Milliseconds since the epoch, as all times here. */
  created: number;
  description: string;
  spec: KeySpec;
  usage: KeyUsage;
  /** AWS for the keys that services make for an account. */
  manager: 'AWS' | 'CUSTOMER';
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  /** Set while deletion is pending: when the material goes. */
  deletion?: number;
  /** Names the revision of its policy, by which parsed policies are cached. */
  policy: string;
  tags?: Tag[];
  /** The version of the material that encrypts now, and its 64 hexadecimal digits. */
  version: number;
  material: string;
  rotation?: { days: number; nextAt: number };
  onDemandRotations?: number;
  /** True once a grant was made: keys without grants need no search for them. */
  granted?: true;
};

export type KeyPolicy = { account: string; region: string; key: string; text: string; revision: string };

/** One version of a key's material; older ones stay, to decrypt. */
export type Material = {
  key: string;
  version: number;
  id: string;
  created: number;
  rotation?: 'AUTOMATIC' | 'ON_DEMAND';
  /** Raw bytes, or PKCS #8 of a private key, sealed under the cloud's key. */
  sealed: string;
};

export type Alias = { account: string; region: string; /** With `alias/`. */ name: string; key: string; created: number; updated: number };

export type Grant = {
  account: string;
  region: string;
  key: string;
  id: string;
  grantee: string;
  retiring?: string;
  operations: string[];
  name?: string;
  created: number;
  /** The account that made it. */
  issuer: string;
  constraints?: { equals?: [string, string][]; subset?: [string, string][] };
};

export const keys = table<Key, 'id' | 'due'>('kms/keys', {
  key: (key) => [key.account, key.region, key.id],
  indexes: {
    id: (key) => [key.region, key.id],
    due: (key) => {
      const at = key.deletion ?? key.rotation?.nextAt;
      return at === undefined ? undefined : [at];
    },
  },
});
export const keyPolicies = table<KeyPolicy>('kms/key-policies', { key: (policy) => [policy.account, policy.region, policy.key] });
export const materials = table<Material>('kms/materials', { key: (material) => [material.key, material.version] });
export const aliases = table<Alias, 'key'>('kms/aliases', {
  key: (alias) => [alias.account, alias.region, alias.name],
  indexes: { key: (alias) => [alias.account, alias.region, alias.key, alias.name] },
});
export const grants = table<Grant, 'grantee' | 'retiring' | 'id'>('kms/grants', {
  key: (grant) => [grant.account, grant.region, grant.key, grant.id],
  indexes: {
    grantee: (grant) => [grant.key, grant.grantee],
    retiring: (grant) => (grant.retiring === undefined ? undefined : [grant.account, grant.region, grant.retiring]),
    id: (grant) => [grant.region, grant.id],
  },
});

export const tables = [keys, keyPolicies, materials, aliases, grants];
