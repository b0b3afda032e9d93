/** Further addresses of NAT gateways: elastic ones of public gateways, private ones of private gateways. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { incorrectState, invalidParameterValue, missingParameter, notBuilt, refusal } from '../errors.ts';
import { requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { natAddressesOf } from './description.ts';
import { natGateways, natGatewayType, type NatAddress, type NatGateway } from './nat-gateway.ts';
import { addAddresses, checkDrain, drawAddresses, dropAddresses, type WantedAddresses } from './secondary.ts';

export const AssociateNatGatewayAddress: Operation<'AssociateNatGatewayAddress'> = async (request, input) => {
  if (input.AvailabilityZone !== undefined || input.AvailabilityZoneId !== undefined)
    throw notBuilt('AssociateNatGatewayAddress', 'AvailabilityZone');
  if (input.AllocationIds.length === 0) throw missingParameter('allocationId');
  return add(request, input.NatGatewayId, 'public', {
    allocations: input.AllocationIds,
    ...(input.PrivateIpAddresses && { addresses: input.PrivateIpAddresses }),
  });
};

export const AssignPrivateNatGatewayAddress: Operation<'AssignPrivateNatGatewayAddress'> = async (request, input) => {
  const { PrivateIpAddresses: addresses = [], PrivateIpAddressCount: count = 0 } = input;
  if (addresses.length === 0 && count < 1) throw missingParameter('privateIpAddress or privateIpAddressCount');
  return add(request, input.NatGatewayId, 'private', { addresses, count });
};

/** Flows through the address end at once: nothing waits for them to be done. */
export const DisassociateNatGatewayAddress: Operation<'DisassociateNatGatewayAddress'> = async (request, input) => {
  checkDrain(input.MaxDrainDurationSeconds);
  return drop(request, input.NatGatewayId, 'public', (row) =>
    input.AssociationIds.map((id) => {
      if (row.association === id) throw invalidParameterValue('The primary address of a NAT gateway cannot be disassociated.');
      const found = row.secondary?.find(({ association }) => association === id);
      if (!found) throw refusal('InvalidAssociationID.NotFound')(`The association ID '${id}' does not exist`);
      return found;
    }),
  );
};

export const UnassignPrivateNatGatewayAddress: Operation<'UnassignPrivateNatGatewayAddress'> = async (request, input) => {
  checkDrain(input.MaxDrainDurationSeconds);
  return drop(request, input.NatGatewayId, 'private', (row) =>
    input.PrivateIpAddresses.map((address) => {
      const found = row.secondary?.find(({ privateAddress }) => privateAddress === address);
      if (!found) throw invalidParameterValue(`The private IP address '${address}' is no secondary address of ${row.id}.`);
      return found;
    }),
  );
};

async function add(request: ServiceRequest, id: string, kind: NatGateway['connectivity'], wanted: WantedAddresses) {
  const draw = drawAddresses(request);
  const row = await request.store.write(async (tx) => {
    const next = await addAddresses(tx, request, await requireAvailable(tx, request, id, kind), wanted, draw);
    await natGateways.put(tx, next);
    return next;
  });
  return { NatGatewayId: row.id, NatGatewayAddresses: natAddressesOf(row) };
}

async function drop(request: ServiceRequest, id: string, kind: NatGateway['connectivity'], which: (row: NatGateway) => NatAddress[]) {
  const row = await request.store.write(async (tx) => {
    const present = await requireAvailable(tx, request, id, kind);
    const next = await dropAddresses(tx, present, which(present));
    await natGateways.put(tx, next);
    return next;
  });
  return { NatGatewayId: row.id, NatGatewayAddresses: natAddressesOf(row) };
}

async function requireAvailable(
  tx: WriteTransaction,
  request: ServiceRequest,
  id: string,
  kind: NatGateway['connectivity'],
): Promise<NatGateway> {
  const row = await requireResource(tx, request, natGatewayType, id);
  if (row.state !== 'available') throw incorrectState(`The NAT gateway '${id}' is ${row.state}.`);
  if (row.connectivity !== kind) throw invalidParameterValue(`The NAT gateway '${id}' is ${row.connectivity}, not ${kind}.`);
  return row;
}
