/** What is made together with a VPC, and the default VPC that each region of an account begins with. */

import type { Random } from '../../../framework/random.ts';
import type { Authorizer } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ServiceDefinition } from '../../../framework/service.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import { dhcpOptions, standardOptions } from '../dhcp-options/dhcp-options.ts';
import { internetGateways } from '../internet-gateways/internet-gateway.ts';
import { allowAll, networkAcls } from '../network-acls/network-acl.ts';
import { formatCidr, parseAddress } from '../../../framework/cidr.ts';
import { zonesOf } from '../../../framework/regions.ts';
import { newId, type Place } from '../resource.ts';
import type { Ec2 } from '../sdk.ts';
import { routeTables, type Route } from '../route-tables/route-table.ts';
import { securityGroupRules, securityGroups, type SecurityGroupRule } from '../security-groups/security-group.ts';
import { subnets } from '../subnets/subnet.ts';
import { vpcs, type Vpc } from './vpc.ts';

/** Says that a region of an account has been founded: a default VPC that was deleted does not come back by itself. */
export type Foundation = { account: string; region: string; /** Its standard set of DHCP options. */ dhcpOptions: string };

export const foundations = table<Foundation>('ec2/foundations', { key: (row) => [row.account, row.region] });

/** Drawn before the transaction. */
export type VpcIds = Record<'vpc' | 'cidr' | 'routeTable' | 'association' | 'acl' | 'group' | 'self' | 'egress', string>;

export function drawVpcIds(random: Random): VpcIds {
  return {
    vpc: newId(random, 'vpc'),
    cidr: newId(random, 'vpc-cidr-assoc'),
    routeTable: newId(random, 'rtb'),
    association: newId(random, 'rtbassoc'),
    acl: newId(random, 'acl'),
    group: newId(random, 'sg'),
    self: newId(random, 'sgr'),
    egress: newId(random, 'sgr'),
  };
}

/** A VPC with its main route table, default ACL and default group. */
export async function foundVpc(
  tx: WriteTransaction,
  { account, region }: Place,
  ids: VpcIds,
  made: Omit<Vpc, 'account' | 'region' | 'id' | 'cidrs' | 'main'> & { cidr: string; routes?: Route[] },
): Promise<Vpc> {
  const place = { account, region };
  const { cidr, routes = [], ...rest } = made;
  const vpc: Vpc = {
    ...place,
    ...rest,
    id: ids.vpc,
    cidrs: [{ id: ids.cidr, cidr }],
    main: { routeTable: ids.routeTable, association: ids.association },
  };
  await vpcs.put(tx, vpc);
  await routeTables.put(tx, { ...place, id: ids.routeTable, vpc: vpc.id, routes });
  await networkAcls.put(tx, { ...place, id: ids.acl, vpc: vpc.id, isDefault: true, entries: allowAll() });
  await securityGroups.put(tx, { ...place, id: ids.group, vpc: vpc.id, name: 'default', description: 'default VPC security group' });
  const rule = { ...place, group: ids.group, protocol: '-1' };
  const rules: SecurityGroupRule[] = [
    { ...rule, id: ids.self, egress: false, peer: { group: ids.group, account } },
    { ...rule, id: ids.egress, egress: true, peer: { cidr: '0.0.0.0/0' } },
  ];
  for (const one of rules) await securityGroupRules.put(tx, one);
  return vpc;
}

/** Makes the default VPC and the standard DHCP options of the caller's region, when it is used for the first time. */
export async function ensureFoundation(request: ServiceRequest): Promise<void> {
  const { account, region } = request;
  if (await request.store.read((tx) => foundations.get(tx, account, region))) return;
  const ids = drawDefaultIds(request);
  const standard = newId(request.random, 'dopt');
  await request.store.write(async (tx) => {
    if (await foundations.get(tx, account, region)) return;
    await foundations.put(tx, { account, region, dhcpOptions: standard });
    await dhcpOptions.put(tx, { account, region, id: standard, options: standardOptions(region) });
    await foundDefaultVpc(tx, request, ids, standard);
  });
}

export type DefaultIds = { vpc: VpcIds; gateway: string; subnets: { id: string; association: string }[] };

export function drawDefaultIds({ random, region }: ServiceRequest): DefaultIds {
  const drawn = zonesOf(region).map(() => ({ id: newId(random, 'subnet'), association: newId(random, 'aclassoc') }));
  return { vpc: drawVpcIds(random), gateway: newId(random, 'igw'), subnets: drawn };
}

/** 172.31.0.0/16 with a /20 in each zone, whose instances get public addresses. */
export async function foundDefaultVpc(tx: WriteTransaction, request: ServiceRequest, ids: DefaultIds, options: string): Promise<Vpc> {
  const { account, region, now } = request;
  const vpc = await foundVpc(tx, request, ids.vpc, {
    ...{ created: now, cidr: '172.31.0.0/16', dhcpOptions: options, tenancy: 'default', isDefault: true },
    ...{ dnsSupport: true, dnsHostnames: true },
    routes: [{ destination: '0.0.0.0/0', target: ids.gateway }],
  });
  await internetGateways.put(tx, { account, region, id: ids.gateway, vpc: vpc.id });
  for (const [at, zone] of zonesOf(region).entries()) {
    const { id, association } = ids.subnets[at]!;
    await subnets.put(tx, {
      ...{ account, region, id, created: now, vpc: vpc.id, zone: zone.name, mapPublicIp: true },
      ...{ defaultForZone: true, hostnameType: 'ip-name', acl: { id: ids.vpc.acl, association } },
      cidr: defaultSubnetCidr(at),
    });
  }
  return vpc;
}

/** The range of the default subnet in a zone: 172.31.0.0/20, 172.31.16.0/20, and so on. */
export const defaultSubnetCidr = (zone: number): string => formatCidr({ first: parseAddress('172.31.0.0')! + zone * 4096, length: 20 });

/** Sees to it that the caller's region has been founded before anything of it is looked at, authorisation included. */
export function withFoundation(authorize: ServiceDefinition<Ec2>['authorize']): ServiceDefinition<Ec2>['authorize'] {
  const wrapped = Object.entries(authorize as Record<string, Authorizer<unknown>>).map(([name, authorizer]) => [
    name,
    async (request: ServiceRequest, input: unknown) => {
      if (request.principal.type !== 'Anonymous') await ensureFoundation(request);
      return authorizer(request, input);
    },
  ]);
  return Object.fromEntries(wrapped) as ServiceDefinition<Ec2>['authorize'];
}
