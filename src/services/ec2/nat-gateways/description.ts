/** NAT gateways as calls show them. */

import { tagSet } from '../tags/tag-specifications.ts';
import type { NatAddress, NatGateway } from './nat-gateway.ts';

export function natAddressesOf(row: NatGateway) {
  const first: NatAddress = {
    privateAddress: row.privateAddress,
    ...(row.allocation !== undefined && { allocation: row.allocation, association: row.association!, publicAddress: row.publicAddress! }),
  };
  return [first, ...(row.secondary ?? [])].map((one, at) => ({
    ...{ NetworkInterfaceId: row.networkInterface, PrivateIp: one.privateAddress, IsPrimary: at === 0 },
    Status: row.state === 'pending' ? ('associating' as const) : ('succeeded' as const),
    ...(one.allocation !== undefined && { AllocationId: one.allocation, PublicIp: one.publicAddress!, AssociationId: one.association! }),
  }));
}

export function natGatewayOf(row: NatGateway) {
  return {
    ...{ NatGatewayId: row.id, VpcId: row.vpc, SubnetId: row.subnet, State: row.state, CreateTime: new Date(row.created) },
    ConnectivityType: row.connectivity,
    NatGatewayAddresses: natAddressesOf(row),
    ...(row.deletedAt !== undefined && { DeleteTime: new Date(row.deletedAt) }),
    ...(row.failure && { FailureCode: row.failure.code, FailureMessage: row.failure.message }),
    ...tagSet(row),
  };
}
