/** The volumes with which an instance is launched: those of its image, as the call changes them, and more. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Tag } from '../../../framework/tags.ts';
import { settingsOf } from '../../../framework/ebs-snapshots/settings.ts';
import { snapshots } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { incorrectState, invalidBlockDeviceMapping, invalidParameterValue, refusal } from '../errors.ts';
import { hostImageOf, type Image, type VolumeWish } from '../images/image.ts';
import type { Input } from '../sdk.ts';
import { requireAtHand } from '../snapshots/tier.ts';
import { requireSnapshot } from '../snapshots/snapshot.ts';
import { kept } from '../tags/tag-specifications.ts';
import { keyWish, makeKeys, type Keys, type KeyWish } from '../volumes/keys.ts';
import { volumes } from '../volumes/volume.ts';
import { volumeWish, type VolumeInput } from '../volumes/wish.ts';

type LaunchInput = Input<'RunInstances'>;

export type DiskPlan = {
  device: string;
  volume: VolumeWish;
  hostImage?: string;
  /** What it is to be encrypted with. */
  key?: KeyWish;
};

/** Names that a device may have: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html */
export function checkDevice(device: string): void {
  if (!/^\/dev\/(sd[a-z]|xvd[a-z]|xvd[b-d][a-z]|sda1)$/.test(device)) throw invalidParameterValue(`Invalid device name ${device}`);
}

export async function planDisks(
  tx: ReadTransaction,
  request: ServiceRequest,
  input: LaunchInput,
  image: Image,
  builtIn: readonly Image[],
): Promise<DiskPlan[]> {
  const plans = new Map<string, DiskPlan>();
  for (const { device, volume } of image.mappings)
    plans.set(device, {
      ...{ device, volume: { ...volumeWish('RunInstances', {}, volume), ...emptyCoding(volume) } },
      ...(device === image.rootDevice && { hostImage: image.hostImage }),
    });
  for (const mapping of input.BlockDeviceMappings ?? []) {
    const device = mapping.DeviceName;
    if (device === undefined) throw refusal('MissingParameter')('The request must contain the parameter BlockDeviceMapping.DeviceName');
    checkDevice(device);
    // Disks of the host are there or not; asking for one that is not there changes nothing.
    if (mapping.VirtualName !== undefined) continue;
    if (mapping.NoDevice !== undefined) {
      if (device === image.rootDevice) throw invalidParameterValue(`Cannot suppress the root device ${device}`);
      plans.delete(device);
      continue;
    }
    const present = plans.get(device);
    if (device === image.rootDevice && (mapping.Ebs?.SnapshotId ?? present?.volume.snapshot) !== present?.volume.snapshot)
      throw invalidBlockDeviceMapping('snapshotId cannot be modified on root device');
    const { volume, hostImage } = await planOne(tx, request, mapping.Ebs ?? {}, present?.volume, builtIn);
    const from = hostImage ?? present?.hostImage;
    plans.set(device, { device, volume, ...(from !== undefined && { hostImage: from }) });
  }
  return Promise.all([...plans.values()].map((plan) => withKey(tx, request, input, plan)));
}

/** An image's volume without a snapshot is encrypted where the image says so. */
const emptyCoding = ({ snapshot, encrypted }: VolumeWish): { encrypted?: true } =>
  snapshot === undefined && encrypted ? { encrypted } : {};

/** As the call says, or the image or snapshot, or what the account has settled for all. */
async function withKey(tx: ReadTransaction, request: ServiceRequest, input: LaunchInput, plan: DiskPlan): Promise<DiskPlan> {
  const given = input.BlockDeviceMappings?.find((one) => one.DeviceName === plan.device)?.Ebs ?? {};
  const { snapshot: id } = plan.volume;
  const snapshot = id === undefined ? undefined : await snapshots.find(tx, 'id', request.region, id);
  if (snapshot) requireAtHand(snapshot, request.now);
  const asked = { ...given, Encrypted: given.Encrypted ?? emptyCoding(plan.volume).encrypted };
  const key = keyWish(asked, await settingsOf(tx, request), snapshot);
  return { ...plan, ...(key && { key }) };
}

/** The keys of an instance's volumes, by their place among the plans: made before the launch is written down, as the caller. */
export async function makeDiskKeys(
  request: ServiceRequest,
  plans: readonly DiskPlan[],
  ids: readonly string[],
): Promise<ReadonlyMap<number, Keys>> {
  const made = new Map<number, Keys>();
  for (const [at, { key }] of plans.entries()) if (key) made.set(at, await makeKeys(request, key, ids[at]!));
  return made;
}

async function planOne(
  tx: ReadTransaction,
  request: ServiceRequest,
  given: VolumeInput,
  present: VolumeWish | undefined,
  builtIn: readonly Image[],
): Promise<{ volume: VolumeWish; hostImage: string | undefined }> {
  if (given.SnapshotId === undefined || given.SnapshotId === present?.snapshot)
    return { volume: { ...volumeWish('RunInstances', given, present ?? {}), ...(present && emptyCoding(present)) }, hostImage: undefined };
  const fromImage = hostImageOf(builtIn, given.SnapshotId);
  const snapshot = fromImage === undefined ? await requireSnapshot(tx, request, given.SnapshotId) : undefined;
  const gibibytes = snapshot?.gibibytes ?? builtIn.find((image) => image.hostImage === fromImage)!.mappings[0]!.volume.gibibytes;
  // Another snapshot for a device of the image: the rest is as the image has it.
  const { snapshot: _other, encrypted: _its, ...alike } = present ?? {};
  return { volume: volumeWish('RunInstances', given, { ...alike, gibibytes }), hostImage: fromImage ?? snapshot?.hostImage };
}

export async function putVolumes(
  tx: WriteTransaction,
  { account, region, now }: ServiceRequest,
  plans: readonly DiskPlan[],
  ids: readonly string[],
  { instance, zone, tags, keys }: { instance: string; zone: string; tags: Tag[]; keys: ReadonlyMap<number, Keys> },
): Promise<void> {
  if (plans.length > ids.length) throw invalidParameterValue('Too many block device mappings');
  for (const [at, { device, volume, hostImage, key }] of plans.entries()) {
    // What is to be encrypted has changed since the keys were made: the call is to be made again.
    if ((key !== undefined) !== keys.has(at)) throw incorrectState('The image or the settings changed during the launch. Try again.');
    const { deleteOnTermination, encrypted: _shown, ...wish } = volume;
    await volumes.put(tx, {
      ...{ account, region, id: ids[at]!, created: now, zone, state: 'creating' },
      ...wish,
      ...(hostImage !== undefined && { hostImage }),
      ...keys.get(at),
      attachments: [{ instance, device, status: 'attaching', at: now, deleteOnTermination }],
      ...kept(tags),
    });
  }
}
