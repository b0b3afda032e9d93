/** What the operations on placement groups ask to be allowed. Their ARNs carry the name. */

import type { Authorizer } from '../../../framework/authorization.ts';
import type { ServiceDefinition } from '../../../framework/service.ts';
import { resourceTagContext } from '../../../framework/tags.ts';
import { anywhere, creating } from '../permissions.ts';
import { resourceArn } from '../resource.ts';
import type { Ec2 } from '../sdk.ts';
import { placementGroups, placementGroupType } from './placement-group.ts';

const onGroup: Authorizer<{ GroupName?: string | undefined }> = async (request, { GroupName: name = '*' }) => {
  const row = await request.store.read((tx) => placementGroups.find(tx, 'name', request.account, request.region, name));
  const context = { 'ec2:Region': request.region, 'ec2:PlacementGroupName': name, ...resourceTagContext(row?.tags ?? [], 'ec2') };
  return [{ action: `ec2:${request.operation}`, resource: resourceArn(placementGroupType, request, name), context }];
};

export const placementGroupPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreatePlacementGroup: creating(placementGroupType),
  DescribePlacementGroups: anywhere,
  DeletePlacementGroup: onGroup,
};
