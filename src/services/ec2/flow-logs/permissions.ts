/** What the operations on flow logs ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { networkInterfaceType } from '../network-interfaces/network-interface.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { subnetType } from '../subnets/subnet.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { flowLogType } from './flow-log.ts';

const types = { VPC: vpcType, Subnet: subnetType, NetworkInterface: networkInterfaceType } as const;

export const flowLogPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateFlowLogs: creating(flowLogType, ({ ResourceType: type, ResourceIds: ids }) =>
    Object.hasOwn(types, type) ? [[types[type as keyof typeof types], ids]] : [],
  ),
  DeleteFlowLogs: on((input) => [[flowLogType, input.FlowLogIds]]),
  DescribeFlowLogs: anywhere,
};
