/** VPC endpoints as Describe calls show them, and by what they can be found. */

import type { ReadTransaction } from '../../../store/store.ts';
import type { Filters } from '../filters.ts';
import { securityGroups } from '../security-groups/security-group.ts';
import { tagSet } from '../tags/tag-specifications.ts';
import { publicName, serviceNamed, type EndpointService } from './services.ts';
import { endpointNames, type VpcEndpoint } from './vpc-endpoint.ts';
import { interfacesOf, tablesOf } from './wiring.ts';

export type ShownEndpoint = VpcEndpoint & { tables: string[]; groupNames: string[]; isUp: boolean; zones: string[] };

export async function complete(tx: ReadTransaction, row: VpcEndpoint): Promise<ShownEndpoint> {
  const { account, region } = row;
  const ports = await interfacesOf(tx, row);
  const groups = await securityGroups.getMany(
    tx,
    row.groups.map((id) => [account, region, id]),
  );
  return {
    ...row,
    tables: row.type === 'Gateway' ? await tablesOf(tx, row) : [],
    groupNames: groups.map((group) => group?.name ?? ''),
    isUp: ports.every((port) => port.attachment?.status === 'attached'),
    zones: ports.map(({ zone }) => zone),
  };
}

const stateOf = ({ isUp }: ShownEndpoint): 'available' | 'pending' => (isUp ? 'available' : 'pending');

export function endpointOf(row: ShownEndpoint) {
  const own = row.type === 'Interface' ? endpointNames(row, row.zones) : [];
  const service: EndpointService | undefined = serviceNamed(row.region, row.serviceName);
  const names = row.privateDns && service ? [...own, publicName(service, row.region)] : own;
  return {
    ...{ VpcEndpointId: row.id, VpcEndpointType: row.type, VpcId: row.vpc, ServiceName: row.serviceName, ServiceRegion: row.region },
    // AWS answers in lower case, which the SDK's list of names spells otherwise.
    ...{ State: stateOf(row) as unknown as 'Available', PolicyDocument: row.policy, OwnerId: row.account, RequesterManaged: false },
    ...{ RouteTableIds: row.tables, SubnetIds: row.subnets, NetworkInterfaceIds: row.interfaces },
    ...{ Groups: row.groups.map((GroupId, at) => ({ GroupId, GroupName: row.groupNames[at]! })), PrivateDnsEnabled: row.privateDns },
    DnsEntries: names.map((DnsName) => ({ DnsName, HostedZoneId: 'Z7HUB22UULQXV' })),
    ...(row.type === 'Interface' && { IpAddressType: 'ipv4' as const, DnsOptions: { DnsRecordIpType: 'ipv4' as const } }),
    CreationTimestamp: new Date(row.created),
    ...tagSet(row),
  };
}

export const endpointFilters: Filters<ShownEndpoint> = {
  'service-name': (row) => row.serviceName,
  'vpc-id': (row) => row.vpc,
  'vpc-endpoint-id': (row) => row.id,
  'vpc-endpoint-state': stateOf,
  'vpc-endpoint-type': (row) => row.type,
  'service-region': (row) => row.region,
};
