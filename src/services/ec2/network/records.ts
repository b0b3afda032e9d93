/** All records that say what the networks of the whole cloud are to be, read in one snapshot. */

import { zoneFaults } from '../../../framework/zone-faults.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import type { AnyTable, Table } from '../../../store/table.ts';
import { flowLogs, type FlowLog } from '../flow-logs/flow-log.ts';
import { internetGateways, type InternetGateway } from '../internet-gateways/internet-gateway.ts';
import { natGateways, type NatGateway } from '../nat-gateways/nat-gateway.ts';
import { networkAcls, type NetworkAcl } from '../network-acls/network-acl.ts';
import { networkInterfaces, type NetworkInterface } from '../network-interfaces/network-interface.ts';
import { prefixLists, type PrefixList } from '../prefix-lists/prefix-list.ts';
import { routeTables, type RouteTable } from '../route-tables/route-table.ts';
import { securityGroupRules, securityGroups, type SecurityGroup, type SecurityGroupRule } from '../security-groups/security-group.ts';
import { downZones } from '../regions/zone-faults.ts';
import { egressOnlyGateways, type EgressOnlyGateway } from '../egress-only-internet-gateways/egress-only-gateway.ts';
import { subnets, type Subnet } from '../subnets/subnet.ts';
import { peerings, type Peering } from '../vpc-peering-connections/peering.ts';
import { managedPrefixLists } from '../vpc-endpoints/services.ts';
import { vpcEndpoints, type VpcEndpoint } from '../vpc-endpoints/vpc-endpoint.ts';
import { vpcs, type Vpc } from '../vpcs/vpc.ts';

/** By id; ids are unique in the whole cloud. */
export type NetworkRecords = {
  vpcs: Map<string, Vpc>;
  subnets: Map<string, Subnet>;
  interfaces: Map<string, NetworkInterface>;
  groups: Map<string, SecurityGroup>;
  rules: Map<string, SecurityGroupRule>;
  acls: Map<string, NetworkAcl>;
  routeTables: Map<string, RouteTable>;
  internetGateways: Map<string, InternetGateway>;
  natGateways: Map<string, NatGateway>;
  egressOnlyGateways: Map<string, EgressOnlyGateway>;
  peerings: Map<string, Peering>;
  /** Those of AWS are among them. */
  prefixLists: Map<string, PrefixList>;
  endpoints: Map<string, VpcEndpoint>;
  /** Whose packets are lost. */
  downZones: ReadonlySet<string>;
  flowLogs: Map<string, FlowLog>;
};

/** What wakes the network's reconciler. */
export const networkTables: readonly AnyTable[] = [
  ...[vpcs, subnets, networkInterfaces, securityGroups, securityGroupRules, networkAcls, routeTables],
  ...[internetGateways, natGateways, peerings, prefixLists, zoneFaults, flowLogs, vpcEndpoints],
  egressOnlyGateways,
];

export async function networkRecords(tx: ReadTransaction): Promise<NetworkRecords> {
  const networks = await all(tx, vpcs);
  return {
    vpcs: networks,
    subnets: await all(tx, subnets),
    interfaces: await all(tx, networkInterfaces),
    groups: await all(tx, securityGroups),
    rules: await all(tx, securityGroupRules),
    acls: await all(tx, networkAcls),
    routeTables: await all(tx, routeTables),
    internetGateways: await all(tx, internetGateways),
    natGateways: await all(tx, natGateways),
    egressOnlyGateways: await all(tx, egressOnlyGateways),
    peerings: await all(tx, peerings),
    prefixLists: await allPrefixLists(tx, networks),
    endpoints: await all(tx, vpcEndpoints),
    downZones: new Set((await downZones(tx)).keys()),
    flowLogs: await all(tx, flowLogs),
  };
}

/** Ids of AWS's own differ between regions. */
async function allPrefixLists(tx: ReadTransaction, networks: ReadonlyMap<string, Vpc>): Promise<Map<string, PrefixList>> {
  const regions = new Set([...networks.values()].map(({ region }) => region));
  const found = await all(tx, prefixLists);
  for (const region of regions) for (const list of managedPrefixLists({ account: 'AWS', region })) found.set(list.id, list);
  return found;
}

async function all<Row extends { id: string }>(tx: ReadTransaction, table: Table<Row, any>): Promise<Map<string, Row>> {
  return new Map((await table.scan(tx)).map(({ row }) => [row.id, row]));
}
