/** Images as DescribeImages shows them, and by what they can be found. */

import type { Filters } from '../filters.ts';
import { amazonAccount, type BlockMapping, type Image } from './image.ts';

export function mappingOf({ device, volume }: BlockMapping) {
  return {
    DeviceName: device,
    Ebs: {
      ...{
        DeleteOnTermination: volume.deleteOnTermination,
        VolumeSize: volume.gibibytes,
        VolumeType: volume.type,
        Encrypted: volume.encrypted ?? false,
      },
      ...(volume.snapshot !== undefined && { SnapshotId: volume.snapshot }),
      ...(volume.iops !== undefined && { Iops: volume.iops }),
      ...(volume.throughput !== undefined && { Throughput: volume.throughput }),
    },
  };
}

export function imageOf(image: Image) {
  return {
    ...{ ImageId: image.id, Name: image.name, State: image.state, OwnerId: image.account, Public: image.public ?? false },
    ...{ CreationDate: new Date(image.created).toISOString(), Architecture: image.architecture, ImageType: 'machine' as const },
    ...{ ImageLocation: `${image.account === amazonAccount ? 'amazon' : image.account}/${image.name}` },
    ...{ RootDeviceName: image.rootDevice, RootDeviceType: 'ebs' as const, VirtualizationType: 'hvm' as const, Hypervisor: 'xen' as const },
    ...{ EnaSupport: true, SriovNetSupport: 'simple', PlatformDetails: 'Linux/UNIX', UsageOperation: 'RunInstances' },
    ...(image.account === amazonAccount && { ImageOwnerAlias: 'amazon', ImdsSupport: 'v2.0' as const }),
    ...(image.description !== undefined && { Description: image.description }),
    ...(image.sourceInstance !== undefined && { SourceInstanceId: image.sourceInstance }),
    ...(image.source && { SourceImageId: image.source.id, SourceImageRegion: image.source.region }),
    ...(image.deprecated !== undefined && { DeprecationTime: new Date(image.deprecated).toISOString() }),
    BlockDeviceMappings: image.mappings.map(mappingOf),
    Tags: image.tags ?? [],
  };
}

export const imageFilters: Filters<Image> = {
  architecture: (image) => image.architecture,
  'block-device-mapping.delete-on-termination': (image) => image.mappings.map(({ volume }) => String(volume.deleteOnTermination)),
  'block-device-mapping.device-name': (image) => image.mappings.map(({ device }) => device),
  'block-device-mapping.snapshot-id': (image) => image.mappings.map(({ volume }) => volume.snapshot),
  'block-device-mapping.volume-size': (image) => image.mappings.map(({ volume }) => String(volume.gibibytes)),
  'block-device-mapping.volume-type': (image) => image.mappings.map(({ volume }) => volume.type),
  'creation-date': (image) => new Date(image.created).toISOString(),
  description: (image) => image.description,
  'ena-support': () => true,
  hypervisor: () => 'xen',
  'image-id': (image) => image.id,
  'image-type': () => 'machine',
  'is-public': (image) => image.public ?? false,
  name: (image) => image.name,
  'owner-alias': (image) => (image.account === amazonAccount ? 'amazon' : undefined),
  'owner-id': (image) => image.account,
  'root-device-name': (image) => image.rootDevice,
  'root-device-type': () => 'ebs',
  'source-instance-id': (image) => image.sourceInstance,
  state: (image) => image.state,
  'virtualization-type': () => 'hvm',
};
