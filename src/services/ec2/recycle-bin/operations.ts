/** What lies in the recycle bin, and its way back. https://docs.aws.amazon.com/ebs/latest/userguide/recycle-bin-working-with-snaps.html */

import { snapshots } from '../../../framework/ebs-snapshots/snapshot.ts';
import { images, imageType } from '../images/image.ts';
import { refuseTakenName } from '../images/operations.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import type { Table } from '../../../store/table.ts';
import { pageOf, readPage, type PageInput } from '../pagination.ts';
import { checkId, type AnyResourceType } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { snapshotOf } from '../snapshots/operations.ts';
import { snapshotType } from '../snapshots/snapshot.ts';
import { volumes, volumeType } from '../volumes/volume.ts';
import { recycledImages, recycledSnapshots, recycledVolumes, type Binned } from './bin.ts';

type Bin<Row extends { id: string }> = Table<Binned<Row>, 'exits'>;

async function listed<Row extends { id: string }>(
  request: ServiceRequest,
  bin: Bin<Row>,
  type: AnyResourceType,
  ids: readonly string[] | undefined,
  input: PageInput,
): Promise<{ rows: Binned<Row>[]; next: { NextToken?: string } }> {
  const list = `recycled-${type.name}`;
  const page = pageOf(list, input);
  const { account, region, now } = request;
  const asked = new Set(ids);
  return request.store.read(async (tx) => {
    for (const id of asked) if (!(await bin.get(tx, account, region, id))) throw missing(type, id);
    return readPage(
      list,
      page,
      (range) => bin.scan(tx, [account, region], range),
      (row) => (row.exits > now && (asked.size === 0 || asked.has(row.id)) ? row : undefined),
    );
  });
}

function missing(type: AnyResourceType, id: string): Error {
  checkId(type, id);
  return type.notFound(id);
}

/** Out of the bin. Throws the type's NotFound or Malformed error for what is not there, or not any more. */
async function taken<Row extends { id: string }>(
  tx: WriteTransaction,
  { account, region, now }: ServiceRequest,
  bin: Bin<Row>,
  type: AnyResourceType,
  id: string,
): Promise<Binned<Row>> {
  const row = await bin.get(tx, account, region, id);
  if (!row || row.exits <= now) throw missing(type, id);
  await bin.delete(tx, account, region, id);
  return row;
}

const timesOf = ({ entered, exits }: Binned<object>) => ({
  RecycleBinEnterTime: new Date(entered),
  RecycleBinExitTime: new Date(exits),
});

export const ListSnapshotsInRecycleBin: Operation<'ListSnapshotsInRecycleBin'> = async (request, input) => {
  const { rows, next } = await listed(request, recycledSnapshots, snapshotType, input.SnapshotIds, input);
  const shown = rows.map((row) => ({ SnapshotId: row.id, Description: row.description, VolumeId: row.volume, ...timesOf(row) }));
  return { Snapshots: shown, ...next };
};

export const RestoreSnapshotFromRecycleBin: Operation<'RestoreSnapshotFromRecycleBin'> = async (request, input) => {
  const row = await request.store.write(async (tx) => {
    const { entered: _in, exits: _out, ...kept } = await taken(tx, request, recycledSnapshots, snapshotType, input.SnapshotId);
    await snapshots.put(tx, kept);
    return kept;
  });
  const {
    StorageTier: _tier,
    KmsKeyId: _key,
    Tags: _tags,
    CompletionTime: _when,
    RestoreExpiryTime: _until,
    ...shown
  } = snapshotOf(row, request.now);
  return shown;
};

export const ListImagesInRecycleBin: Operation<'ListImagesInRecycleBin'> = async (request, input) => {
  const { rows, next } = await listed(request, recycledImages, imageType, input.ImageIds, input);
  return { Images: rows.map((row) => ({ ImageId: row.id, Name: row.name, Description: row.description, ...timesOf(row) })), ...next };
};

/** Its snapshots must be there: those in the bin are restored first. */
export const RestoreImageFromRecycleBin: Operation<'RestoreImageFromRecycleBin'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { entered: _in, exits: _out, ...row } = await taken(tx, request, recycledImages, imageType, input.ImageId);
    await refuseTakenName(tx, row.account, row.region, row.name);
    for (const { volume } of row.mappings)
      if (volume.snapshot !== undefined && !(await snapshots.find(tx, 'id', row.region, volume.snapshot)))
        throw snapshotType.notFound(volume.snapshot);
    await images.put(tx, row);
  });
  return { Return: true };
};

export const ListVolumesInRecycleBin: Operation<'ListVolumesInRecycleBin'> = async (request, input) => {
  const { rows, next } = await listed(request, recycledVolumes, volumeType, input.VolumeIds, input);
  const shown = rows.map((row) => ({
    ...{ VolumeId: row.id, VolumeType: row.type, State: row.state as 'available', Size: row.gibibytes, AvailabilityZone: row.zone },
    ...(row.iops !== undefined && { Iops: row.iops }),
    ...(row.throughput !== undefined && { Throughput: row.throughput }),
    ...(row.snapshot !== undefined && { SnapshotId: row.snapshot }),
    ...{ CreateTime: new Date(row.created), ...timesOf(row) },
  }));
  return { Volumes: shown, ...next };
};

export const RestoreVolumeFromRecycleBin: Operation<'RestoreVolumeFromRecycleBin'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { entered: _in, exits: _out, ...row } = await taken(tx, request, recycledVolumes, volumeType, input.VolumeId);
    await volumes.put(tx, row);
  });
  return { Return: true };
};
