/** CreateImage and CopyImage: images of an instance's volumes, and of another image. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { requireRoomForSnapshots } from '../disk-room.ts';
import { incorrectState, invalidParameterValue, missingParameter, notBuilt } from '../errors.ts';
import { incorrectInstanceState, instances, instanceType, type Instance } from '../instances/instance.ts';
import { checkDevice } from '../instances/launch-disks.ts';
import { newId, requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { beginAll } from '../snapshots/operations.ts';
import { codingOf, type Coding } from '../snapshots/copy.ts';
import { snapshotType } from '../snapshots/snapshot.ts';
import { snapshots, unknownVolume, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { cutOf } from '../snapshots/taker.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { volumesOfInstance, type Volume } from '../volumes/volume.ts';
import { volumeWish } from '../volumes/wish.ts';
import { builtInImages, images, requireLaunchable, type BlockMapping, type Image, type VolumeWish } from './image.ts';
import { newMapping, refuseOtherEncryption } from './mappings.ts';
import { checkImageName, refuseTakenName } from './operations.ts';

const volumesMax = 40;

/**
 * A running instance is shut down for the cut and started again, so that its file systems are whole, unless `NoReboot` says otherwise:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
 */
export const CreateImage: Operation<'CreateImage'> = async (request, input) => {
  if (input.SnapshotLocation !== undefined && input.SnapshotLocation !== 'regional')
    throw notBuilt('CreateImage', `SnapshotLocation ${input.SnapshotLocation}`);
  const name = checkImageName(input.Name);
  await requireRoomForSnapshots(request.host);
  const tags = tagsFor(input.TagSpecifications, 'image', ['image', 'snapshot']);
  const snapshotTags = tagsFor(input.TagSpecifications, 'snapshot', ['image', 'snapshot']);
  const id = newId(request.random, 'ami');
  const snapshotIds = Array.from({ length: volumesMax }, () => newId(request.random, 'snap'));
  const { account, region, now } = request;
  const begun = await request.store.write(async (tx) => {
    const instance = await requireResource(tx, request, instanceType, input.InstanceId);
    if (instance.state !== 'running' && instance.state !== 'stopped')
      throw incorrectInstanceState(`Instance '${instance.id}' is not in a state from which an image can be made.`);
    await refuseTakenName(tx, account, region, name);
    const { wanted, others } = await changedMappings(tx, request, instance, input);
    const description = `Created by CreateImage(${instance.id}) for ${id}`;
    const cut = wanted.map(({ volume }) => volume);
    const made = await beginAll(tx, request, cut, snapshotIds, description, () => snapshotTags);
    const mappings = wanted.map(({ device, wish }, at) => ({ device, volume: { ...wish, snapshot: made[at]!.id } }));
    await images.put(tx, {
      ...{ account, region, id, name, created: now, state: 'pending', architecture: instance.architecture, hostImage: instance.hostImage },
      ...{ rootDevice: instance.rootDevice, sourceInstance: instance.id, mappings: [...mappings, ...others] },
      ...(input.Description !== undefined && { description: input.Description }),
      ...kept(tags),
    });
    if (instance.state === 'stopped' || input.NoReboot === true) return made;
    for (const row of made) await snapshots.put(tx, { ...row, waits: instance.id });
    const imaging = [...(instance.imaging ?? []), ...made.map((row) => row.id)];
    await instances.put(tx, { ...instance, reboot: true, imaging });
    return [];
  });
  for (const row of begun) await request.host.disks.copy(row.volume, cutOf(row.id));
  return { ImageId: id };
};

type Wanted = { device: string; volume: Volume; wish: VolumeWish };

/** The instance's volumes as the call wants them in the image, and what it adds to them. */
async function changedMappings(tx: ReadTransaction, request: ServiceRequest, instance: Instance, input: Input<'CreateImage'>) {
  const wanted = new Map<string, Wanted>();
  for (const volume of await volumesOfInstance(tx, instance)) {
    const one = wishOf(volume, instance.id);
    wanted.set(one.device, { ...one, volume });
  }
  if (wanted.size > volumesMax) throw invalidParameterValue('Too many block device mappings');
  const others: BlockMapping[] = [];
  for (const { DeviceName: device, Ebs: given = {}, NoDevice, VirtualName } of input.BlockDeviceMappings ?? []) {
    if (device === undefined) throw missingParameter('BlockDeviceMapping.DeviceName');
    checkDevice(device);
    const present = wanted.get(device);
    if (NoDevice !== undefined) {
      if (device === instance.rootDevice) throw invalidParameterValue(`Cannot suppress the root device ${device}`);
      wanted.delete(device);
      continue;
    }
    // Disks of the host come with the type of the instance that is launched.
    if (VirtualName !== undefined) continue;
    if (present && given.SnapshotId !== undefined)
      throw invalidParameterValue(`Device ${device} has a volume of the instance, of which a snapshot is made: no other one can be given.`);
    if (!present) {
      others.push((await newMapping(tx, request, 'CreateImage', device, given)).mapping);
      continue;
    }
    refuseOtherEncryption(device, given, present.volume.encryption !== undefined);
    wanted.set(device, { ...present, wish: { ...present.wish, ...volumeWish('CreateImage', given, present.wish) } });
  }
  const isRoot = ({ device }: Wanted): boolean => device === instance.rootDevice;
  const inOrder = [...wanted.values()].sort((a, b) => Number(isRoot(b)) - Number(isRoot(a)));
  return { wanted: inOrder, others };
}

function wishOf(row: Volume, instance: string): { device: string; wish: VolumeWish } {
  const one = row.attachments.find((attachment) => attachment.instance === instance)!;
  return {
    device: one.device,
    wish: {
      ...{ gibibytes: row.gibibytes, type: row.type, deleteOnTermination: one.deleteOnTermination },
      ...(row.iops !== undefined && row.type !== 'gp2' && { iops: row.iops }),
      ...(row.throughput !== undefined && { throughput: row.throughput }),
      ...(row.encryption && { encrypted: true }),
    },
  };
}

/** Copies of encrypted snapshots are encrypted: within a region as they are unless the call names a key, in another one under a key of that. */
export const CopyImage: Operation<'CopyImage'> = async (request, input) => {
  const name = checkImageName(input.Name);
  const tags = tagsFor(input.TagSpecifications, 'image', ['image', 'snapshot']);
  const id = newId(request.random, 'ami');
  const source = await sourceOf(request, input.SourceRegion, input.SourceImageId);
  if (source.state !== 'available') throw incorrectState(`The image '${source.id}' is not available`);
  const { account, region, now } = request;
  const copies = await copiesOf(request, input, source, id);
  await request.store.write(async (tx) => {
    await refuseTakenName(tx, account, region, name);
    const mappings: BlockMapping[] = [];
    for (const { device, volume, from, row } of copies) {
      if (!(await snapshots.find(tx, 'id', source.region, from))) throw snapshotType.notFound(from);
      await snapshots.put(tx, row);
      mappings.push({ device, volume: { ...volume, snapshot: row.id, ...(row.encryption && { encrypted: true }) } });
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

type Copied = BlockMapping & { /** The snapshot that is copied. */ from: string; row: Snapshot };

/** The copies of an image's snapshots, and the keys that they are to have. */
async function copiesOf(request: ServiceRequest, input: Input<'CopyImage'>, source: Image, image: string): Promise<Copied[]> {
  const { account, region, now } = request;
  const copies: Copied[] = [];
  for (const { device, volume } of source.mappings) {
    const name = volume.snapshot;
    const from = name === undefined ? undefined : await request.store.read((tx) => snapshots.find(tx, 'id', source.region, name));
    if (!from) throw notBuilt('CopyImage', 'an image that this machine brings: launch it in the other region itself');
    const id = newId(request.random, 'snap');
    const isOwn = from.account === account && source.region === region;
    const asIs = from.encryption && isOwn && input.KmsKeyId === undefined && input.Encrypted !== false;
    const coding: Coding = asIs ? { encryption: from.encryption! } : await codingOf(request, input, from, id);
    const row: Snapshot = {
      ...{ account, region, id, volume: unknownVolume, gibibytes: from.gibibytes, started: now, state: 'pending', blocks: 0 },
      ...{ source: from.id, description: `Copied for DestinationAmi ${image} from SourceAmi ${source.id}` },
      ...(from.hostImage !== undefined && { hostImage: from.hostImage }),
      ...coding,
    };
    copies.push({ device, volume, from: from.id, row });
  }
  return copies;
}

async function sourceOf(request: ServiceRequest, region: string, id: string): Promise<Image> {
  const builtIn = await builtInImages(request.host, region);
  return request.store.read((tx) => requireLaunchable(tx, { account: request.account, region }, id, builtIn));
}
