/** Glacier's durable records, kept apart by account and region. */

import type { BlobRef } from '../../store/blob-store.ts';
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
  /** Until when its storage is metered, where that is later. */
  metered?: number;
  /** What was in it when it was last counted, which is all that AWS tells of it. */
  inventory?: { at: number; archives: number; bytes: number };
  tags: Tag[];
  /** Names the revision of its access policy, by which parsed policies are cached. */
  policy?: string;
  lock?: VaultLock;
  /** Whom to tell when jobs are done; the events as AWS names them. */
  notifications?: { topic: string; events: string[] };
};

export type VaultPolicy = VaultName & { kind: 'access' | 'lock'; revision: string; text: string };

/** An archive never changes. */
export type Archive = {
  account: string;
  region: string;
  vault: string;
  id: string;
  created: number;
  description: string;
  size: number;
  /** Hexadecimal. */
  treeHash: string;
  /** Under which its parts lie: the id of the upload that brought them. */
  content: string;
  /** The length of each part but the last. */
  partBytes: number;
};

export type Upload = {
  account: string;
  region: string;
  vault: string;
  /** When its vault was created: one of the same name that came later has no part in it. */
  vaultCreated: number;
  id: string;
  created: number;
  /** When the last part came. */
  touched: number;
  partBytes: number;
  description: string;
};

/** Bytes of an archive, or of an upload that is to become one: `start` says where in it. */
export type Part = { content: string; start: number; size: number; treeHash: string; blob: BlobRef; /** Wrapped. */ dataKey: string };

export type JobTier = 'Expedited' | 'Standard' | 'Bulk';

export type Job = {
  account: string;
  region: string;
  vault: string;
  id: string;
  action: 'ArchiveRetrieval' | 'InventoryRetrieval';
  tier: JobTier;
  status: 'InProgress' | 'Succeeded' | 'Failed';
  message?: string;
  created: number;
  completed?: number;
  /** When there is something to do next: complete it, tell a topic, forget it. */
  at: number;
  description?: string;
  topic?: string;
  /** Topics that are still to be told, and how often one refused. */
  untold: string[];
  failures: number;
  /** What is retrieved, and from where to where (excluded). */
  archive?: Archive;
  range?: { start: number; end: number };
  /** `counted`: when the inventory was made that was the vault's last one as the job began; jobs of an early release lack it. */
  inventory?: { format: 'JSON' | 'CSV'; counted?: number; size?: number };
  /** Under which the parts of the output lie; set once it is there. */
  content?: string;
};

export const vaults = table<Vault, 'uncounted'>('glacier/vaults', {
  key: (vault) => [vault.account, vault.region, vault.name],
  indexes: {
    uncounted: (vault) => (vault.written === undefined || vault.written < (vault.inventory?.at ?? 0) ? undefined : [vault.written]),
  },
});
export const vaultPolicies = table<VaultPolicy>('glacier/vault-policies', {
  key: (policy) => [policy.account, policy.region, policy.name, policy.kind],
});

export const archives = table<Archive, 'content'>('glacier/archives', {
  key: (archive) => [archive.account, archive.region, archive.vault, archive.id],
  indexes: { content: (archive) => [archive.content] },
});
export const uploads = table<Upload, 'touched'>('glacier/uploads', {
  key: (upload) => [upload.account, upload.region, upload.vault, upload.id],
  indexes: { touched: (upload) => [upload.touched] },
});
export const parts = table<Part>('glacier/parts', { key: (part) => [part.content, part.start] });

export const jobs = table<Job, 'at' | 'content'>('glacier/jobs', {
  key: (job) => [job.account, job.region, job.vault, job.id],
  indexes: {
    at: (job) => [job.at],
    content: (job) => (job.content === undefined ? undefined : [job.content]),
  },
});

/** How much an account may retrieve in a region; without one there is no limit. */
export type RetrievalPolicy = {
  account: string;
  region: string;
  strategy: 'None' | 'FreeTier' | 'BytesPerHour';
  bytesPerHour?: number;
};

export const retrievalPolicies = table<RetrievalPolicy>('glacier/retrieval-policies', { key: ({ account, region }) => [account, region] });

/** What was retrieved by standard jobs in a month (`2026-11`). */
export const retrievedBytes = table<{ account: string; region: string; month: string; bytes: number }>('glacier/retrieved-bytes', {
  key: ({ account, region }) => [account, region],
});

export type CapacityUnit = { account: string; region: string; id: string; start: number; end: number };

export const capacityUnits = table<CapacityUnit>('glacier/capacity-units', { key: ({ account, region, id }) => [account, region, id] });

export const tables = [...[vaults, vaultPolicies, archives, uploads, parts, jobs], ...[retrievalPolicies, retrievedBytes, capacityUnits]];
