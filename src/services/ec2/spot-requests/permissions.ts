/** What the operations on spot requests and spot prices ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { securityGroupType } from '../security-groups/security-group.ts';
import { subnetType } from '../subnets/subnet.ts';
import { spotRequestType } from './spot-request.ts';

export const spotPermissions: ServiceDefinition<Ec2>['authorize'] = {
  RequestSpotInstances: creating(spotRequestType, (input) => [
    [subnetType, input.LaunchSpecification?.SubnetId],
    [securityGroupType, input.LaunchSpecification?.SecurityGroupIds],
  ]),
  DescribeSpotInstanceRequests: anywhere,
  CancelSpotInstanceRequests: on<{ SpotInstanceRequestIds: string[] }>((input) => [[spotRequestType, input.SpotInstanceRequestIds]]),
  DescribeSpotPriceHistory: anywhere,
};
