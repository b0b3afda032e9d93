/** Images (AMIs): records, those that this machine itself brings, and who may launch them. */

import { createHash } from 'node:crypto';
import type { Host } from '../../../framework/host.ts';
import type { HostImage } from '../../../framework/images.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import { checkId, resourceType, type Place } from '../resource.ts';

export type VolumeKind = 'gp2' | 'gp3' | 'io1' | 'io2' | 'st1' | 'sc1' | 'standard';

/** A volume as an image or a launch asks for it. */
export type VolumeWish = {
  snapshot?: string;
  gibibytes: number;
  type: VolumeKind;
  iops?: number;
  throughput?: number;
  /** For those who look: what decides is the snapshot. */
  encrypted?: boolean;
  deleteOnTermination: boolean;
};

export type BlockMapping = { device: string; volume: VolumeWish };

export type Image = {
  account: string;
  region: string;
  id: string;
  name: string;
  description?: string;
  created: number;
  state: 'pending' | 'available' | 'failed' | 'disabled';
  architecture: 'x86_64' | 'arm64';
  /** How its root volume is booted: the image of the host that it descends from. */
  hostImage: string;
  rootDevice: string;
  mappings: BlockMapping[];
  public?: boolean;
  /** Other accounts that may launch it. */
  launchers?: string[];
  sourceInstance?: string;
  source?: { id: string; region: string };
  /** Cloud time after which only its owner sees it in lists. */
  deprecated?: number;
  tags?: Tag[];
};

export const images = table<Image, 'id' | 'pending' | 'name'>('ec2/images', {
  key: (row) => [row.account, row.region, row.id],
  indexes: {
    id: (row) => [row.region, row.id],
    pending: (row) => (row.state === 'pending' ? [row.region, row.id] : undefined),
    name: (row) => [row.account, row.region, row.name],
  },
});

export const imageType = resourceType('image', 'ami', images, [
  'InvalidAMIID.NotFound',
  (id: string) => `The image id '[${id}]' does not exist`,
]);

/** The account to which the images of the machine itself belong: Amazon's own. */
export const amazonAccount = '137112412989';
const rootDevice = '/dev/xvda';
const gibibyte = 1024 ** 3;
/** When AWS says that an image was made; those of the machine have no moment of their own. */
const builtInCreated = Date.UTC(2026, 0, 1);

/** The same in every cloud, so that scripts may name it; another one in each region, as AWS has it. */
export const builtInId = (prefix: string, region: string, name: string): string =>
  `${prefix}-0${createHash('sha256').update(`${region}/${name}`).digest('hex').slice(0, 16)}`;

/** What stands for the bytes of one of the host's images. */
export const builtInSnapshot = (region: string, name: string): string => builtInId('snap', region, name);

function builtInImage(region: string, image: HostImage): Image {
  return {
    ...{ account: amazonAccount, region, id: builtInId('ami', region, image.name), name: image.name, description: image.description },
    ...{ created: builtInCreated, state: 'available', architecture: image.architecture, hostImage: image.name, rootDevice, public: true },
    mappings: [
      {
        device: rootDevice,
        volume: {
          snapshot: builtInSnapshot(region, image.name),
          gibibytes: Math.ceil(image.bytes / gibibyte),
          type: 'gp3',
          deleteOnTermination: true,
        },
      },
    ],
  };
}

/** The images that this machine brings, as images of Amazon. */
export async function builtInImages(host: Host, region: string): Promise<Image[]> {
  return (await host.images.list()).map((image) => builtInImage(region, image));
}

/** The host's image whose bytes a built-in snapshot stands for, or undefined for any other snapshot. */
export function hostImageOf(builtIn: readonly Image[], snapshot: string): string | undefined {
  return builtIn.find((image) => image.mappings[0]!.volume.snapshot === snapshot)?.hostImage;
}

export const mayLaunch = (image: Image, account: string): boolean =>
  image.account === account || image.public === true || (image.launchers ?? []).includes(account);

/** An image that a caller may launch: its own, a shared one, or a built-in one (read before the transaction). Throws InvalidAMIID. */
export async function requireLaunchable(tx: ReadTransaction, place: Place, id: string, builtIn: readonly Image[]): Promise<Image> {
  const found = builtIn.find((image) => image.id === id) ?? (await images.find(tx, 'id', place.region, id));
  if (found && mayLaunch(found, place.account)) return found;
  checkId(imageType, id);
  throw imageType.notFound(id);
}

export const imageNameDuplicate = (name: string, id: string) =>
  refusal('InvalidAMIName.Duplicate')(`AMI name ${name} is already in use by AMI ${id}`);
