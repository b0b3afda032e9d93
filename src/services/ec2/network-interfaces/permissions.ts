/** What the operations on network interfaces ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { instanceType } from '../instances/instance.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { securityGroupType } from '../security-groups/security-group.ts';
import { subnetType } from '../subnets/subnet.ts';
import { networkInterfaceType } from './network-interface.ts';

const onInterface = on<{ NetworkInterfaceId: string }>((input) => [[networkInterfaceType, input.NetworkInterfaceId]]);

export const networkInterfacePermissions: ServiceDefinition<Ec2>['authorize'] = {
  AttachNetworkInterface: on((input) => [
    [networkInterfaceType, input.NetworkInterfaceId],
    [instanceType, input.InstanceId],
  ]),
  AssignIpv6Addresses: onInterface,
  AssignPrivateIpAddresses: onInterface,
  CreateNetworkInterface: creating(networkInterfaceType, (input) => [
    [subnetType, input.SubnetId],
    [securityGroupType, input.Groups],
  ]),
  DeleteNetworkInterface: onInterface,
  DescribeNetworkInterfaceAttribute: onInterface,
  DescribeNetworkInterfaces: anywhere,
  DetachNetworkInterface: anywhere,
  ModifyNetworkInterfaceAttribute: on((input) => [
    [networkInterfaceType, input.NetworkInterfaceId],
    [securityGroupType, input.Groups],
  ]),
  ResetNetworkInterfaceAttribute: onInterface,
  UnassignIpv6Addresses: onInterface,
  UnassignPrivateIpAddresses: onInterface,
};
