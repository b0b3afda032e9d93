/** What can be changed of a VPC: names in DNS, tenancy, and further ranges. */

import type { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { limitExceeded, notBuilt, refusal } from '../errors.ts';
import { cidrOf, contains, formatCidr, overlaps } from '../../../framework/cidr.ts';
import { newId, requireResource, resourcesBy, resourcesIn } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { subnetType } from '../subnets/subnet.ts';
import { associateIpv6, checkBorderGroup, disassociateIpv6, drawIpv6 } from './ipv6.ts';
import { checkedVpcCidr, cidrsPerVpcMax, vpcs, vpcType, type VpcCidr } from './vpc.ts';

export const DescribeVpcAttribute: Operation<'DescribeVpcAttribute'> = async (request, input) => {
  const vpc = await request.store.read((tx) => requireResource(tx, request, vpcType, input.VpcId));
  const shown = {
    enableDnsSupport: { EnableDnsSupport: { Value: vpc.dnsSupport } },
    enableDnsHostnames: { EnableDnsHostnames: { Value: vpc.dnsHostnames } },
    enableNetworkAddressUsageMetrics: { EnableNetworkAddressUsageMetrics: { Value: vpc.usageMetrics ?? false } },
  };
  if (!Object.hasOwn(shown, input.Attribute))
    throw refusal('InvalidParameterValue')(`Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`);
  return { VpcId: vpc.id, ...shown[input.Attribute] };
};

export const ModifyVpcAttribute: Operation<'ModifyVpcAttribute'> = async (request, input) => {
  const { EnableDnsSupport: support, EnableDnsHostnames: hostnames, EnableNetworkAddressUsageMetrics: metrics } = input;
  const given = [support, hostnames, metrics].filter((one) => one?.Value !== undefined);
  if (given.length === 0) throw refusal('MissingParameter')('The request must contain the parameter attribute');
  if (given.length > 1) throw refusal('InvalidParameterCombination')('Fields for multiple attribute types specified');
  await request.store.write(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    await vpcs.put(tx, {
      ...vpc,
      dnsSupport: support?.Value ?? vpc.dnsSupport,
      dnsHostnames: hostnames?.Value ?? vpc.dnsHostnames,
      ...(metrics?.Value !== undefined && { usageMetrics: metrics.Value }),
    });
  });
  return {};
};

/** Only back to `default`, as AWS allows. */
export const ModifyVpcTenancy: Operation<'ModifyVpcTenancy'> = async (request, input) => {
  if (input.InstanceTenancy !== 'default')
    throw refusal('InvalidParameterValue')(`Value (${input.InstanceTenancy}) for parameter instanceTenancy is invalid.`);
  await request.store.write(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    await vpcs.put(tx, { ...vpc, tenancy: 'default' });
  });
  return { ReturnValue: true };
};

export const AssociateVpcCidrBlock: Operation<'AssociateVpcCidrBlock'> = async (request, input) => {
  const { CidrBlock, VpcId, AmazonProvidedIpv6CidrBlock: provided, Ipv6CidrBlockNetworkBorderGroup: group, ...others } = input;
  const unbuilt = Object.entries(others).find(([name, value]) => name !== 'DryRun' && value !== undefined);
  if (unbuilt) throw notBuilt('AssociateVpcCidrBlock', unbuilt[0]);
  checkBorderGroup('AssociateVpcCidrBlock', request, group);
  if (provided === true && CidrBlock !== undefined)
    throw refusal('InvalidParameterCombination')('The parameter cidrBlock cannot be used with the parameter amazonProvidedIpv6CidrBlock');
  if (provided === true) return associateProvided(request, VpcId);
  if (CidrBlock === undefined) throw refusal('MissingParameter')('The request must contain the parameter cidrBlock');
  const cidr = checkedVpcCidr(CidrBlock);
  const id = newId(request.random, 'vpc-cidr-assoc');
  await request.store.write(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, VpcId);
    if (vpc.cidrs.some((one) => overlaps(cidrOf(one.cidr), cidr)))
      throw refusal('InvalidVpc.Range')(`The CIDR '${CidrBlock}' conflicts with another CIDR block of the VPC.`);
    if (vpc.cidrs.length >= cidrsPerVpcMax)
      throw limitExceeded('CidrLimitExceeded', 'The maximum number of CIDR blocks of the VPC has been reached.');
    await vpcs.put(tx, { ...vpc, cidrs: [...vpc.cidrs, { id, cidr: formatCidr(cidr) }] });
  });
  return {
    VpcId,
    CidrBlockAssociation: { AssociationId: id, CidrBlock: formatCidr(cidr), CidrBlockState: { State: 'associating' } },
  };
};

async function associateProvided(request: ServiceRequest, VpcId: string) {
  const draw = drawIpv6(request.random);
  const { added } = await request.store.write(async (tx) => associateIpv6(tx, await requireResource(tx, request, vpcType, VpcId), draw));
  return { VpcId, Ipv6CidrBlockAssociation: associationOf6(request, added, 'associating') };
}

const associationOf6 = ({ region }: ServiceRequest, { id, cidr }: VpcCidr, state: 'associating' | 'disassociating') => ({
  ...{ AssociationId: id, Ipv6CidrBlock: cidr, Ipv6CidrBlockState: { State: state }, Ipv6Pool: 'Amazon', NetworkBorderGroup: region },
  ...{ IpSource: 'amazon' as const, Ipv6AddressAttribute: 'public' as const },
});

export const DisassociateVpcCidrBlock: Operation<'DisassociateVpcCidrBlock'> = async (request, input) => {
  const id = input.AssociationId;
  const { vpc, gone, ipv6 } = await request.store.write(async (tx) => {
    const all = await resourcesIn(tx, request, vpcType);
    const holder6 = all.find((one) => one.ipv6?.some((each) => each.id === id));
    const range6 = holder6?.ipv6?.find((each) => each.id === id);
    if (holder6 && range6) {
      await disassociateIpv6(tx, holder6, range6);
      return { vpc: holder6, gone: range6, ipv6: true };
    }
    const found = all.find((one) => one.cidrs.some((each) => each.id === id));
    if (!found) throw associationMissing(id);
    if (found.cidrs[0]!.id === id)
      throw refusal('OperationNotPermitted')(
        `The vpc CIDR block with association ID ${id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
      );
    const range = found.cidrs.find((each) => each.id === id)!;
    const used = (await resourcesBy(tx, request, subnetType, 'vpc', found.id)).some((subnet) =>
      contains(cidrOf(range.cidr), cidrOf(subnet.cidr)),
    );
    if (used) throw refusal('InvalidCidrBlock.InUse')(`The vpc CIDR block with association ID ${id} is in use by a subnet`);
    await vpcs.put(tx, { ...found, cidrs: found.cidrs.filter((each) => each.id !== id) });
    return { vpc: found, gone: range, ipv6: false };
  });
  if (ipv6) return { VpcId: vpc.id, Ipv6CidrBlockAssociation: associationOf6(request, gone, 'disassociating') };
  return {
    VpcId: vpc.id,
    CidrBlockAssociation: { AssociationId: id, CidrBlock: gone.cidr, CidrBlockState: { State: 'disassociating' } },
  };
};

const associationMissing = (id: string): AwsError =>
  refusal('InvalidVpcCidrBlockAssociationID.NotFound')(`The vpc CIDR block association ID '${id}' does not exist`);
