/** CreateSnapshots: of all volumes of an instance at once. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshots.html */

import { mergeTags, type Tag } from '../../../framework/tags.ts';
import { requireRoomForSnapshots } from '../disk-room.ts';
import { invalidParameterValue, missingParameter, notBuilt } from '../errors.ts';
import { instanceType } from '../instances/instance.ts';
import { newId, requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { tagsFor } from '../tags/tag-specifications.ts';
import { volumesOfInstance, type Volume } from '../volumes/volume.ts';
import { beginAll, snapshotOf } from './operations.ts';
import { cutOf } from './taker.ts';

const volumesMax = 128;

export const CreateSnapshots: Operation<'CreateSnapshots'> = async (request, input) => {
  if (input.OutpostArn !== undefined || (input.Location !== undefined && input.Location !== 'regional'))
    throw notBuilt('CreateSnapshots', 'OutpostArn or Location');
  const { InstanceId, ExcludeBootVolume = false, ExcludeDataVolumeIds = [] } = input.InstanceSpecification;
  if (InstanceId === undefined) throw missingParameter('InstanceSpecification.InstanceId');
  const tags = tagsFor(input.TagSpecifications, 'snapshot');
  await requireRoomForSnapshots(request.host);
  const ids = Array.from({ length: volumesMax }, () => newId(request.random, 'snap'));
  const rows = await request.store.write(async (tx) => {
    const instance = await requireResource(tx, request, instanceType, InstanceId);
    const attached = await volumesOfInstance(tx, instance);
    const isRoot = (id: string): boolean =>
      attached.some(
        (row) => row.id === id && row.attachments.some((one) => one.instance === InstanceId && one.device === instance.rootDevice),
      );
    const wrong = ExcludeDataVolumeIds.find((id) => isRoot(id) || !attached.some((row) => row.id === id));
    if (wrong !== undefined) throw invalidParameterValue(`'${wrong}' is not a data volume of the instance '${InstanceId}'`);
    const wanted = attached.filter(({ id }) => !(ExcludeBootVolume && isRoot(id)) && !ExcludeDataVolumeIds.includes(id));
    if (wanted.length === 0) throw invalidParameterValue(`No volume of the instance '${InstanceId}' is left to take a snapshot of`);
    const tagsFrom = (volume: Volume): Tag[] => (input.CopyTagsFromSource === 'volume' ? mergeTags(volume.tags ?? [], tags) : tags);
    return beginAll(tx, request, wanted, ids, input.Description ?? '', tagsFrom);
  });
  // Side by side, so that they are of one moment as nearly as the host can.
  await Promise.all(rows.map((row) => request.host.disks.copy(row.volume, cutOf(row.id))));
  return {
    Snapshots: rows.map((row) => {
      const { StorageTier: _tier, KmsKeyId: _key, CompletionTime: _none, RestoreExpiryTime: _no, ...shown } = snapshotOf(row, request.now);
      return shown;
    }),
  };
};
