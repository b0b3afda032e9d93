/** What the operations on capacity reservations and dedicated hosts ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { hostType } from '../hosts/host.ts';
import { instanceType } from '../instances/instance.ts';
import { anywhere, creating, on } from '../permissions.ts';
import { placementGroupType } from '../placement-groups/placement-group.ts';
import type { Ec2 } from '../sdk.ts';
import { capacityReservationType } from './capacity-reservation.ts';

const onReservation = on<{ CapacityReservationId: string }>((input) => [[capacityReservationType, input.CapacityReservationId]]);
const onHosts = on<{ HostIds: string[] }>((input) => [[hostType, input.HostIds]]);

export const capacityPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateCapacityReservation: creating(
    capacityReservationType,
    () => [],
    (input) => ({ 'ec2:InstanceType': input.InstanceType, 'ec2:InstancePlatform': input.InstancePlatform }),
  ),
  DescribeCapacityReservations: anywhere,
  ModifyCapacityReservation: onReservation,
  CancelCapacityReservation: onReservation,
  GetCapacityReservationUsage: onReservation,
  ModifyInstanceCapacityReservationAttributes: on((input) => [
    [instanceType, input.InstanceId],
    [capacityReservationType, input.CapacityReservationSpecification?.CapacityReservationTarget?.CapacityReservationId],
  ]),
  AllocateHosts: creating(
    hostType,
    () => [],
    (input) => ({ 'ec2:InstanceType': input.InstanceType, 'ec2:AutoPlacement': input.AutoPlacement ?? 'on' }),
  ),
  DescribeHosts: anywhere,
  ModifyHosts: onHosts,
  ReleaseHosts: onHosts,
  ModifyInstancePlacement: on((input) => [
    [instanceType, input.InstanceId],
    [hostType, input.HostId],
    [placementGroupType, input.GroupId],
  ]),
};
