/** Volumes: create, describe, modify, delete. */

import { settingsOf } from '../../../framework/ebs-snapshots/settings.ts';
import type { Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { describe } from '../describe.ts';
import { requireRoomForVolumes } from '../disk-room.ts';
import { incorrectState, invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import { builtInImages, hostImageOf } from '../images/image.ts';
import { once } from '../idempotency.ts';
import { zoneNamed } from '../../../framework/regions.ts';
import { discardVolume } from '../recycle-bin/bin.ts';
import { checkNewVolume } from '../regions/zone-faults.ts';
import { newId, requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { requireAtHand } from '../snapshots/tier.ts';
import { requireSnapshot } from '../snapshots/snapshot.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { volumeFilters, volumeOf } from './description.ts';
import { keyWish, makeKeys } from './keys.ts';
import { volumes, volumeType, type Volume } from './volume.ts';
import { volumeWish } from './wish.ts';

const createBuilt = new Set<string>([
  ...['AvailabilityZone', 'AvailabilityZoneId', 'Size', 'SnapshotId', 'VolumeType', 'Iops', 'Throughput', 'TagSpecifications'],
  ...['MultiAttachEnabled', 'Encrypted', 'KmsKeyId', 'DryRun', 'ClientToken'],
]);

export const CreateVolume: Operation<'CreateVolume'> = async (request, input) => {
  const unbuilt = Object.entries(input).find(([name, value]) => value !== undefined && !createBuilt.has(name));
  if (unbuilt) throw notBuilt('CreateVolume', unbuilt[0]);
  if (input.Size === undefined && input.SnapshotId === undefined) throw missingParameter('size/snapshot');
  const zone = zoneNamed(request.region, input.AvailabilityZone, input.AvailabilityZoneId);
  if (!zone) {
    if (input.AvailabilityZone === undefined) throw missingParameter('AvailabilityZone');
    throw refusal('InvalidZone.NotFound')(`The zone '${input.AvailabilityZone}' does not exist.`);
  }
  const tags = tagsFor(input.TagSpecifications, 'volume');
  const { account, region, now } = request;
  const id = newId(request.random, 'vol');
  const source = await sourceOf(request, input.SnapshotId);
  const { AvailabilityZone: _where, AvailabilityZoneId: _alike, ...asked } = input;
  const given = { ...asked, VolumeSize: input.Size };
  const {
    deleteOnTermination: _none,
    encrypted: _shown,
    ...wish
  } = volumeWish('CreateVolume', given, source ? { gibibytes: source.gibibytes } : {});
  if (input.MultiAttachEnabled && !['io1', 'io2'].includes(wish.type))
    throw invalidParameterValue(`Multi-Attach is not supported for ${wish.type} volumes.`);
  const settings = await request.store.read((tx) => settingsOf(tx, request));
  await requireRoomForVolumes(request.host);
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
  requireAtHand(snapshot, request.now);
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
    await discardVolume(tx, row, request.now);
  });
  return {};
};
