/**
 * Backups as they are recorded. A copy is made page by page while the table goes on; a feed keeps what the changes meanwhile have
 * overwritten, and is undone from its end when the copy is whole: what remains is the table as of one moment.
 */

import { arn } from '../../../framework/arn.ts';
import type { TableRecord } from '../tables/table.ts';

export type Backup = {
  account: string;
  region: string;
  /** Milliseconds of its making and some random digits. */
  id: string;
  backupName: string;
  /** The table as it was. */
  table: TableRecord;
  /** Where the copied rows lie. */
  space: string;
  /** The feed of what changed while they were copied. */
  feed: string;
  /** Milliseconds since the epoch. */
  created: number;
  status: 'CREATING' | 'AVAILABLE';
  /** The last key that was copied, in base64; absent before the first page. */
  cursor?: string;
  /** True once every row has been copied, and changes are being undone. */
  copied?: true;
  bytes: number;
};

export const backupArn = ({ account, region, id, table }: Backup): string =>
  arn('dynamodb', region, account, `table/${table.name}/backup/${id}`);

/** What a new table is being filled with. */
export type Restoring = {
  /** The space that is copied, and the last key that was, in base64. */
  from: string;
  cursor?: string;
  /** Set where a live table is copied: the feed of its history, and the moment to go back to. */
  history?: { space: string; to: number };
  /** The number of the next record to be undone. */
  undo?: number;
};

/** How a table came to be, as DescribeTable tells it. */
export type Restored = { at: number; table: string; backup?: string };

const dayMilliseconds = 86_400_000;

/** The first moment that a table's history goes back to. */
export const earliestRestorable = ({ since, days }: NonNullable<TableRecord['recovery']>, now: number): number =>
  Math.max(since, now - days * dayMilliseconds);
