/** Snapshots of EBS: the records that EC2 and the direct API of EBS both write, and the content-addressed blocks of which they are made. */

import type { Tag } from '../tags.ts';
import type { BlobRef } from '../../store/blob-store.ts';
import { table } from '../../store/table.ts';
import type { Encryption, KeyGrant } from './keys.ts';

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
  /** The snapshot of which it is a copy, or on which the direct API builds: what it does not hold itself comes from there. */
  source?: string;
  encryption?: Encryption;
  /** Of a copy that is encrypted otherwise than its source: how that is encrypted. */
  recoded?: { from?: Encryption };
  /** Grants of keys, which are given back with it. */
  grants?: KeyGrant[];
  /** The instance that is to be shut down before the volume is cut. */
  waits?: string;
  /** What keeps it from being deleted, in cloud time. */
  lock?: {
    mode: 'governance' | 'compliance';
    days: number;
    created: number;
    started: number;
    until: number;
    coolOffHours?: number;
    coolOffUntil?: number;
  };
  /** When it was archived last, and restored since: for so many days, or for good. */
  tiering?: { archiving: number; restore?: { started: number; days?: number } };
  public?: boolean;
  sharedWith?: string[];
  /** What the direct API is still writing. */
  writing?: { token?: string; digest: string; /** When it is given up, cloud time. */ until: number; progress: number };
  tags?: Tag[];
};

const isPending = (row: Snapshot): boolean => row.state === 'pending';

export const snapshots = table<Snapshot, 'id' | 'volume' | 'pending' | 'writing' | 'needs'>('ec2/snapshots', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    id: (row) => [row.region, row.id],
    volume: (row) => [row.account, row.region, row.volume, row.started],
    pending: (row) => (isPending(row) && !row.writing ? [row.account, row.region, row.id] : undefined),
    /** Those of the direct API, by when they are given up. */
    writing: (row) => (isPending(row) && row.writing ? [row.writing.until, row.account, row.region, row.id] : undefined),
    /** By the snapshot whose blocks are still to be taken over. */
    needs: (row) => (isPending(row) && row.source !== undefined ? [row.source] : undefined),
  },
  version: 2,
  upgrade: { 2: (old) => old }, // its indexes alone are new
});

/** Of which the blocks are still to be let go. */
export const deletedSnapshots = table<{ id: string }>('ec2/deleted-snapshots', { key: (row) => [row.id] });

/** One block of a snapshot; blocks of zeros have none. */
export type SnapshotBlock = {
  snapshot: string;
  index: number;
  hash: string;
  /** Of an encrypted block that the direct API wrote: the checksum of its plain bytes, hidden. */
  checksum?: string;
};
/** The bytes of blocks, one row for each content, with how many snapshots hold it. */
export type BlockContent = { hash: string; blob: BlobRef; uses: number };

export const snapshotBlocks = table<SnapshotBlock>('ec2/snapshot-blocks', { key: (row) => [row.snapshot, row.index] });
export const blockContents = table<BlockContent>('ec2/block-contents', { key: (row) => [row.hash] });

/** 512 KiB, as the direct API of EBS has it. */
export const blockBytes = 524_288;
export const blocksPerGibibyte = 2048;
/** What stands in the place of a volume that is not known. */
export const unknownVolume = 'vol-ffffffff';

/** @param blocking accounts whose snapshots are shared with nobody in general, whatever their records say. */
export const mayUse = (row: Snapshot, account: string, blocking: ReadonlySet<string>): boolean =>
  row.account === account || (row.public === true && !blocking.has(row.account)) || (row.sharedWith ?? []).includes(account);

/** As policies name it: without an account. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
export const snapshotArn = (region: string, id: string): string => `arn:aws:ec2:${region}::snapshot/${id}`;
