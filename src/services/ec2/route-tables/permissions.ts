/** What the operations on route tables ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { subnetType } from '../subnets/subnet.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { routeTableType } from './route-table.ts';

const onTable = on<{ RouteTableId: string }>((input) => [[routeTableType, input.RouteTableId]]);

export const routeTablePermissions: ServiceDefinition<Ec2>['authorize'] = {
  AssociateRouteTable: on((input) => [
    [routeTableType, input.RouteTableId],
    [subnetType, input.SubnetId],
  ]),
  CreateRoute: onTable,
  CreateRouteTable: creating(routeTableType, (input) => [[vpcType, input.VpcId]]),
  DeleteRoute: onTable,
  DeleteRouteTable: onTable,
  DescribeRouteTables: anywhere,
  DisassociateRouteTable: anywhere,
  ReplaceRoute: onTable,
  ReplaceRouteTableAssociation: onTable,
};
