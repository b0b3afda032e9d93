/** Snapshots: records, and the content-addressed blocks of which they are made. */

import type { Tag } from '../../../framework/tags.ts';
import type { BlobRef } from '../../../store/blob-store.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { checkId, resourceType, type Place } from '../resource.ts';

export type Snapshot = {
  account: string;
  region: string;
  id: string;
  /** `vol-ffffffff` where the volume is not known: copies, and those that the direct API wrote. */
  volume: string;
  gibibytes: number;
  description: string;
  started: number;
  completed?: number;
  state: 'pending' | 'completed' | 'error';
  /** Blocks that hold something. */
  blocks: number;
  /** The image of the host from which its volume descends. */
  hostImage?: string;
  /** The snapshot of which it is a copy: their blocks are the same. */
  source?: string;
  public?: boolean;
  sharedWith?: string[];
  /** What the direct API is still writing. */
  writing?: { token?: string };
  tags?: Tag[];
};

export const snapshots = table<Snapshot, 'id' | 'volume' | 'pending'>('ec2/snapshots', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    id: (row) => [row.region, row.id],
    volume: (row) => [row.account, row.region, row.volume, row.started],
    pending: (row) => (row.state === 'pending' && !row.writing ? [row.account, row.region, row.id] : undefined),
  },
});

export const snapshotType = resourceType('snapshot', 'snap', snapshots, ['InvalidSnapshot.NotFound', 'The snapshot']);

/** Of which the blocks are still to be let go. */
export const deletedSnapshots = table<{ id: string }>('ec2/deleted-snapshots', { key: (row) => [row.id] });

/** One block of a snapshot; blocks of zeros have none. */
export type SnapshotBlock = { snapshot: string; index: number; hash: string };
/** The bytes of blocks, one row for each content, with how many snapshots hold it. */
export type BlockContent = { hash: string; blob: BlobRef; uses: number };

export const snapshotBlocks = table<SnapshotBlock>('ec2/snapshot-blocks', { key: (row) => [row.snapshot, row.index] });
export const blockContents = table<BlockContent>('ec2/block-contents', { key: (row) => [row.hash] });

/** 512 KiB, as the direct API of EBS has it. */
export const blockBytes = 524_288;

export const mayUse = (row: Snapshot, account: string): boolean =>
  row.account === account || row.public === true || (row.sharedWith ?? []).includes(account);

/** One's own snapshot, or one that was shared. Throws InvalidSnapshot.NotFound or Malformed. */
export async function requireSnapshot(tx: ReadTransaction, { account, region }: Place, id: string): Promise<Snapshot> {
  const row = await snapshots.find(tx, 'id', region, id);
  if (row && mayUse(row, account)) return row;
  checkId(snapshotType, id);
  throw snapshotType.notFound(id);
}
