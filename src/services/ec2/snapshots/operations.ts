/** Snapshots: create, describe, copy, share, delete; and images made of an instance's volumes. */

import { mayUse, snapshots, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { requireRoomForSnapshots } from '../disk-room.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { incorrectState, notBuilt, operationNotPermitted } from '../errors.ts';
import { pageOf, readPage } from '../pagination.ts';
import { discardSnapshot } from '../recycle-bin/bin.ts';
import { checkReach } from '../regions/zone-faults.ts';
import { newId, requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { volumeType, type Volume } from '../volumes/volume.ts';
import { endFastRestores } from './fast-restores.ts';
import { isLocked } from './lock.ts';
import { accountsThatBlock, requireSnapshot, requireUnused, snapshotType } from './snapshot.ts';
import { tierOf } from './tier.ts';
import { cutOf } from './taker.ts';

const progressOf = (row: Snapshot): string => (row.state === 'completed' ? '100%' : `${row.writing?.progress ?? 0}%`);

export function snapshotOf(row: Snapshot, now: number) {
  const { tier, expires } = tierOf(row, now);
  return {
    ...{ SnapshotId: row.id, VolumeId: row.volume, VolumeSize: row.gibibytes, State: row.state, OwnerId: row.account },
    ...{ Description: row.description, StartTime: new Date(row.started), Progress: progressOf(row) },
    ...{ Encrypted: row.encryption !== undefined, StorageTier: tier },
    ...(row.encryption && { KmsKeyId: row.encryption.keyArn }),
    ...(row.completed !== undefined && { CompletionTime: new Date(row.completed) }),
    ...(expires !== undefined && { RestoreExpiryTime: new Date(expires) }),
    Tags: row.tags ?? [],
  };
}

/** The record of a snapshot that is begun. */
function begin(request: ServiceRequest, id: string, volume: Volume, description: string, tags: Tag[]): Snapshot {
  const { account, region, now } = request;
  return {
    ...{ account, region, id, volume: volume.id, gibibytes: volume.gibibytes, description, started: now, state: 'pending', blocks: 0 },
    ...(volume.hostImage !== undefined && { hostImage: volume.hostImage }),
    ...(volume.encryption && { encryption: volume.encryption }),
    ...kept(tags),
  };
}

/** The wish is written first: what a crash leaves uncut, the next start cuts. */
export const CreateSnapshot: Operation<'CreateSnapshot'> = async (request, input) => {
  if (input.OutpostArn !== undefined || (input.Location !== undefined && input.Location !== 'regional'))
    throw notBuilt('CreateSnapshot', 'OutpostArn or Location');
  const tags = tagsFor(input.TagSpecifications, 'snapshot');
  await requireRoomForSnapshots(request.host);
  const id = newId(request.random, 'snap');
  const row = await request.store.write(async (tx) => {
    const volume = await requireResource(tx, request, volumeType, input.VolumeId);
    if (volume.state === 'creating' || volume.state === 'deleting')
      throw incorrectState(`The volume '${volume.id}' is in state ${volume.state}; no snapshot can be taken of it.`);
    await checkReach(tx, volume.zone, `Volume '${volume.id}'`);
    const made = begin(request, id, volume, input.Description ?? '', tags);
    await snapshots.put(tx, made);
    return made;
  });
  await request.host.disks.copy(row.volume, cutOf(row.id));
  const { StorageTier: _tier, KmsKeyId: _key, ...shown } = snapshotOf(row, request.now);
  return shown;
};

export const DeleteSnapshot: Operation<'DeleteSnapshot'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, snapshotType, input.SnapshotId);
    if (isLocked(row, request.now)) throw operationNotPermitted(`The snapshot '${row.id}' is locked and cannot be deleted.`);
    await requireUnused(tx, row);
    await discardSnapshot(tx, row, request.now);
    await endFastRestores(tx, row, request.now);
  });
  return {};
};

const filtersAt = (now: number): Filters<Snapshot> => ({
  description: (row) => row.description,
  encrypted: (row) => row.encryption !== undefined,
  'owner-id': (row) => row.account,
  progress: progressOf,
  'snapshot-id': (row) => row.id,
  'start-time': (row) => new Date(row.started).toISOString(),
  status: (row) => row.state,
  'storage-tier': (row) => tierOf(row, now).tier,
  'volume-id': (row) => row.volume,
  'volume-size': (row) => row.gibibytes,
});

/** One's own, and those that others share: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html */
export const DescribeSnapshots: Operation<'DescribeSnapshots'> = async (request, input) => {
  const page = pageOf('snapshots', input);
  const filtered = compileFilters(input.Filters, filtersAt(request.now));
  const shown = (row: Snapshot) => snapshotOf(row, request.now);
  return request.store.read(async (tx) => {
    const blocked = await accountsThatBlock(tx, request.region);
    const fits = (row: Snapshot): boolean => mayUse(row, request.account, blocked) && isAskedFor(request, input, row) && filtered(row);
    if (input.SnapshotIds?.length) {
      const named: Snapshot[] = [];
      for (const id of new Set(input.SnapshotIds)) named.push(await requireSnapshot(tx, request, id));
      return { Snapshots: named.filter(fits).map(shown) };
    }
    const { rows, next } = await readPage(
      'snapshots',
      page,
      (range) => snapshots.scanIndex(tx, 'id', [request.region], range),
      (row) => (fits(row) ? row : undefined),
    );
    return { Snapshots: rows.map(shown), ...next };
  });
};

function isAskedFor({ account }: ServiceRequest, input: Input<'DescribeSnapshots'>, row: Snapshot): boolean {
  const name = (given: string): string => (given === 'self' ? account : given);
  const owners = input.OwnerIds ?? [];
  const users = input.RestorableByUserIds ?? [];
  const owned = owners.length === 0 || owners.some((owner) => name(owner) === row.account);
  const usable = (user: string): boolean =>
    user === 'all' ? row.public === true : row.account === name(user) || (row.sharedWith ?? []).includes(name(user));
  return owned && (users.length === 0 || users.some(usable));
}

/** The snapshots of an instance's volumes, begun in one transaction, with the tags of each. */
export async function beginAll(
  tx: WriteTransaction,
  request: ServiceRequest,
  found: readonly Volume[],
  ids: readonly string[],
  description: string,
  tagsFrom: (volume: Volume) => Tag[],
) {
  const made: Snapshot[] = [];
  for (const [at, volume] of found.entries()) {
    await checkReach(tx, volume.zone, `Volume '${volume.id}'`);
    const row = begin(request, ids[at]!, volume, description, tagsFrom(volume));
    await snapshots.put(tx, row);
    made.push(row);
  }
  return made;
}
