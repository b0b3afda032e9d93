/** Systems Manager's durable records: sessions of the Session Manager, and parameters with their versions. */

import type { ParameterType } from '@aws-sdk/client-ssm';
import type { Tag } from '../../framework/tags.ts';
import { table } from '../../store/table.ts';
import type { Way } from './sessions/documents.ts';

export type Session = {
  account: string;
  region: string;
  /** The caller's name and 17 hexadecimal digits. Unique in the cloud. */
  id: string;
  /** An instance's id. */
  target: string;
  /** The caller's ARN. */
  owner: string;
  reason?: string;
  /** The document by which it was started, and where that leads; a shell where they are absent. */
  document?: string;
  way?: Way;
  /** SHA-256 of the token, in base 64. */
  token: string;
  /** Milliseconds since the epoch, as all times here. */
  startedAt: number;
  /** The token opens the channel once. */
  openedAt?: number;
  endedAt?: number;
};

export const sessions = table<Session, 'byStart'>('ssm/sessions', {
  key: (row) => [row.id],
  indexes: { byStart: (row) => [row.startedAt] },
});

export type Tier = 'Standard' | 'Advanced';

/** What a policy asks for, and when that is due; the text is the customer's own. */
export type ParameterPolicy = {
  type: 'Expiration' | 'ExpirationNotification' | 'NoChangeNotification';
  text: string;
  dueAt: number;
  finished?: true;
};

/** What each version says of the parameter. */
type Described = {
  type: ParameterType;
  dataType: string;
  tier: Tier;
  /** Of a SecureString: as it was given, or the alias of AWS's own key. */
  keyId?: string;
  description?: string;
  allowedPattern?: string;
  policies: ParameterPolicy[];
  modified: number;
  /** ARN of the caller who wrote it. */
  modifiedBy: string;
};

export type Parameter = Described & {
  account: string;
  region: string;
  name: string;
  /** Of the newest version. */
  version: number;
  tags: Tag[];
};

export type ParameterVersion = Described & {
  account: string;
  region: string;
  name: string;
  version: number;
  /** The text; of a SecureString what it was sealed to, in base 64. */
  value: string;
  /** The data key under which an advanced SecureString is sealed, as KMS has sealed it, in base 64. */
  dataKey?: string;
};

/** The folder of `/a/b/c` is `/a/b`; names that are no path have none. */
const folderOf = (name: string): string | undefined => (name.startsWith('/') ? name.slice(0, name.lastIndexOf('/')) : undefined);
const nextDue = ({ policies }: Parameter): number | undefined => {
  const due = policies.filter(({ finished }) => !finished).map(({ dueAt }) => dueAt);
  return due.length === 0 ? undefined : Math.min(...due);
};

export const parameters = table<Parameter, 'byFolder' | 'byDue' | 'advanced'>('ssm/parameters', {
  key: (row) => [row.account, row.region, row.name],
  indexes: {
    byFolder: (row) => {
      const folder = folderOf(row.name);
      return folder === undefined ? undefined : [row.account, row.region, folder];
    },
    byDue: (row) => {
      const due = nextDue(row);
      return due === undefined ? undefined : [due];
    },
    /** Those that cost something. */
    advanced: (row) => (row.tier === 'Advanced' ? [row.account, row.region, row.name] : undefined),
  },
  version: 2,
});
export const parameterVersions = table<ParameterVersion>('ssm/parameter-versions', {
  key: (row) => [row.account, row.region, row.name, row.version],
});
export type Label = { account: string; region: string; name: string; label: string; version: number };
export const labels = table<Label>('ssm/parameter-labels', { key: (row) => [row.account, row.region, row.name, row.label] });
/** How many parameters of each tier an account has in a region. */
export const parameterCounts = table<{ account: string; region: string; tier: Tier; count: number }>('ssm/parameter-counts', {
  key: (row) => [row.account, row.region, row.tier],
});

export const tables = [sessions, parameters, parameterVersions, labels, parameterCounts];
