/** What the operations on elastic addresses ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { networkInterfaceType } from '../network-interfaces/network-interface.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { elasticAddressType } from './address.ts';

export const addressPermissions: ServiceDefinition<Ec2>['authorize'] = {
  // An address that is offered is another account's still.
  AcceptAddressTransfer: creating(elasticAddressType),
  AllocateAddress: creating(elasticAddressType),
  AssociateAddress: on((input) => [
    [elasticAddressType, input.AllocationId],
    [networkInterfaceType, input.NetworkInterfaceId],
  ]),
  DescribeAddresses: anywhere,
  DescribeAddressTransfers: anywhere,
  DisableAddressTransfer: on((input) => [[elasticAddressType, input.AllocationId]]),
  EnableAddressTransfer: on((input) => [[elasticAddressType, input.AllocationId]]),
  DescribeAddressesAttribute: anywhere,
  DisassociateAddress: anywhere,
  ReleaseAddress: on((input) => [[elasticAddressType, input.AllocationId]]),
};
