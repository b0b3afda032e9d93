/** Elastic addresses: allocate, describe, release. */

import type { ReadTransaction } from '../../../store/store.ts';
import { describeWith } from '../describe.ts';
import { limitExceeded, missingParameter, notBuilt, refusal } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { networkInterfaces, type NetworkInterface } from '../network-interfaces/network-interface.ts';
import { newId, resourcesIn, requireResource, type Place } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { drawStart } from '../subnets/subnet.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { addressesPerRegionMax, elasticAddresses, elasticAddressType, type ElasticAddress } from './address.ts';
import { publicAddresses } from '../../../framework/public-addresses.ts';
import { takePublicAddress } from './pool.ts';
import { addressTransfers } from './transfer.ts';

type Shown = ElasticAddress & { holder?: NetworkInterface };

async function complete(tx: ReadTransaction, row: ElasticAddress): Promise<Shown> {
  if (!row.association) return row;
  const holder = await networkInterfaces.get(tx, row.account, row.region, row.association.networkInterface);
  return { ...row, ...(holder && { holder }) };
}

function addressOf(row: Shown) {
  const { association, holder } = row;
  return {
    ...{
      AllocationId: row.id,
      PublicIp: row.publicAddress,
      Domain: 'vpc' as const,
      PublicIpv4Pool: 'amazon',
      NetworkBorderGroup: row.region,
    },
    ...(association && {
      ...{ AssociationId: association.id, NetworkInterfaceId: association.networkInterface },
      ...{ PrivateIpAddress: association.privateAddress, NetworkInterfaceOwnerId: row.account },
    }),
    ...(holder?.attachment?.instance !== undefined && { InstanceId: holder.attachment.instance }),
    ...tagSet(row),
  };
}

const filters: Filters<Shown> = {
  'allocation-id': (row) => row.id,
  'association-id': (row) => row.association?.id,
  domain: () => 'vpc',
  'instance-id': (row) => row.holder?.attachment?.instance,
  'network-border-group': (row) => row.region,
  'network-interface-id': (row) => row.association?.networkInterface,
  'network-interface-owner-id': (row) => row.association && row.account,
  'private-ip-address': (row) => row.association?.privateAddress,
  'public-ip': (row) => row.publicAddress,
};

export const DescribeAddresses: Operation<'DescribeAddresses'> = async (request, input) => {
  const found = await request.store.read((tx) => idsOfPublic(tx, request, input.PublicIps ?? []));
  const ids = [...(input.AllocationIds ?? []), ...found];
  const { rows } = await describeWith(request, { Filters: input.Filters }, { type: elasticAddressType, ids, filters, complete });
  return { Addresses: rows.map(addressOf) };
};

export const DescribeAddressesAttribute: Operation<'DescribeAddressesAttribute'> = async (request, input) => {
  const page = { MaxResults: input.MaxResults, NextToken: input.NextToken };
  const { rows, next } = await describeWith(request, page, {
    type: elasticAddressType,
    ids: input.AllocationIds,
    filters,
    complete,
    limits: { min: 1, max: 1000 },
  });
  return { Addresses: rows.map((row) => ({ PublicIp: row.publicAddress, AllocationId: row.id })), ...next };
};

async function idsOfPublic(tx: ReadTransaction, place: Place, wanted: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const address of wanted) ids.push((await requireByPublic(tx, place, address)).id);
  return ids;
}

/** An elastic address of the account by the address itself. Throws InvalidAddress.NotFound. */
export async function requireByPublic(tx: ReadTransaction, place: Place, address: string): Promise<ElasticAddress> {
  const use = await publicAddresses.get(tx, address);
  const mine = use?.allocation !== undefined && use.account === place.account && use.region === place.region;
  const found = mine ? await elasticAddresses.get(tx, place.account, place.region, use.allocation!) : undefined;
  if (!found) throw refusal('InvalidAddress.NotFound')(`Address '${address}' not found.`);
  return found;
}

/** The address of a call, by its allocation or by itself. */
export async function requireAddress(
  tx: ReadTransaction,
  place: Place,
  { AllocationId: id, PublicIp: address }: { AllocationId?: string | undefined; PublicIp?: string | undefined },
): Promise<ElasticAddress> {
  if (id !== undefined) return requireResource(tx, place, elasticAddressType, id);
  if (address === undefined) throw missingParameter('allocationId');
  return requireByPublic(tx, place, address);
}

export const AllocateAddress: Operation<'AllocateAddress'> = async (request, input) => {
  for (const name of ['CustomerOwnedIpv4Pool', 'IpamPoolId', 'Address'] as const)
    if (input[name] !== undefined) throw notBuilt('AllocateAddress', name);
  if (input.PublicIpv4Pool !== undefined && input.PublicIpv4Pool !== 'amazon') throw notBuilt('AllocateAddress', 'PublicIpv4Pool');
  if (input.Domain === 'standard')
    throw refusal('InvalidParameterValue')('Invalid value standard for domain.'.replace(' standard', " 'standard'"));
  const tags = tagsFor(input.TagSpecifications, 'elastic-ip');
  const id = newId(request.random, 'eipalloc');
  const start = drawStart(request.random);
  const { account, region } = request;
  const publicAddress = await request.store.write(async (tx) => {
    if ((await resourcesIn(tx, request, elasticAddressType)).length >= addressesPerRegionMax)
      throw limitExceeded('AddressLimitExceeded', 'The maximum number of addresses has been reached.');
    const taken = await takePublicAddress(tx, request.host.networks.publicRange, { account, region, allocation: id }, start);
    await elasticAddresses.put(tx, { account, region, id, publicAddress: taken, ...kept(tags) });
    return taken;
  });
  return { AllocationId: id, PublicIp: publicAddress, Domain: 'vpc', PublicIpv4Pool: 'amazon', NetworkBorderGroup: region };
};

export const ReleaseAddress: Operation<'ReleaseAddress'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireAddress(tx, request, input);
    if (row.association) throw refusal('InvalidIPAddress.InUse')(`Address ${row.publicAddress} is in use.`);
    await publicAddresses.delete(tx, row.publicAddress);
    await addressTransfers.delete(tx, row.account, row.region, row.id);
    await elasticAddresses.delete(tx, row.account, row.region, row.id);
  });
  return {};
};
