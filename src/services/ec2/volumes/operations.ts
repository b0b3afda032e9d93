/** Volumes: create, describe, modify, delete. */

import { settingsOf } from '../../../framework/ebs-snapshots/settings.ts';
import type { Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { describe, describeWith } from '../describe.ts';
import { incorrectState, invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { builtInImages, hostImageOf } from '../images/image.ts';
import { once } from '../idempotency.ts';
import { zoneNamed } from '../../../framework/regions.ts';
import { checkNewVolume, checkReach, downZones } from '../regions/zone-faults.ts';
import { newId, requireResource, resourcesIn } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { requireSnapshot } from '../snapshots/snapshot.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { modificationOf, volumeFilters, volumeOf } from './description.ts';
import { keyWish, makeKeys } from './keys.ts';
import { volumes, volumeType, type Volume } from './volume.ts';
import { checkSpeeds, volumeWish } from './wish.ts';

const createBuilt = new Set<string>([
  ...['AvailabilityZone', 'AvailabilityZoneId', 'Size', 'SnapshotId', 'VolumeType', 'Iops', 'Throughput', 'TagSpecifications'],
  ...['MultiAttachEnabled', 'Encrypted', 'KmsKeyId', 'DryRun', 'ClientToken'],
]);

export const CreateVolume: Operation<'CreateVolume'> = async (request, input) => {
  const unbuilt = Object.entries(input).find(([name, value]) => value !== undefined && !createBuilt.has(name));
  if (unbuilt) throw notBuilt('CreateVolume', unbuilt[0]);
  const zone = zoneNamed(request.region, input.AvailabilityZone, input.AvailabilityZoneId);
  if (!zone) {
    if (input.AvailabilityZone === undefined) throw missingParameter('AvailabilityZone');
    throw refusal('InvalidZone.NotFound')(`The zone '${input.AvailabilityZone}' does not exist.`);
  }
  const tags = tagsFor(input.TagSpecifications, 'volume');
  const { account, region, now } = request;
  const id = newId(request.random, 'vol');
  const source = await sourceOf(request, input.SnapshotId);
  const given = { ...input, VolumeSize: input.Size };
  const {
    deleteOnTermination: _none,
    encrypted: _shown,
    ...wish
  } = volumeWish('CreateVolume', given, source ? { gibibytes: source.gibibytes } : {});
  if (input.MultiAttachEnabled && !['io1', 'io2'].includes(wish.type))
    throw invalidParameterValue(`Multi-Attach is not supported for ${wish.type} volumes.`);
  const settings = await request.store.read((tx) => settingsOf(tx, request));
  const keyed = keyWish(input, settings, source);
  const row: Volume = {
    ...{ account, region, id, created: now, zone: zone.name, state: 'creating', attachments: [] },
    ...wish,
    ...(source?.hostImage !== undefined && { hostImage: source.hostImage }),
    ...(keyed && (await makeKeys(request, keyed, id))),
    ...(input.MultiAttachEnabled && { multiAttach: true }),
    ...kept(tags),
  };
  const made = await request.store.write((tx) =>
    once(tx, request, input, volumes, async () => {
      await checkNewVolume(tx, row.zone);
      await volumes.put(tx, row);
      return row;
    }),
  );
  const { Attachments: _nowhere, ...shown } = volumeOf(made);
  return shown;
};

/** The snapshot of a new volume; those of the images of this machine are known by their images. */
type Source = Pick<Snapshot, 'account' | 'gibibytes' | 'hostImage' | 'encryption'>;

async function sourceOf(request: ServiceRequest, id: string | undefined): Promise<Source | undefined> {
  if (id === undefined) return undefined;
  const builtIn = await builtInImages(request.host, request.region);
  const hostImage = hostImageOf(builtIn, id);
  if (hostImage !== undefined)
    return {
      account: request.account,
      hostImage,
      gibibytes: builtIn.find((image) => image.hostImage === hostImage)!.mappings[0]!.volume.gibibytes,
    };
  const snapshot = await request.store.read((tx) => requireSnapshot(tx, request, id));
  if (snapshot.state !== 'completed') throw incorrectState(`Snapshot '${id}' is not completed`);
  return snapshot;
}

export const DescribeVolumes: Operation<'DescribeVolumes'> = async (request, input) => {
  const { rows, next } = await describe(request, input, { type: volumeType, ids: input.VolumeIds, filters: volumeFilters });
  return { Volumes: rows.map(volumeOf), ...next };
};

export const DeleteVolume: Operation<'DeleteVolume'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, volumeType, input.VolumeId);
    if (row.attachments.length > 0)
      throw refusal('VolumeInUse')(`Volume ${row.id} is currently attached to ${row.attachments[0]!.instance}`);
    if (row.state === 'deleting') return;
    await volumes.put(tx, { ...row, state: 'deleting' });
  });
  return {};
};

const sixHours = 21_600_000;

export const ModifyVolume: Operation<'ModifyVolume'> = async (request, input) => {
  if (input.MultiAttachEnabled !== undefined) throw notBuilt('ModifyVolume', 'MultiAttachEnabled');
  const { Size, VolumeType, Iops, Throughput } = input;
  if (Size === undefined && VolumeType === undefined && Iops === undefined && Throughput === undefined)
    throw invalidParameterValue('At least one of size, volumeType, iops or throughput must be specified');
  const changed = await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, volumeType, input.VolumeId);
    if (row.state !== 'available' && row.state !== 'in-use') throw incorrectState(`The volume '${row.id}' is in state ${row.state}.`);
    await checkReach(tx, row.zone, `Volume '${row.id}'`);
    const last = row.modification;
    if (last && (last.state === 'modifying' || request.now < last.started + sixHours))
      throw refusal('VolumeModificationRateExceeded')(
        "You've reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume.",
      );
    const { iops, throughput, ...rest } = row;
    const type = (VolumeType ?? row.type) as Volume['type'];
    const gibibytes = Size ?? row.gibibytes;
    if (gibibytes < row.gibibytes) throw invalidParameterValue('New size cannot be smaller than existing size');
    const same = type === row.type;
    const speeds = checkSpeeds(
      type,
      gibibytes,
      Iops ?? (same && type !== 'gp2' ? iops : undefined),
      Throughput ?? (same ? throughput : undefined),
    );
    const original = {
      ...{ gibibytes: row.gibibytes, type: row.type },
      ...(iops !== undefined && { iops }),
      ...(throughput !== undefined && { throughput }),
    };
    const next: Volume = { ...rest, ...speeds, modification: { state: 'modifying', started: request.now, original } };
    await volumes.put(tx, next);
    return next;
  });
  return { VolumeModification: modificationOf(changed)! };
};

const modificationFilters: Filters<Volume> = {
  'volume-id': (row) => row.id,
  'modification-state': (row) => row.modification?.state,
  'original-size': (row) => row.modification?.original.gibibytes,
  'original-volume-type': (row) => row.modification?.original.type,
  'original-iops': (row) => row.modification?.original.iops,
  'target-size': (row) => row.gibibytes,
  'target-volume-type': (row) => row.type,
  'target-iops': (row) => row.iops,
  'start-time': (row) => row.modification && new Date(row.modification.started).toISOString(),
};

export const DescribeVolumesModifications: Operation<'DescribeVolumesModifications'> = async (request, input) => {
  const fits = compileFilters(input.Filters, modificationFilters);
  if (input.MaxResults !== undefined || input.NextToken !== undefined) throw notBuilt('DescribeVolumesModifications', 'MaxResults');
  const rows = await request.store.read(async (tx) => {
    if (!input.VolumeIds?.length) return resourcesIn(tx, request, volumeType);
    const named: Volume[] = [];
    for (const id of input.VolumeIds) named.push(await requireResource(tx, request, volumeType, id));
    return named;
  });
  const lost = input.VolumeIds?.length ? rows.find((row) => !row.modification) : undefined;
  if (lost) throw refusal('InvalidVolumeModification.NotFound')(`Modification for volume '${lost.id}' does not exist.`);
  return { VolumesModifications: rows.filter((row) => row.modification && fits(row)).map((row) => modificationOf(row)!) };
};

/** With since when its zone is down. */
type Watched = Volume & { downSince?: number | undefined };

const isThere = ({ state }: Volume): boolean => state === 'available' || state === 'in-use';
const statusNameOf = (row: Watched) => (row.downSince !== undefined ? 'impaired' : isThere(row) ? 'ok' : 'insufficient-data');

const statusFilters: Filters<Watched> = {
  'availability-zone': (row) => row.zone,
  'volume-status.status': statusNameOf,
};

export const DescribeVolumeStatus: Operation<'DescribeVolumeStatus'> = async (request, input) => {
  const down = await request.store.read(downZones);
  const { rows, next } = await describeWith<Volume, Watched>(request, input, {
    ...{ type: volumeType, ids: input.VolumeIds, filters: statusFilters },
    complete: async (_tx, row) => ({ ...row, downSince: down.get(row.zone) }),
  });
  return { VolumeStatuses: rows.map(statusOf), ...next };
};

type Status = NonNullable<Awaited<ReturnType<Operation<'DescribeVolumeStatus'>>>['VolumeStatuses']>[number];

function statusOf(row: Watched): Status {
  const io = isThere(row) && row.downSince === undefined ? 'passed' : 'failed';
  return {
    ...{ VolumeId: row.id, AvailabilityZone: row.zone, Actions: [], Events: [] },
    VolumeStatus: {
      Status: statusNameOf(row),
      Details: [
        { Name: 'io-enabled', Status: io },
        { Name: 'io-performance', Status: 'not-applicable' },
      ],
    },
    AttachmentStatuses: row.attachments.map(({ instance }) => ({ InstanceId: instance, IoPerformance: 'not-applicable' })),
  };
}
