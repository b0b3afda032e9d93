/** VPC endpoints: create, describe, delete: https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { describeWith } from '../describe.ts';
import { invalidParameter, limitExceeded, missingParameter, notBuilt, refusal } from '../errors.ts';
import { once } from '../idempotency.ts';
import { checkedGroups } from '../network-interfaces/making.ts';
import { newId, requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { complete, endpointFilters, endpointOf } from './description.ts';
import { checkedPolicy } from './policy.ts';
import { serviceNamed } from './services.ts';
import { endpointsOfVpc, endpointsPerVpcMax, vpcEndpoints, vpcEndpointType, type VpcEndpoint } from './vpc-endpoint.ts';
import { addInterfaces, addRoutes, checkPrivateDns, drawFor, removeEndpoint } from './wiring.ts';

export const CreateVpcEndpoint: Operation<'CreateVpcEndpoint'> = async (request, input) => {
  const { type, policy, privateDns } = checked(request, input);
  const tags = tagsFor(input.TagSpecifications, vpcEndpointType.name);
  const id = newId(request.random, 'vpce');
  const subnets = [...new Set(input.SubnetIds ?? [])];
  const drawn = drawFor(request, subnets);
  const make = async (tx: WriteTransaction): Promise<VpcEndpoint> => {
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    if ((await endpointsOfVpc(tx, request, vpc.id)).length >= endpointsPerVpcMax)
      throw limitExceeded('VpcEndpointLimitExceeded', 'The maximum number of VPC endpoints has been reached.');
    const { account, region, now } = request;
    const groups = type === 'Interface' ? await checkedGroups(tx, request, vpc.id, input.SecurityGroupIds) : [];
    const row: VpcEndpoint = {
      ...{ account, region, id, created: now, vpc: vpc.id, type, serviceName: input.ServiceName!, policy, groups, privateDns },
      ...{ subnets: [], interfaces: [], ...kept(tags) },
    };
    if (privateDns) await checkPrivateDns(tx, row, vpc);
    if (type === 'Gateway') await addRoutes(tx, row, input.RouteTableIds ?? []);
    const whole = await addInterfaces(tx, request, row, subnets, drawn);
    await vpcEndpoints.put(tx, whole);
    return whole;
  };
  const shown = await request.store.write(async (tx) => complete(tx, await once(tx, request, input, vpcEndpoints, () => make(tx))));
  return { VpcEndpoint: endpointOf(shown), ...(input.ClientToken !== undefined && { ClientToken: input.ClientToken }) };
};

function checked(request: ServiceRequest, input: Input<'CreateVpcEndpoint'>) {
  const { VpcEndpointType: type = 'Gateway', ServiceName: name } = input;
  for (const one of ['DnsOptions', 'SubnetConfigurations', 'ServiceNetworkArn', 'ResourceConfigurationArn'] as const)
    if (input[one] !== undefined) throw notBuilt('CreateVpcEndpoint', one);
  if (type !== 'Gateway' && type !== 'Interface') throw notBuilt('CreateVpcEndpoint', `VpcEndpointType ${type as string}`);
  if (input.ServiceRegion !== undefined && input.ServiceRegion !== request.region) throw notBuilt('CreateVpcEndpoint', 'ServiceRegion');
  if (input.IpAddressType !== undefined && input.IpAddressType !== 'ipv4')
    throw notBuilt('CreateVpcEndpoint', `IpAddressType ${input.IpAddressType}`);
  if (name === undefined) throw missingParameter('ServiceName');
  const service = serviceNamed(request.region, name);
  if (!service) throw refusal('InvalidServiceName')(`The Vpc Endpoint Service '${name}' does not exist`);
  if (type === 'Gateway' && !service.gateway)
    throw invalidParameter('Endpoint type (Gateway) does not match available service types ([Interface]).');
  for (const [one, wanted] of [
    ['RouteTableIds', 'Gateway'],
    ['SubnetIds', 'Interface'],
    ['SecurityGroupIds', 'Interface'],
  ] as const)
    if (input[one]?.length && type !== wanted) throw invalidParameter(`${one} cannot be specified for an endpoint of type ${type}.`);
  const privateDns = type === 'Interface' && (input.PrivateDnsEnabled ?? !service.gateway);
  if (type === 'Gateway' && input.PrivateDnsEnabled === true)
    throw invalidParameter('PrivateDnsEnabled cannot be specified for an endpoint of type Gateway.');
  return { type, privateDns, policy: checkedPolicy(input.PolicyDocument) };
}

export const DescribeVpcEndpoints: Operation<'DescribeVpcEndpoints'> = async (request, input) => {
  const { rows, next } = await describeWith(request, input, {
    type: vpcEndpointType,
    ids: input.VpcEndpointIds,
    filters: endpointFilters,
    complete,
  });
  return { VpcEndpoints: rows.map(endpointOf), ...next };
};

/** What is not there is told beside what was deleted. */
export const DeleteVpcEndpoints: Operation<'DeleteVpcEndpoints'> = async (request, input) => {
  const missing = await request.store.write(async (tx) => {
    const absent: string[] = [];
    for (const id of new Set(input.VpcEndpointIds)) {
      const row = await vpcEndpoints.get(tx, request.account, request.region, id);
      if (row) await removeEndpoint(tx, row);
      else absent.push(id);
    }
    return absent;
  });
  return {
    Unsuccessful: missing.map((ResourceId) => ({
      ResourceId,
      Error: { Code: 'InvalidVpcEndpoint.NotFound', Message: `The VpcEndpoint Id '${ResourceId}' does not exist` },
    })),
  };
};
