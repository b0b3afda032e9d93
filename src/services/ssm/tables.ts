/** Systems Manager's durable records: sessions of the Session Manager. */

import { table } from '../../store/table.ts';

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

export const tables = [sessions];
