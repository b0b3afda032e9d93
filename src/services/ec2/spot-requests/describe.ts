/** DescribeSpotInstanceRequests, and how requests are shown. */

import type { ReadTransaction } from '../../../store/store.ts';
import { zoneNamed } from '../../../framework/regions.ts';
import { describeWith } from '../describe.ts';
import type { Filters } from '../filters.ts';
import { userData } from '../instances/instance.ts';
import { securityGroups } from '../security-groups/security-group.ts';
import type { Operation, Output } from '../sdk.ts';
import { tagSet } from '../tags/tag-specifications.ts';
import { maximumOf, spotRequestType, type SpotRequest } from './spot-request.ts';
import { priceText } from '../spot-market/pools.ts';

type Shown = NonNullable<Output<'DescribeSpotInstanceRequests'>['SpotInstanceRequests']>[number];
type ShownRequest = SpotRequest & { groups: { GroupId: string; GroupName: string }[]; data?: string };

/** With its groups' names and its user data. */
export async function completeRequest(tx: ReadTransaction, row: SpotRequest): Promise<ShownRequest> {
  const groups = [];
  for (const id of row.launch.SecurityGroupIds ?? []) {
    const found = await securityGroups.get(tx, row.account, row.region, id);
    groups.push({ GroupId: id, GroupName: found?.name ?? '' });
  }
  const data = (await userData.get(tx, row.id))?.data;
  return { ...row, groups, ...(data !== undefined && { data }) };
}

export function spotRequestOf(row: ShownRequest): Shown {
  const { launch, status } = row;
  const { Placement: placement } = launch;
  return {
    ...{ SpotInstanceRequestId: row.id, CreateTime: new Date(row.created), Type: row.type, State: row.state },
    Status: { Code: status.code, Message: status.message, UpdateTime: new Date(status.at) },
    SpotPrice: priceText(maximumOf(row)),
    ...{ InstanceInterruptionBehavior: row.behavior, ProductDescription: 'Linux/UNIX' as const },
    ...(row.instance !== undefined && { InstanceId: row.instance }),
    ...(row.zone !== undefined && {
      LaunchedAvailabilityZone: row.zone,
      LaunchedAvailabilityZoneId: zoneNamed(row.region, row.zone)!.id,
    }),
    ...(row.validFrom !== undefined && { ValidFrom: new Date(row.validFrom) }),
    ...(row.validUntil !== undefined && { ValidUntil: new Date(row.validUntil) }),
    ...(row.fault && { Fault: { Code: row.fault.code, Message: row.fault.message } }),
    LaunchSpecification: {
      ...(launch.BlockDeviceMappings && { BlockDeviceMappings: launch.BlockDeviceMappings }),
      ...(launch.EbsOptimized !== undefined && { EbsOptimized: launch.EbsOptimized }),
      ...(launch.IamInstanceProfile && { IamInstanceProfile: launch.IamInstanceProfile }),
      ...{ ImageId: launch.ImageId, InstanceType: launch.InstanceType as never },
      ...(launch.KeyName !== undefined && { KeyName: launch.KeyName }),
      ...{ Monitoring: { Enabled: launch.Monitoring?.Enabled ?? false }, SecurityGroups: row.groups },
      ...(launch.NetworkInterfaces && { NetworkInterfaces: launch.NetworkInterfaces }),
      ...(placement && { Placement: { AvailabilityZone: placement.AvailabilityZone, GroupName: placement.GroupName } }),
      ...(launch.SubnetId !== undefined && { SubnetId: launch.SubnetId }),
      ...(row.data !== undefined && { UserData: row.data }),
    },
    ...tagSet(row),
  };
}

const dateText = (time: number | undefined): string | undefined => (time === undefined ? undefined : new Date(time).toISOString());

const filters: Filters<ShownRequest> = {
  'create-time': (row) => dateText(row.created),
  'fault-code': (row) => row.fault?.code,
  'fault-message': (row) => row.fault?.message,
  'instance-id': (row) => row.instance,
  'launch.group-id': (row) => row.groups.map((group) => group.GroupId),
  'launch.group-name': (row) => row.groups.map((group) => group.GroupName),
  'launch.image-id': (row) => row.launch.ImageId,
  'launch.instance-type': (row) => row.launch.InstanceType,
  'launch.key-name': (row) => row.launch.KeyName,
  'launch.monitoring-enabled': (row) => row.launch.Monitoring?.Enabled ?? false,
  'launched-availability-zone': (row) => row.zone,
  'network-interface.subnet-id': (row) => row.launch.NetworkInterfaces?.map((one) => one.SubnetId),
  'product-description': () => 'Linux/UNIX',
  'spot-instance-request-id': (row) => row.id,
  'spot-price': (row) => priceText(maximumOf(row)),
  state: (row) => row.state,
  'status-code': (row) => row.status.code,
  'status-message': (row) => row.status.message,
  type: (row) => row.type,
  'valid-from': (row) => dateText(row.validFrom),
  'valid-until': (row) => dateText(row.validUntil),
};

export const DescribeSpotInstanceRequests: Operation<'DescribeSpotInstanceRequests'> = async (request, input) => {
  const { rows, next } = await describeWith(request, input, {
    ...{ type: spotRequestType, ids: input.SpotInstanceRequestIds, filters, complete: completeRequest },
  });
  return { SpotInstanceRequests: rows.map(spotRequestOf), ...next };
};
