/** Instances as Describe calls show them, and by what they can be found. */

import { lasting, rememberMade } from '../../../framework/lasting.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { frozen } from '../../../store/table.ts';
import type { Filters } from '../filters.ts';
import { completeInterface, groupsOf, interfaceCompleter, interfaceOf, type ShownInterface } from '../network-interfaces/description.ts';
import { networkInterfaces, privateDnsName, publicDnsName } from '../network-interfaces/network-interface.ts';
import type { Place } from '../resource.ts';
import { volumesByInstance, volumesOfInstance, type Volume } from '../volumes/volume.ts';
import { stateCodes, type Instance } from './instance.ts';

/** With what other tables know of it. */
export type ShownInstance = Readonly<Instance> & {
  readonly interfaces: readonly ShownInterface[];
  readonly volumes: readonly Readonly<Volume>[];
};

const shownBefore = rememberMade<ShownInstance>();

function shownWith(row: Readonly<Instance>, interfaces: ShownInterface[], volumes: readonly Readonly<Volume>[]): ShownInstance {
  return shownBefore(row, [...interfaces, ...volumes], () => frozen({ ...row, interfaces: interfaces.sort(byDevice), volumes }));
}

export async function completeInstance(tx: ReadTransaction, row: Readonly<Instance>): Promise<ShownInstance> {
  const interfaces: ShownInterface[] = [];
  for (const found of await networkInterfaces.peekIndex(tx, 'instance', [row.account, row.region, row.id]))
    interfaces.push(await completeInterface(tx, found.row));
  return shownWith(row, interfaces, await volumesOfInstance(tx, row));
}

/** The same for many instances of a place: what all of its instances have is read once. */
export async function instanceCompleter(
  tx: ReadTransaction,
  { account, region }: Place,
): Promise<(row: Readonly<Instance>) => Promise<ShownInstance>> {
  const attached = await networkInterfaces.peekIndex(tx, 'instance', [account, region]);
  const interfaces = Map.groupBy(
    attached.map(({ row }) => row),
    (row) => row.attachment!.instance,
  );
  const volumes = await volumesByInstance(tx, { account, region });
  const complete = interfaceCompleter(tx);
  return async (row) => {
    const shown: ShownInterface[] = [];
    for (const found of interfaces.get(row.id) ?? []) shown.push(await complete(found));
    return shownWith(row, shown, volumes.get(row.id) ?? []);
  };
}

const byDevice = (a: ShownInterface, b: ShownInterface): number => (a.attachment?.deviceIndex ?? 0) - (b.attachment?.deviceIndex ?? 0);

const attachmentOf = (row: ShownInstance, volume: Volume) => volume.attachments.find(({ instance }) => instance === row.id)!;
const publicOf = (row: ShownInstance): string | undefined => row.interfaces[0]?.addresses[0]?.public?.address;

function blockDevices(row: ShownInstance) {
  return row.volumes
    .map((volume) => ({ volume, attachment: attachmentOf(row, volume) }))
    .sort((a, b) => (a.attachment.device < b.attachment.device ? -1 : 1))
    .map(({ volume, attachment }) => ({
      DeviceName: attachment.device,
      Ebs: {
        ...{ VolumeId: volume.id, Status: attachment.status, AttachTime: new Date(attachment.at) },
        DeleteOnTermination: attachment.deleteOnTermination,
      },
    }));
}

function network(row: ShownInstance) {
  const primary = row.interfaces[0];
  if (!primary) return { PrivateDnsName: '', PublicDnsName: '', NetworkInterfaces: [], SecurityGroups: [] };
  const address = publicOf(row);
  return {
    ...{ VpcId: row.vpc, SubnetId: row.subnet, PrivateIpAddress: row.privateAddress },
    PrivateDnsName: privateDnsName(row.privateAddress, row.region),
    PublicDnsName: address !== undefined && primary.dnsHostnames ? publicDnsName(address, row.region) : '',
    ...(address !== undefined && { PublicIpAddress: address }),
    ...(primary.ipv6 && { Ipv6Address: primary.ipv6[0]! }),
    NetworkInterfaces: row.interfaces.map((one) => {
      const { TagSet: _tags, AvailabilityZone: _zone, RequesterManaged: _managed, ...shown } = interfaceOf(one);
      return shown;
    }),
    SecurityGroups: groupsOf(primary),
    SourceDestCheck: primary.sourceDestCheck,
  };
}

const describedBefore = rememberMade<ReturnType<typeof describedOf>>();

/** As Describe calls answer it; the same of the same, which is written once. */
export const instanceOf = (row: ShownInstance): ReturnType<typeof describedOf> => describedBefore(row, [], () => lasting(describedOf(row)));

function describedOf(row: ShownInstance) {
  return {
    ...{ InstanceId: row.id, ImageId: row.image, InstanceType: row.type as never, AmiLaunchIndex: row.index, ClientToken: row.token ?? '' },
    ...{ State: { Code: stateCodes[row.state], Name: row.state }, StateTransitionReason: row.transition },
    ...(row.reason && { StateReason: { Code: row.reason.code, Message: row.reason.message } }),
    ...{
      LaunchTime: new Date(row.launched),
      Architecture: row.architecture,
      Hypervisor: 'xen' as const,
      VirtualizationType: 'hvm' as const,
    },
    ...{ RootDeviceName: row.rootDevice, RootDeviceType: 'ebs' as const, EnaSupport: true, EbsOptimized: row.ebsOptimized },
    ...(row.keyName !== undefined && { KeyName: row.keyName }),
    ...(row.profile && { IamInstanceProfile: { Arn: row.profile.arn, Id: row.profile.id } }),
    ...{ Monitoring: { State: row.monitored ? ('enabled' as const) : ('disabled' as const) }, ProductCodes: [] },
    Placement: {
      ...{ AvailabilityZone: row.zone, Tenancy: row.tenancy, GroupName: row.placementGroup ?? '' },
      ...(row.partition !== undefined && { PartitionNumber: row.partition }),
      ...(row.host && { Affinity: row.host.affinity, HostId: row.host.on ?? row.host.wanted }),
    },
    ...network(row),
    BlockDeviceMappings: blockDevices(row),
    MetadataOptions: metadataOptionsOf(row),
    ...{ PlatformDetails: 'Linux/UNIX', UsageOperation: 'RunInstances', UsageOperationUpdateTime: new Date(row.created) },
    ...{ ...capacityOf(row), HibernationOptions: { Configured: row.hibernates ?? false } },
    ...{ EnclaveOptions: { Enabled: false }, MaintenanceOptions: { AutoRecovery: row.autoRecovery ?? ('default' as const) } },
    PrivateDnsNameOptions: {
      HostnameType: 'ip-name' as const,
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    ...(row.spot && { InstanceLifecycle: 'spot' as const, SpotInstanceRequestId: row.spot.request }),
    Tags: row.tags ?? [],
  };
}

function capacityOf({ capacity, state }: Instance) {
  const { preference = 'open', target, reservation } = capacity ?? {};
  return {
    CapacityReservationSpecification:
      target === undefined
        ? { CapacityReservationPreference: preference as 'open' }
        : { CapacityReservationTarget: { CapacityReservationId: target } },
    ...(reservation !== undefined && (state === 'running' || state === 'pending') && { CapacityReservationId: reservation }),
  };
}

export const metadataOptionsOf = ({ metadata }: Instance) => ({
  ...{ State: 'applied' as const, HttpTokens: metadata.tokens, HttpPutResponseHopLimit: metadata.hopLimit },
  ...{ HttpEndpoint: metadata.endpoint, HttpProtocolIpv6: 'disabled' as const, InstanceMetadataTags: metadata.tags },
});

export function reservationOf(rows: readonly ShownInstance[]) {
  const [first] = rows;
  return {
    ...{ ReservationId: first!.reservation, OwnerId: first!.account, Groups: [] },
    ...(first!.requester !== undefined && { RequesterId: first!.requester }),
    Instances: rows.map(instanceOf),
  };
}

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

export const instanceFilters: Filters<ShownInstance> = {
  affinity: () => undefined,
  architecture: (row) => row.architecture,
  'availability-zone': (row) => row.zone,
  'block-device-mapping.attach-time': (row) => row.volumes.map((volume) => timeOf(attachmentOf(row, volume).at)),
  'block-device-mapping.delete-on-termination': (row) => row.volumes.map((volume) => String(attachmentOf(row, volume).deleteOnTermination)),
  'block-device-mapping.device-name': (row) => row.volumes.map((volume) => attachmentOf(row, volume).device),
  'block-device-mapping.status': (row) => row.volumes.map((volume) => attachmentOf(row, volume).status),
  'block-device-mapping.volume-id': (row) => row.volumes.map(({ id }) => id),
  'client-token': (row) => row.token,
  'dns-name': (row) => (publicOf(row) === undefined ? undefined : publicDnsName(publicOf(row)!, row.region)),
  'capacity-reservation-id': (row) => row.capacity?.reservation,
  hypervisor: () => 'xen',
  'iam-instance-profile.arn': (row) => row.profile?.arn,
  'iam-instance-profile.id': (row) => row.profile?.id,
  'image-id': (row) => row.image,
  'instance-id': (row) => row.id,
  'instance-lifecycle': (row) => (row.spot ? 'spot' : undefined),
  'instance-state-code': (row) => stateCodes[row.state],
  'instance-state-name': (row) => row.state,
  'instance-type': (row) => row.type,
  'instance.group-id': (row) => row.interfaces.flatMap(({ groups }) => groups),
  'instance.group-name': (row) => row.interfaces.flatMap(({ groupNames }) => groupNames),
  'ip-address': publicOf,
  'ipv6-address': (row) => row.interfaces.flatMap(({ ipv6 = [] }) => ipv6),
  'key-name': (row) => row.keyName,
  'launch-index': (row) => row.index,
  'launch-time': (row) => timeOf(row.launched),
  'metadata-options.http-endpoint': (row) => row.metadata.endpoint,
  'metadata-options.http-tokens': (row) => row.metadata.tokens,
  'monitoring-state': (row) => (row.monitored ? 'enabled' : 'disabled'),
  'network-interface.addresses.private-ip-address': (row) => row.interfaces.flatMap((one) => one.addresses.map(({ address }) => address)),
  'network-interface.group-id': (row) => row.interfaces.flatMap(({ groups }) => groups),
  'network-interface.ipv6-addresses.ipv6-address': (row) => row.interfaces.flatMap(({ ipv6 = [] }) => ipv6),
  'network-interface.network-interface-id': (row) => row.interfaces.map(({ id }) => id),
  'network-interface.subnet-id': (row) => row.interfaces.map(({ subnet }) => subnet),
  'network-interface.vpc-id': (row) => row.interfaces.map(({ vpc }) => vpc),
  'owner-id': (row) => row.account,
  'placement-group-name': (row) => row.placementGroup,
  'placement-partition-number': (row) => row.partition,
  'platform-details': () => 'Linux/UNIX',
  'private-dns-name': (row) => privateDnsName(row.privateAddress, row.region),
  'private-ip-address': (row) => row.privateAddress,
  reason: (row) => row.transition,
  'requester-id': (row) => row.requester,
  'reservation-id': (row) => row.reservation,
  'root-device-name': (row) => row.rootDevice,
  'root-device-type': () => 'ebs',
  'source-dest-check': (row) => row.interfaces[0]?.sourceDestCheck,
  'spot-instance-request-id': (row) => row.spot?.request,
  'state-reason-code': (row) => row.reason?.code,
  'state-reason-message': (row) => row.reason?.message,
  'subnet-id': (row) => row.subnet,
  tenancy: (row) => row.tenancy,
  'virtualization-type': () => 'hvm',
  'vpc-id': (row) => row.vpc,
};
