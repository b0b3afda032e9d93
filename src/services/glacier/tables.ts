/** Glacier's durable records, kept apart by account and region. */

import type { Tag } from '../../framework/tags.ts';
import { table } from '../../store/table.ts';

/** What names a vault. */
export type VaultName = { account: string; region: string; name: string };

export type VaultLock = {
  id: string;
  /** Milliseconds since the epoch, as all times here. */
  created: number;
  /** When it lapses unless it was completed; absent once it is locked. */
  expires?: number;
  /** Names the revision of its policy. */
  policy: string;
};

export type Vault = VaultName & {
  created: number;
  /** What is in it now. */
  archives: number;
  bytes: number;
  /** When an archive last came or went. */
  written?: number;
  /** What was in it when it was last counted, which is all that AWS tells of it. */
  inventory?: { at: number; archives: number; bytes: number };
  tags: Tag[];
  /** Names the revision of its access policy, by which parsed policies are cached. */
  policy?: string;
  lock?: VaultLock;
};

export type VaultPolicy = VaultName & { kind: 'access' | 'lock'; revision: string; text: string };

export const vaults = table<Vault, 'uncounted'>('glacier/vaults', {
  key: (vault) => [vault.account, vault.region, vault.name],
  indexes: {
    uncounted: (vault) => (vault.written === undefined || vault.written < (vault.inventory?.at ?? 0) ? undefined : [vault.written]),
  },
});
export const vaultPolicies = table<VaultPolicy>('glacier/vault-policies', {
  key: (policy) => [policy.account, policy.region, policy.name, policy.kind],
});

export const tables = [vaults, vaultPolicies];
