/** What the operations on fleets ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { launchTemplateType } from '../launch-templates/launch-template.ts';
import { anywhere, creating, on } from '../permissions.ts';
import type { Ec2, Input } from '../sdk.ts';
import { fleetType } from './fleet.ts';

const onFleet = on<{ FleetId: string }>((input) => [[fleetType, input.FleetId]]);

export const fleetPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateFleet: creating<Input<'CreateFleet'>>(fleetType, (input) => [
    [
      launchTemplateType,
      (input.LaunchTemplateConfigs ?? []).map((one) => one.LaunchTemplateSpecification?.LaunchTemplateId).filter((id) => id !== undefined),
    ],
  ]),
  ModifyFleet: onFleet,
  DeleteFleets: on<{ FleetIds: string[] }>((input) => [[fleetType, input.FleetIds]]),
  DescribeFleets: anywhere,
  DescribeFleetInstances: onFleet,
  DescribeFleetHistory: onFleet,
  GetSpotPlacementScores: anywhere,
};
