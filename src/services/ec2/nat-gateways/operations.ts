/** NAT gateways: create, describe, delete. The network makes them; the keeper follows. */

import type { WriteTransaction } from '../../../store/store.ts';
import { elasticAddresses, elasticAddressType } from '../addresses/address.ts';
import { associate } from '../addresses/associations.ts';
import { describe } from '../describe.ts';
import { invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { once } from '../idempotency.ts';
import { internetGatewayType } from '../internet-gateways/internet-gateway.ts';
import { makeInterface } from '../network-interfaces/making.ts';
import { newId, requireResource, resourcesBy } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { drawStart, subnetType } from '../subnets/subnet.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { natGatewayOf } from './description.ts';
import { natGateways, natGatewayType, type NatGateway } from './nat-gateway.ts';
import { addAddresses, drawAddresses, type WantedAddresses } from './secondary.ts';

const filters: Filters<NatGateway> = {
  'nat-gateway-id': (row) => row.id,
  state: (row) => row.state,
  'subnet-id': (row) => row.subnet,
  'vpc-id': (row) => row.vpc,
};

export const DescribeNatGateways: Operation<'DescribeNatGateways'> = async (request, input) => {
  const page = { Filters: input.Filter, MaxResults: input.MaxResults, NextToken: input.NextToken };
  const { rows, next } = await describe(request, page, { type: natGatewayType, ids: input.NatGatewayIds, filters });
  return { NatGateways: rows.map(natGatewayOf), ...next };
};

export const CreateNatGateway: Operation<'CreateNatGateway'> = async (request, input) => {
  const { SubnetId, connectivity, secondary } = checked(input);
  const tags = tagsFor(input.TagSpecifications, 'natgateway');
  const { random, account, region, now } = request;
  const ids = {
    nat: newId(random, 'nat'),
    eni: newId(random, 'eni'),
    attachment: newId(random, 'eni-attach'),
    association: newId(random, 'eipassoc'),
  };
  const start = drawStart(random);
  const draw = drawAddresses(request);
  const make = async (tx: WriteTransaction): Promise<NatGateway> => {
    const subnet = await requireResource(tx, request, subnetType, SubnetId);
    const elastic =
      input.AllocationId === undefined ? undefined : await requireResource(tx, request, elasticAddressType, input.AllocationId);
    if (elastic?.association)
      throw refusal('InvalidAllocationID.InUse')(`Elastic IP address [${elastic.id}] is already associated`.replace('address ', ''));
    const [gateway] = await resourcesBy(tx, request, internetGatewayType, 'vpc', subnet.vpc);
    if (elastic && !gateway) throw refusal('Gateway.NotAttached')(`Network ${subnet.vpc} has no Internet gateway attached`);
    const port = await makeInterface(tx, request, subnet, {
      ...{ id: ids.eni, start, description: `Interface for NAT Gateway ${ids.nat}`, type: 'nat_gateway', groups: [] },
      ...{ requester: 'amazon-aws', sourceDestCheck: false },
      ...(input.PrivateIpAddress !== undefined && { addresses: [input.PrivateIpAddress] }),
      ...(secondary.addresses && { spared: secondary.addresses }),
      attachment: {
        ...{ id: ids.attachment, owner: 'amazon-aws', deviceIndex: 1, status: 'attaching', attachedAt: now, deleteOnTermination: false },
      },
    });
    const privateAddress = port.addresses[0]!.address;
    if (elastic) {
      await associate(tx, elastic, port.id, privateAddress, ids.association);
      await elasticAddresses.put(tx, { ...(await elasticAddresses.get(tx, account, region, elastic.id))!, service: ids.nat });
    }
    const row: NatGateway = {
      ...{ account, region, id: ids.nat, created: now, vpc: subnet.vpc, subnet: subnet.id, connectivity, state: 'pending' },
      ...{ networkInterface: port.id, privateAddress },
      ...(elastic && { allocation: elastic.id, publicAddress: elastic.publicAddress, association: ids.association }),
      ...kept(tags),
    };
    const made = await addAddresses(tx, request, row, secondary, draw);
    await natGateways.put(tx, made);
    return made;
  };
  const made = await request.store.write((tx) => once(tx, request, input, natGateways, () => make(tx)));
  return { NatGateway: natGatewayOf(made), ...(input.ClientToken !== undefined && { ClientToken: input.ClientToken }) };
};

function checked(input: Input<'CreateNatGateway'>): {
  SubnetId: string;
  connectivity: NatGateway['connectivity'];
  secondary: WantedAddresses;
} {
  if (input.AvailabilityZoneAddresses?.length) throw notBuilt('CreateNatGateway', 'AvailabilityZoneAddresses');
  if (input.AvailabilityMode === 'regional') throw notBuilt('CreateNatGateway', 'AvailabilityMode regional');
  const connectivity = input.ConnectivityType ?? 'public';
  if (input.SubnetId === undefined) throw missingParameter('subnetId');
  if (connectivity === 'public' && input.AllocationId === undefined) throw missingParameter('AllocationId');
  if (connectivity === 'private' && input.AllocationId !== undefined)
    throw invalidParameterValue('An allocation ID cannot be specified for a private NAT gateway.');
  const { SecondaryAllocationIds: allocations = [], SecondaryPrivateIpAddresses: addresses = [] } = input;
  const { SecondaryPrivateIpAddressCount: count = 0 } = input;
  if (connectivity === 'public' && Math.max(addresses.length, count) > allocations.length)
    throw invalidParameterValue('Secondary private IP addresses of a public NAT gateway need secondary allocation IDs.');
  if (connectivity === 'private' && allocations.length > 0)
    throw invalidParameterValue('Secondary allocation IDs cannot be specified for a private NAT gateway.');
  return { SubnetId: input.SubnetId, connectivity, secondary: { allocations, addresses, count: connectivity === 'public' ? 0 : count } };
}

export const DeleteNatGateway: Operation<'DeleteNatGateway'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, natGatewayType, input.NatGatewayId);
    if (row.state === 'deleted') throw natGatewayType.notFound(row.id);
    await natGateways.put(tx, { ...row, state: 'deleting' });
  });
  return { NatGatewayId: input.NatGatewayId };
};
