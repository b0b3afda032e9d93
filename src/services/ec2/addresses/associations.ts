/** Which interface an elastic address stands for. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { invalidParameterCombination, missingParameter, refusal } from '../errors.ts';
import { internetGatewayType } from '../internet-gateways/internet-gateway.ts';
import { networkInterfaces, networkInterfaceType, primaryAddress, type NetworkInterface } from '../network-interfaces/network-interface.ts';
import { newId, requireResource, resourcesBy, resourcesIn } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { elasticAddresses, elasticAddressType, type ElasticAddress } from './address.ts';
import { publicAddresses } from '../../../framework/public-addresses.ts';
import { requireAddress } from './operations.ts';

export const AssociateAddress: Operation<'AssociateAddress'> = async (request, input) => {
  const association = newId(request.random, 'eipassoc');
  await request.store.write(async (tx) => {
    const row = await requireAddress(tx, request, input);
    const target = await interfaceIn(tx, request, input);
    const wanted = input.PrivateIpAddress ?? primaryAddress(target);
    if (!target.addresses.some(({ address }) => address === wanted))
      throw refusal('InvalidParameterValue')(
        `The address ${wanted} is not assigned to network interface ${target.id}.`.replace('The', 'Private IP'),
      );
    const already = row.association?.networkInterface === target.id && row.association.privateAddress === wanted;
    if (already) return;
    if (row.association && input.AllowReassociation !== true)
      throw refusal('Resource.AlreadyAssociated')(`resource ${row.id} is already associated with associate-id ${row.association.id}`);
    await associate(tx, row, target.id, wanted, association);
  });
  return { AssociationId: association };
};

async function interfaceIn(tx: ReadTransaction, request: ServiceRequest, input: Input<'AssociateAddress'>): Promise<NetworkInterface> {
  const { NetworkInterfaceId: id, InstanceId: instance } = input;
  if (id !== undefined && instance !== undefined)
    throw invalidParameterCombination(
      'You may specify only one of InstanceId and NetworkInterfaceId.'.replace('You may specify only', 'Specify'),
    );
  if (id !== undefined) return requireResource(tx, request, networkInterfaceType, id);
  if (instance === undefined) throw missingParameter('networkInterfaceId or instanceId');
  const found = (await resourcesBy(tx, request, networkInterfaceType, 'instance', instance)).find(
    (row) => row.attachment!.deviceIndex === 0,
  );
  if (!found) throw refusal('InvalidInstanceID.NotFound')(`The instance ID '${instance}' does not exist`);
  return found;
}

/** Gives a private address its elastic one, taking away what either had before. Throws Gateway.NotAttached. */
export async function associate(
  tx: WriteTransaction,
  row: ElasticAddress,
  networkInterface: string,
  privateAddress: string,
  association: string,
): Promise<void> {
  if (row.association) await dissociate(tx, row);
  const target = (await networkInterfaces.get(tx, row.account, row.region, networkInterface))!;
  const [gateway] = await resourcesBy(tx, row, internetGatewayType, 'vpc', target.vpc);
  if (!gateway) throw refusal('Gateway.NotAttached')(`Network ${target.vpc} is not attached to any internet gateway`);
  const before = target.addresses.find(({ address }) => address === privateAddress)?.public;
  if (before?.allocation === undefined) {
    if (before) await publicAddresses.delete(tx, before.address);
  } else {
    const { association: _old, ...free } = (await elasticAddresses.get(tx, row.account, row.region, before.allocation))!;
    await elasticAddresses.put(tx, free);
  }
  const found = { address: row.publicAddress, allocation: row.id, association };
  await networkInterfaces.put(tx, {
    ...target,
    addresses: target.addresses.map((one) => (one.address === privateAddress ? { ...one, public: found } : one)),
  });
  await elasticAddresses.put(tx, { ...row, association: { id: association, networkInterface, privateAddress } });
}

/** Takes an elastic address from its interface. */
export async function dissociate(tx: WriteTransaction, row: ElasticAddress): Promise<void> {
  const { association, ...free } = row;
  await elasticAddresses.put(tx, free);
  const target = association && (await networkInterfaces.get(tx, row.account, row.region, association.networkInterface));
  if (!target) return;
  await networkInterfaces.put(tx, {
    ...target,
    addresses: target.addresses.map((one) => {
      const { public: found, ...bare } = one;
      return found?.allocation === row.id ? bare : one;
    }),
  });
}

export const DisassociateAddress: Operation<'DisassociateAddress'> = async (request, input) => {
  const { AssociationId: id, PublicIp } = input;
  await request.store.write(async (tx) => {
    const row =
      id === undefined
        ? await requireAddress(tx, request, { PublicIp })
        : (await resourcesIn(tx, request, elasticAddressType)).find((one) => one.association?.id === id);
    if (!row?.association) throw refusal('InvalidAssociationID.NotFound')(`The association ID '${id ?? PublicIp}' does not exist`);
    if (row.service !== undefined) throw refusal('OperationNotPermitted')('You do not have permission to access the specified resource.');
    await dissociate(tx, row);
  });
  return {};
};
