/** The durable records of CloudWatch Logs. */

import type { BlobRef } from '../../store/blob-store.ts';
import { table } from '../../store/table.ts';

export type LogGroup = {
  account: string;
  region: string;
  name: string;
  /** Never used again: a group of the same name that comes later has none of this one's streams. */
  id: string;
  created: number;
  class: 'STANDARD' | 'INFREQUENT_ACCESS';
  retentionDays?: number;
  deletionProtected?: boolean;
  tags: [key: string, value: string][];
};
export const logGroups = table<LogGroup>('cloudwatch-logs/log-groups', { key: (row) => [row.account, row.region, row.name] });

/** What the events of a group count. Apart from the group, which is read more often than it is written. */
export const groupSizes = table<{ group: string; bytes: number }>('cloudwatch-logs/group-sizes', { key: (row) => [row.group] });

export type LogStream = { group: string; name: string; created: number; first?: number; last?: number; lastIngestion?: number };
export const logStreams = table<LogStream, 'last'>('cloudwatch-logs/log-streams', {
  key: (row) => [row.group, row.name],
  indexes: { last: (row) => [row.group, row.last ?? 0, row.name] },
});

export type LogEvent = {
  group: string;
  stream: string;
  timestamp: number;
  /** Orders events of one moment: when they came, and their place in the call. */
  order: string;
  ingested: number;
  bytes: number;
  message: { text: string } | { blob: BlobRef };
};
export const logEvents = table<LogEvent, 'time'>('cloudwatch-logs/log-events', {
  key: (row) => [row.group, row.stream, row.timestamp, row.order],
  indexes: { time: (row) => [row.group, row.timestamp, row.order] },
});

/** Groups and streams that are gone, whose events have yet to go; without a stream the whole group. */
export type Deleted = { group: string; stream: string };
export const deleted = table<Deleted>('cloudwatch-logs/deleted', { key: (row) => [row.group, row.stream] });

/** Groups that forget. */
export const retentions = table<{ group: string; account: string; region: string; name: string }>('cloudwatch-logs/retentions', {
  key: (row) => [row.group],
});

export const tables = [logGroups, groupSizes, logStreams, logEvents, deleted, retentions] as const;
