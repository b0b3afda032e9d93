/** A VPC: its record and rules. */

import type { Tag } from '../../../framework/tags.ts';
import { table } from '../../../store/table.ts';
import { refusal } from '../errors.ts';
import { cidrOf, contains, overlaps, parseCidr, type Cidr } from '../../../framework/cidr.ts';
import { resourceType } from '../resource.ts';

/** A range of a VPC; the first is the primary one, which stays. */
export type VpcCidr = { id: string; cidr: string };

export type Vpc = {
  account: string;
  region: string;
  id: string;
  created: number;
  cidrs: VpcCidr[];
  ipv6?: VpcCidr[];
  /** The id of a set of DHCP options, or `default`. */
  dhcpOptions: string;
  tenancy: 'default' | 'dedicated';
  isDefault: boolean;
  dnsSupport: boolean;
  dnsHostnames: boolean;
  usageMetrics?: boolean;
  /** Its main route table, and the id of that association. */
  main: { routeTable: string; association: string };
  tags?: Tag[];
};

export const vpcs = table<Vpc>('ec2/vpcs', { key: (vpc) => [vpc.account, vpc.region, vpc.id] });
export const vpcType = resourceType('vpc', 'vpc', vpcs, ['InvalidVpcID.NotFound', 'The vpc ID']);

export const vpcCidrLengthMin = 16;
export const vpcCidrLengthMax = 28;
export const vpcsPerRegionMax = 100;
export const cidrsPerVpcMax = 50;

/** Throws InvalidParameterValue or InvalidVpc.Range. */
export function checkedVpcCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw refusal('InvalidParameterValue')(`Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`);
  if (cidr.length < vpcCidrLengthMin || cidr.length > vpcCidrLengthMax) throw refusal('InvalidVpc.Range')(`The CIDR '${text}' is invalid.`);
  if (unusable.some((range) => overlaps(range, cidr))) throw refusal('InvalidVpc.Range')(`The CIDR '${text}' is invalid.`);
  return cidr;
}

/** This network, loopback, link-local, multicast and reserved. */
const unusable = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'].map(cidrOf);

export const primaryCidr = (vpc: Vpc): Cidr => cidrOf(vpc.cidrs[0]!.cidr);
export const vpcHolds = (vpc: Vpc, cidr: Cidr): boolean => vpc.cidrs.some((one) => contains(cidrOf(one.cidr), cidr));
