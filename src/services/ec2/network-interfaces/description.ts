/** Network interfaces as Describe calls show them, and by what they can be found. */

import { rememberMade } from '../../../framework/lasting.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { frozen } from '../../../store/table.ts';
import type { Filters } from '../filters.ts';
import { securityGroups, type SecurityGroup } from '../security-groups/security-group.ts';
import { vpcs, type Vpc } from '../vpcs/vpc.ts';
import {
  primaryAddress,
  privateDnsName,
  publicDnsName,
  statusOf,
  type NetworkInterface,
  type PrivateAddress,
  type PublicAddress,
} from './network-interface.ts';

/** With what other tables know of it. */
export type ShownInterface = Readonly<NetworkInterface> & { readonly groupNames: readonly string[]; readonly dnsHostnames: boolean };

/** Its network and its groups, of which one may be gone. */
type Surroundings = readonly [vpc: Readonly<Vpc> | undefined, ...groups: (Readonly<SecurityGroup> | undefined)[]];

async function surroundingsOf(tx: ReadTransaction, { account, region, vpc, groups }: Readonly<NetworkInterface>): Promise<Surroundings> {
  const found: (Readonly<SecurityGroup> | undefined)[] = [];
  for (const id of groups) found.push(await securityGroups.peek(tx, account, region, id));
  return [await vpcs.peek(tx, account, region, vpc), ...found];
}

const shownBefore = rememberMade<ShownInterface>();

function shownWith(row: Readonly<NetworkInterface>, surroundings: Surroundings): ShownInterface {
  const [vpc, ...groups] = surroundings;
  return shownBefore(row, surroundings, () =>
    frozen({ ...row, groupNames: groups.map((group) => group?.name ?? ''), dnsHostnames: vpc?.dnsHostnames ?? false }),
  );
}

export async function completeInterface(tx: ReadTransaction, row: Readonly<NetworkInterface>): Promise<ShownInterface> {
  return shownWith(row, await surroundingsOf(tx, row));
}

/** The same for many: networks and groups, of which there are few, are read once. */
export function interfaceCompleter(tx: ReadTransaction): (row: Readonly<NetworkInterface>) => Promise<ShownInterface> {
  const known = new Map<string, Surroundings>();
  return async (row) => {
    const key = [row.vpc, ...row.groups].join(' ');
    let surroundings = known.get(key);
    if (!surroundings) known.set(key, (surroundings = await surroundingsOf(tx, row)));
    return shownWith(row, surroundings);
  };
}

/** An address given at launch belongs to Amazon, an elastic one to the account. */
function associationOf(row: NetworkInterface, found: PublicAddress | undefined) {
  if (!found) return {};
  return {
    Association: {
      ...{ PublicIp: found.address, PublicDnsName: publicDnsName(found.address, row.region) },
      IpOwnerId: found.allocation === undefined ? 'amazon' : row.account,
      ...(found.allocation !== undefined && { AllocationId: found.allocation }),
      ...(found.association !== undefined && { AssociationId: found.association }),
    },
  };
}

export function privateAddressOf(row: ShownInterface, { address, primary, public: found }: PrivateAddress) {
  return {
    ...{ PrivateIpAddress: address, Primary: primary },
    ...(row.dnsHostnames && { PrivateDnsName: privateDnsName(address, row.region) }),
    ...associationOf(row, found),
  };
}

export function attachmentOf(row: NetworkInterface) {
  const found = row.attachment;
  if (!found) return {};
  return {
    Attachment: {
      ...{ AttachmentId: found.id, DeviceIndex: found.deviceIndex, NetworkCardIndex: found.networkCard ?? 0, Status: found.status },
      ...{ AttachTime: new Date(found.attachedAt), DeleteOnTermination: found.deleteOnTermination, InstanceOwnerId: found.owner },
      ...(found.instance !== undefined && { InstanceId: found.instance }),
    },
  };
}

const addresses6Of = ({ ipv6 = [] }: NetworkInterface) => ipv6.map((Ipv6Address) => ({ Ipv6Address, IsPrimaryIpv6: false }));

export const groupsOf = (row: ShownInterface): { GroupId: string; GroupName: string }[] =>
  row.groups.map((id, at) => ({ GroupId: id, GroupName: row.groupNames[at]! }));

/** AWS answers `nat_gateway`, which the SDK's list of names spells otherwise. */
const wireType = (row: NetworkInterface): 'interface' => row.type as 'interface';

export function interfaceOf(row: ShownInterface) {
  const address = primaryAddress(row);
  return {
    ...{ NetworkInterfaceId: row.id, VpcId: row.vpc, SubnetId: row.subnet, AvailabilityZone: row.zone, OwnerId: row.account },
    ...{ Description: row.description, InterfaceType: wireType(row), MacAddress: row.mac, SourceDestCheck: row.sourceDestCheck },
    ...{ RequesterManaged: row.requester !== undefined, Status: statusOf(row), PrivateIpAddress: address },
    ...(row.requester !== undefined && { RequesterId: row.requester }),
    ...(row.dnsHostnames && { PrivateDnsName: privateDnsName(address, row.region) }),
    ...{
      Groups: groupsOf(row),
      PrivateIpAddresses: row.addresses.map((one) => privateAddressOf(row, one)),
      Ipv6Addresses: addresses6Of(row),
    },
    ...associationOf(row, row.addresses[0]!.public),
    ...attachmentOf(row),
    ...(row.ipv6 && { Ipv6Address: row.ipv6[0]! }),
    TagSet: row.tags ?? [],
  };
}

const publics = (row: ShownInterface): PublicAddress[] => row.addresses.flatMap((one) => (one.public ? [one.public] : []));

export const interfaceFilters: Filters<ShownInterface> = {
  'network-interface-id': (row) => row.id,
  'vpc-id': (row) => row.vpc,
  'subnet-id': (row) => row.subnet,
  'availability-zone': (row) => row.zone,
  description: (row) => row.description,
  'group-id': (row) => row.groups,
  'group-name': (row) => row.groupNames,
  'interface-type': (row) => row.type,
  'mac-address': (row) => row.mac,
  'owner-id': (row) => row.account,
  'requester-id': (row) => row.requester,
  'requester-managed': (row) => row.requester !== undefined,
  'source-dest-check': (row) => row.sourceDestCheck,
  status: statusOf,
  'private-ip-address': primaryAddress,
  'private-dns-name': (row) => privateDnsName(primaryAddress(row), row.region),
  'addresses.private-ip-address': (row) => row.addresses.map(({ address }) => address),
  'ipv6-addresses.ipv6-address': (row) => row.ipv6 ?? [],
  'addresses.primary': (row) => row.addresses.map(({ primary }) => String(primary)),
  'addresses.association.public-ip': (row) => publics(row).map(({ address }) => address),
  'association.public-ip': (row) => publics(row).map(({ address }) => address),
  'association.allocation-id': (row) => publics(row).map(({ allocation }) => allocation),
  'association.association-id': (row) => publics(row).map(({ association }) => association),
  'attachment.attachment-id': (row) => row.attachment?.id,
  'attachment.instance-id': (row) => row.attachment?.instance,
  'attachment.instance-owner-id': (row) => row.attachment?.owner,
  'attachment.device-index': (row) => row.attachment?.deviceIndex,
  'attachment.status': (row) => row.attachment?.status,
  'attachment.attach-time': (row) => row.attachment && new Date(row.attachment.attachedAt).toISOString(),
  'attachment.delete-on-termination': (row) => row.attachment?.deleteOnTermination,
};
