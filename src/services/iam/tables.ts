/** IAM's durable records. The account comes first in every key; names are folded because IAM does not tell names apart by case. */

import { table } from '../../store/table.ts';

export type Tag = { Key: string; Value: string };
export type OwnerKind = 'user' | 'group' | 'role';

/** Names are unique whatever their case: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names */
export const fold = (name: string): string => name.toLowerCase();

export type User = {
  account: string;
  name: string;
  id: string;
  path: string;
  createdAt: number;
  tags: Tag[];
  /** ARN of the permissions boundary. */ boundary?: string;
  passwordLastUsedAt?: number;
};
export const users = table<User, 'byId' | 'byBoundary'>('iam/users', {
  key: (row) => [row.account, fold(row.name)],
  indexes: { byId: (row) => [row.account, row.id], byBoundary: (row) => (row.boundary ? [row.account, row.boundary] : undefined) },
});

export type Group = { account: string; name: string; id: string; path: string; createdAt: number };
export const groups = table<Group, 'byId'>('iam/groups', {
  key: (row) => [row.account, fold(row.name)],
  indexes: { byId: (row) => [row.account, row.id] },
});

export type Role = {
  account: string;
  name: string;
  id: string;
  path: string;
  createdAt: number;
  trustPolicy: string;
  description?: string;
  maxSessionSeconds: number;
  boundary?: string;
  tags: Tag[];
  /** Set on service-linked roles: the service that alone may change them. */
  linkedService?: string;
};
export const roles = table<Role, 'byId' | 'byBoundary'>('iam/roles', {
  key: (row) => [row.account, fold(row.name)],
  indexes: { byId: (row) => [row.account, row.id], byBoundary: (row) => (row.boundary ? [row.account, row.boundary] : undefined) },
});

export type InstanceProfile = { account: string; name: string; id: string; path: string; createdAt: number; tags: Tag[]; roleId?: string };
export const instanceProfiles = table<InstanceProfile, 'byRole'>('iam/instance-profiles', {
  key: (row) => [row.account, fold(row.name)],
  indexes: { byRole: (row) => (row.roleId ? [row.account, row.roleId] : undefined) },
});

export type ManagedPolicy = {
  account: string;
  name: string;
  id: string;
  path: string;
  createdAt: number;
  updatedAt: number;
  description?: string;
  tags: Tag[];
  defaultVersion: number;
  /** Numbers of versions are never used again. */
  lastVersion: number;
};
export const policies = table<ManagedPolicy>('iam/policies', { key: (row) => [row.account, fold(row.name)] });

/** A version never changes once it is made. */
export type PolicyVersion = { account: string; policyId: string; number: number; document: string; createdAt: number };
export const policyVersions = table<PolicyVersion>('iam/policy-versions', { key: (row) => [row.account, row.policyId, row.number] });

export type Attachment = { account: string; ownerId: string; ownerKind: OwnerKind; policyArn: string };
export const attachments = table<Attachment, 'byPolicy'>('iam/attachments', {
  key: (row) => [row.account, row.ownerId, row.policyArn],
  indexes: { byPolicy: (row) => [row.account, row.policyArn] },
});

export type InlinePolicy = { account: string; ownerId: string; ownerKind: OwnerKind; name: string; document: string };
export const inlinePolicies = table<InlinePolicy>('iam/inline-policies', { key: (row) => [row.account, row.ownerId, row.name] });

export type Membership = { account: string; groupId: string; userId: string };
export const memberships = table<Membership, 'byUser'>('iam/memberships', {
  key: (row) => [row.account, row.groupId, row.userId],
  indexes: { byUser: (row) => [row.account, row.userId] },
});

/** `userId` is the account's number for keys of the root user. The secret is sealed with the cloud's key. */
export type AccessKey = {
  account: string;
  userId: string;
  id: string;
  sealedSecret: string;
  status: 'Active' | 'Inactive' | 'Expired';
  createdAt: number;
};
export const accessKeys = table<AccessKey, 'byKeyId'>('iam/access-keys', {
  key: (row) => [row.account, row.userId, row.id],
  indexes: { byKeyId: (row) => [row.id] },
});

/** What each access key was last used for; written behind. */
export type KeyUse = { account: string; accessKeyId: string; at: number; region: string; service: string };
export const keyUses = table<KeyUse>('iam/key-uses', { key: (row) => [row.account, row.accessKeyId] });

/** When a user or role (by its unique id) last reached a service, and with which actions; written behind. */
export type ServiceUse = {
  account: string;
  entityId: string;
  service: string;
  at: number;
  region: string;
  actions: Record<string, { at: number; region: string }>;
};
export const serviceUses = table<ServiceUse>('iam/service-uses', { key: (row) => [row.account, row.entityId, row.service] });

/** Hashes are scrypt, newest first in `previousHashes`, kept as far as the password policy looks back. */
export type LoginProfile = {
  account: string;
  userId: string;
  createdAt: number;
  changedAt: number;
  resetRequired: boolean;
  hash: string;
  previousHashes: string[];
};
export const loginProfiles = table<LoginProfile>('iam/login-profiles', { key: (row) => [row.account, row.userId] });

/** A virtual device; its seed is sealed with the cloud's key. `userId` is the account's number for the root user. */
export type MfaDevice = {
  account: string;
  name: string;
  path: string;
  serial: string;
  createdAt: number;
  sealedSeed: string;
  tags: Tag[];
  userId?: string;
  enabledAt?: number;
  /** Time step of the last accepted code. */ lastStep?: number;
};
export const mfaDevices = table<MfaDevice, 'byUser'>('iam/mfa-devices', {
  key: (row) => [row.account, fold(row.serial)],
  indexes: { byUser: (row) => (row.userId ? [row.account, row.userId] : undefined) },
});

export type SshPublicKey = {
  account: string;
  userId: string;
  id: string;
  body: string;
  fingerprint: string;
  status: 'Active' | 'Inactive' | 'Expired';
  uploadedAt: number;
};
export const sshPublicKeys = table<SshPublicKey>('iam/ssh-public-keys', { key: (row) => [row.account, row.userId, row.id] });

export type SigningCertificate = {
  account: string;
  userId: string;
  id: string;
  body: string;
  fingerprint: string;
  status: 'Active' | 'Inactive' | 'Expired';
  uploadedAt: number;
};
export const signingCertificates = table<SigningCertificate>('iam/signing-certificates', {
  key: (row) => [row.account, row.userId, row.id],
});

export type ServiceCredential = {
  account: string;
  userId: string;
  id: string;
  service: string;
  serviceUserName: string;
  sealedPassword: string;
  status: 'Active' | 'Inactive' | 'Expired';
  createdAt: number;
};
export const serviceCredentials = table<ServiceCredential>('iam/service-credentials', { key: (row) => [row.account, row.userId, row.id] });

/** `url` is without its scheme, as in the ARN. */
export type OidcProvider = { account: string; url: string; clientIds: string[]; thumbprints: string[]; createdAt: number; tags: Tag[] };
export const oidcProviders = table<OidcProvider>('iam/oidc-providers', { key: (row) => [row.account, row.url] });

export type SamlProvider = {
  account: string;
  name: string;
  uuid: string;
  createdAt: number;
  validUntil: number;
  tags: Tag[];
  encryptionMode?: 'Required' | 'Allowed';
  metadata: string;
};
export const samlProviders = table<SamlProvider>('iam/saml-providers', { key: (row) => [row.account, fold(row.name)] });

export type ServerCertificate = {
  account: string;
  name: string;
  id: string;
  path: string;
  uploadedAt: number;
  expiresAt: number;
  body: string;
  chain?: string;
  sealedPrivateKey: string;
  tags: Tag[];
};
export const serverCertificates = table<ServerCertificate>('iam/server-certificates', { key: (row) => [row.account, fold(row.name)] });

export type PasswordPolicy = {
  minimumLength: number;
  symbols: boolean;
  numbers: boolean;
  uppercase: boolean;
  lowercase: boolean;
  usersMayChange: boolean;
  maxAgeDays?: number;
  reusePrevention?: number;
  hardExpiry?: boolean;
};
/** What IAM knows of an account besides its entities, and how many of these there are. */
export type Account = {
  account: string;
  createdAt: number;
  alias?: string;
  passwordPolicy?: PasswordPolicy;
  globalTokenVersion: 1 | 2;
  counts: Partial<Record<CountedKind, number>>;
  webIdentityIssuer?: string;
};
export type CountedKind =
  | 'users'
  | 'groups'
  | 'roles'
  | 'policies'
  | 'policyVersions'
  | 'instanceProfiles'
  | 'serverCertificates'
  | 'mfaDevices'
  | 'mfaDevicesInUse'
  | 'oidcProviders'
  | 'samlProviders';
export const accounts = table<Account, 'byAlias'>('iam/accounts', {
  key: (row) => [row.account],
  indexes: { byAlias: (row) => (row.alias ? [row.alias] : undefined) },
});

export type CredentialReport = { account: string; generatedAt: number; content: string };
export const credentialReports = table<CredentialReport>('iam/credential-reports', { key: (row) => [row.account] });

export type LastAccessedJob = { account: string; id: string; arn: string; actionLevel: boolean; createdAt: number };
export const lastAccessedJobs = table<LastAccessedJob>('iam/last-accessed-jobs', { key: (row) => [row.account, row.id] });

export type DeletionTask = { account: string; id: string; role: string; createdAt: number };
export const deletionTasks = table<DeletionTask>('iam/deletion-tasks', { key: (row) => [row.account, row.id] });

/** Every table, for service.ts. */
export const tables = [
  users,
  groups,
  roles,
  instanceProfiles,
  policies,
  policyVersions,
  attachments,
  inlinePolicies,
  memberships,
  accessKeys,
  keyUses,
  serviceUses,
  loginProfiles,
  mfaDevices,
  sshPublicKeys,
  signingCertificates,
  serviceCredentials,
  oidcProviders,
  samlProviders,
  serverCertificates,
  accounts,
  credentialReports,
  lastAccessedJobs,
  deletionTasks,
] as const;

/** The tables that decide who a caller is and what it may do: a change in them makes cached answers stale. */
export const identityTables = [
  users,
  groups,
  roles,
  policies,
  policyVersions,
  attachments,
  inlinePolicies,
  memberships,
  accessKeys,
] as const;
