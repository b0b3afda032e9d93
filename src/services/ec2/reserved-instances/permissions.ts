/** What the operations on reserved instances ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';

export const reservedPermissions: ServiceDefinition<Ec2>['authorize'] = {
  DescribeReservedInstancesOfferings: anywhere,
  PurchaseReservedInstancesOffering: anywhere,
  DescribeReservedInstances: anywhere,
  ModifyReservedInstances: anywhere,
  DescribeReservedInstancesModifications: anywhere,
  DeleteQueuedReservedInstances: anywhere,
  CreateReservedInstancesListing: anywhere,
  DescribeReservedInstancesListings: anywhere,
};
