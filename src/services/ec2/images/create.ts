/** CreateImage and CopyImage: images of an instance's volumes, and of another image. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { incorrectState, notBuilt } from '../errors.ts';
import { incorrectInstanceState, instanceType } from '../instances/instance.ts';
import { newId, requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { beginAll } from '../snapshots/operations.ts';
import { snapshots, unknownVolume } from '../../../framework/ebs-snapshots/snapshot.ts';
import { cutOf } from '../snapshots/taker.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { volumesOfInstance, type Volume } from '../volumes/volume.ts';
import { builtInImages, images, requireLaunchable, type BlockMapping, type Image } from './image.ts';
import { checkImageName, refuseTakenName } from './operations.ts';

const volumesMax = 40;

/**
 * The snapshots are cut one after the other while the instance runs, or while it does not: `NoReboot` is what this does in any case, and
 * without it AWS would stop the instance for the moment of the cut.
 */
export const CreateImage: Operation<'CreateImage'> = async (request, input) => {
  if (input.BlockDeviceMappings?.length) throw notBuilt('CreateImage', 'BlockDeviceMappings');
  const name = checkImageName(input.Name);
  const tags = tagsFor(input.TagSpecifications, 'image', ['image', 'snapshot']);
  const snapshotTags = tagsFor(input.TagSpecifications, 'snapshot', ['image', 'snapshot']);
  const id = newId(request.random, 'ami');
  const snapshotIds = Array.from({ length: volumesMax }, () => newId(request.random, 'snap'));
  const { account, region, now } = request;
  const begun = await request.store.write(async (tx) => {
    const instance = await requireResource(tx, request, instanceType, input.InstanceId);
    if (instance.state !== 'running' && instance.state !== 'stopped')
      throw incorrectInstanceState(`Instance '${instance.id}' is not in a state from which an image can be made.`);
    if (instance.state === 'running' && input.NoReboot !== true)
      throw notBuilt('CreateImage', 'a reboot: set NoReboot, or stop the instance');
    await refuseTakenName(tx, account, region, name);
    const found = await volumesOfInstance(tx, instance);
    const description = `Created by CreateImage(${instance.id}) for ${id}`;
    const made = await beginAll(tx, request, found, snapshotIds, description, () => snapshotTags);
    const image: Image = {
      ...{ account, region, id, name, created: now, state: 'pending', architecture: instance.architecture, hostImage: instance.hostImage },
      ...{ rootDevice: instance.rootDevice, sourceInstance: instance.id },
      mappings: found.map((volume, at) => mappingOf(volume, instance.id, made[at]!.id)),
      ...(input.Description !== undefined && { description: input.Description }),
      ...kept(tags),
    };
    await images.put(tx, image);
    return made;
  });
  for (const row of begun) await request.host.disks.copy(row.volume, cutOf(row.id));
  return { ImageId: id };
};

function mappingOf(row: Volume, instance: string, snapshot: string): BlockMapping {
  const one = row.attachments.find((attachment) => attachment.instance === instance)!;
  return {
    device: one.device,
    volume: {
      ...{ snapshot, gibibytes: row.gibibytes, type: row.type, deleteOnTermination: one.deleteOnTermination },
      ...(row.iops !== undefined && row.type !== 'gp2' && { iops: row.iops }),
      ...(row.throughput !== undefined && { throughput: row.throughput }),
      ...(row.encryption && { encrypted: true }),
    },
  };
}

export const CopyImage: Operation<'CopyImage'> = async (request, input) => {
  if (input.Encrypted || input.KmsKeyId !== undefined) throw notBuilt('CopyImage', 'Encrypted');
  const name = checkImageName(input.Name);
  const tags = tagsFor(input.TagSpecifications, 'image', ['image', 'snapshot']);
  const id = newId(request.random, 'ami');
  const source = await sourceOf(request, input.SourceRegion, input.SourceImageId);
  if (source.state !== 'available') throw incorrectState(`The image '${source.id}' is not available`);
  const snapshotIds = source.mappings.map(() => newId(request.random, 'snap'));
  const { account, region, now } = request;
  await request.store.write(async (tx) => {
    await refuseTakenName(tx, account, region, name);
    const mappings: BlockMapping[] = [];
    for (const [at, { device, volume }] of source.mappings.entries()) {
      const from = volume.snapshot === undefined ? undefined : await snapshots.find(tx, 'id', source.region, volume.snapshot);
      if (!from) throw notBuilt('CopyImage', 'an image that this machine brings: launch it in the other region itself');
      if (from.encryption && source.region !== region) throw notBuilt('CopyImage', 'an encrypted snapshot of another region');
      await snapshots.put(tx, {
        ...{
          account,
          region,
          id: snapshotIds[at]!,
          volume: unknownVolume,
          gibibytes: from.gibibytes,
          started: now,
          state: 'pending',
          blocks: 0,
        },
        ...{ source: from.id, description: `Copied for DestinationAmi ${id} from SourceAmi ${source.id}` },
        ...(from.hostImage !== undefined && { hostImage: from.hostImage }),
        ...(from.encryption && { encryption: from.encryption }),
      });
      mappings.push({ device, volume: { ...volume, snapshot: snapshotIds[at]! } });
    }
    const { public: _notPublic, launchers: _nobody, tags: _sourceTags, sourceInstance: _none, deprecated: _no, ...rest } = source;
    await images.put(tx, {
      ...rest,
      ...{ account, region, id, name, created: now, state: 'pending', mappings, source: { id: source.id, region: source.region } },
      description: input.Description ?? `[Copied ${source.id} from ${source.region}] ${source.name}`,
      ...kept(input.CopyImageTags ? [...(source.tags ?? []), ...tags] : tags),
    });
  });
  return { ImageId: id };
};

async function sourceOf(request: ServiceRequest, region: string, id: string): Promise<Image> {
  const builtIn = await builtInImages(request.host, region);
  return request.store.read((tx) => requireLaunchable(tx, { account: request.account, region }, id, builtIn));
}
