/** Internet gateways: create, attach, detach, delete, describe. */

import { describe } from '../describe.ts';
import { refusal, stillNeeded } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { networkInterfaceType } from '../network-interfaces/network-interface.ts';
import { newId, requireResource, resourcesBy } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { internetGateways, internetGatewayType, type InternetGateway } from './internet-gateway.ts';

const shown = (row: InternetGateway) => ({
  ...{ InternetGatewayId: row.id, OwnerId: row.account },
  // AWS calls an attached gateway available, outside of its own list of words.
  Attachments: row.vpc === undefined ? [] : [{ VpcId: row.vpc, State: 'available' as 'attached' }],
  ...tagSet(row),
});

const filters: Filters<InternetGateway> = {
  'internet-gateway-id': (row) => row.id,
  'attachment.vpc-id': (row) => row.vpc,
  'attachment.state': (row) => row.vpc && 'available',
  'owner-id': (row) => row.account,
};

export const DescribeInternetGateways: Operation<'DescribeInternetGateways'> = async (request, input) => {
  const { rows, next } = await describe(request, input, { type: internetGatewayType, ids: input.InternetGatewayIds, filters });
  return { InternetGateways: rows.map(shown), ...next };
};

export const CreateInternetGateway: Operation<'CreateInternetGateway'> = async (request, input) => {
  const { account, region } = request;
  const row: InternetGateway = {
    account,
    region,
    id: newId(request.random, 'igw'),
    ...kept(tagsFor(input.TagSpecifications, 'internet-gateway')),
  };
  await request.store.write((tx) => internetGateways.put(tx, row));
  return { InternetGateway: shown(row) };
};

export const AttachInternetGateway: Operation<'AttachInternetGateway'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const gateway = await requireResource(tx, request, internetGatewayType, input.InternetGatewayId);
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    if (gateway.vpc !== undefined)
      throw refusal('Resource.AlreadyAssociated')(`resource ${gateway.id} is already attached to network ${gateway.vpc}`);
    const [other] = await resourcesBy(tx, request, internetGatewayType, 'vpc', vpc.id);
    if (other) throw refusal('InvalidParameterValue')(`Network ${vpc.id} already has an internet gateway attached`);
    await internetGateways.put(tx, { ...gateway, vpc: vpc.id });
  });
  return {};
};

/** While something in the VPC has a public address, its gateway stays. */
export const DetachInternetGateway: Operation<'DetachInternetGateway'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { vpc, ...gateway } = await requireResource(tx, request, internetGatewayType, input.InternetGatewayId);
    await requireResource(tx, request, vpcType, input.VpcId);
    if (vpc !== input.VpcId) throw refusal('Gateway.NotAttached')(`resource ${gateway.id} is not attached to network ${input.VpcId}`);
    const interfaces = await resourcesBy(tx, request, networkInterfaceType, 'vpc', vpc);
    if (interfaces.some((one) => one.addresses.some((address) => address.public)))
      throw refusal('DependencyViolation')(
        `Network ${vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      );
    await internetGateways.put(tx, gateway);
  });
  return {};
};

export const DeleteInternetGateway: Operation<'DeleteInternetGateway'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const gateway = await requireResource(tx, request, internetGatewayType, input.InternetGatewayId);
    if (gateway.vpc !== undefined) throw stillNeeded('internetGateway', gateway.id);
    await internetGateways.delete(tx, gateway.account, gateway.region, gateway.id);
  });
  return {};
};
