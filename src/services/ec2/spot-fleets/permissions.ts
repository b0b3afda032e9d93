/** What the operations on spot fleets ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { launchTemplateType } from '../launch-templates/launch-template.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2, Input } from '../sdk.ts';
import { spotFleetType } from './spot-fleet.ts';

const onSpotFleet = on<{ SpotFleetRequestId: string }>((input) => [[spotFleetType, input.SpotFleetRequestId]]);

const onConfig = creating<Input<'RequestSpotFleet'>['SpotFleetRequestConfig']>(spotFleetType, ({ LaunchTemplateConfigs = [] }) => [
  [
    launchTemplateType,
    LaunchTemplateConfigs.map((one) => one.LaunchTemplateSpecification?.LaunchTemplateId).filter((id) => id !== undefined),
  ],
]);

export const spotFleetPermissions: ServiceDefinition<Ec2>['authorize'] = {
  RequestSpotFleet: (request, input: Input<'RequestSpotFleet'>) => onConfig(request, input.SpotFleetRequestConfig),
  ModifySpotFleetRequest: onSpotFleet,
  CancelSpotFleetRequests: on<{ SpotFleetRequestIds: string[] }>((input) => [[spotFleetType, input.SpotFleetRequestIds]]),
  DescribeSpotFleetRequests: anywhere,
  DescribeSpotFleetInstances: onSpotFleet,
  DescribeSpotFleetRequestHistory: onSpotFleet,
};
