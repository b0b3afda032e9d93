/** Volumes: records. What is wanted stands here; the reconcilers make disks of it. */

import type { Encryption, KeyGrant } from '../../../framework/ebs-snapshots/keys.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import type { VolumeKind } from '../images/image.ts';
import { resourceType } from '../resource.ts';

export type VolumeAttachment = {
  instance: string;
  device: string;
  status: 'attaching' | 'attached' | 'detaching';
  /** Of one that is detaching: its instance has it mounted, as it was last seen. */
  busy?: boolean;
  /** It is to be detached though it is mounted. */
  force?: boolean;
  at: number;
  deleteOnTermination: boolean;
};

export type VolumeModification = {
  /** Larger and faster when it is `optimizing`; then the clock alone brings it to its end. */
  state: 'modifying' | 'optimizing' | 'completed';
  /** When optimizing ends, cloud time. */
  until?: number;
  started: number;
  ended?: number;
  original: { gibibytes: number; type: VolumeKind; iops?: number; throughput?: number; multiAttach?: boolean };
};

export type Volume = {
  account: string;
  region: string;
  id: string;
  created: number;
  zone: string;
  state: 'creating' | 'available' | 'in-use' | 'deleting' | 'error';
  gibibytes: number;
  type: VolumeKind;
  iops?: number;
  throughput?: number;
  snapshot?: string;
  /** The image of the host from which it descends, and by which it is booted. */
  hostImage?: string;
  multiAttach?: boolean;
  autoEnableIo?: boolean;
  encryption?: Encryption;
  /** How the snapshot is encrypted of which it is made, where that is otherwise. */
  source?: Encryption;
  /** Grants of keys, which are given back with it. */
  grants?: KeyGrant[];
  attachments: VolumeAttachment[];
  modification?: VolumeModification;
  tags?: Tag[];
};

const isSettled = (row: Volume): boolean => row.attachments.every(({ status }) => status === 'attached');

export const volumes = table<Volume, 'instance' | 'several' | 'work' | 'optimizing' | 'unsettled'>('ec2/volumes', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    /** A volume of several instances stands here with the first; see `volumesOfInstance`. */
    instance: (row) => (row.attachments[0] ? [row.account, row.region, row.attachments[0].instance] : undefined),
    several: (row) => (row.multiAttach ? [row.account, row.region, row.id] : undefined),
    /** By when they end. */
    optimizing: (row) => (row.modification?.state === 'optimizing' ? [row.modification.until!] : undefined),
    /** Whose disk is to be made, changed or deleted. */
    work: (row) =>
      row.state === 'creating' || row.state === 'deleting' || row.modification?.state === 'modifying' ? [row.state] : undefined,
    unsettled: (row) => (isSettled(row) ? undefined : [row.account, row.region, row.id]),
  },
  version: 2,
  upgrade: { 2: (old) => old }, // indexes alone are new
});

export const volumeType = resourceType('volume', 'vol', volumes, ['InvalidVolume.NotFound', 'The volume']);
export const gibibyte = 1024 ** 3;

type Owner = { account: string; region: string; id: string };

/** What an instance has attached, or is to have. */
export async function volumesOfInstance(tx: ReadTransaction, { account, region, id }: Owner): Promise<Readonly<Volume>[]> {
  const own = await volumes.peekIndex(tx, 'instance', [account, region, id]);
  const several = await volumes.peekIndex(tx, 'several', [account, region]);
  const shared = several.filter(({ row }) => row.attachments.slice(1).some(({ instance }) => instance === id));
  return [...own, ...shared].map(({ row }) => row);
}

/** Those of all instances of a place, by the instances' ids. */
export async function volumesByInstance(
  tx: ReadTransaction,
  { account, region }: Omit<Owner, 'id'>,
): Promise<Map<string, Readonly<Volume>[]>> {
  const found = new Map<string, Readonly<Volume>[]>();
  for (const { row } of await volumes.peekIndex(tx, 'instance', [account, region]))
    for (const { instance } of row.attachments) {
      const own = found.get(instance);
      if (own) own.push(row);
      else found.set(instance, [row]);
    }
  return found;
}

/** In use or available, as its attachments say. */
export const withAttachments = (row: Volume, attachments: VolumeAttachment[]): Volume => ({
  ...row,
  attachments,
  state: ['creating', 'deleting', 'error'].includes(row.state) ? row.state : attachments.length > 0 ? 'in-use' : 'available',
});
