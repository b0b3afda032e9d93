/** What the operations on DHCP options ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { dhcpOptionsType } from './dhcp-options.ts';

export const dhcpOptionsPermissions: ServiceDefinition<Ec2>['authorize'] = {
  AssociateDhcpOptions: on((input) => [
    [dhcpOptionsType, input.DhcpOptionsId === 'default' ? undefined : input.DhcpOptionsId],
    [vpcType, input.VpcId],
  ]),
  CreateDhcpOptions: creating(dhcpOptionsType),
  DeleteDhcpOptions: on((input) => [[dhcpOptionsType, input.DhcpOptionsId]]),
  DescribeDhcpOptions: anywhere,
};
