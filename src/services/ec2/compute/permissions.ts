/** The permissions of machines, their images and their volumes, gathered for the contents page. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { capacityPermissions } from '../capacity-reservations/permissions.ts';
import { ebsEncryptionPermissions } from '../ebs-encryption/permissions.ts';
import { fleetPermissions } from '../fleets/permissions.ts';
import { imagePermissions, instancePermissions } from '../instances/permissions.ts';
import { keyPairPermissions } from '../key-pairs/permissions.ts';
import { launchTemplatePermissions } from '../launch-templates/permissions.ts';
import { anywhere } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';
import { placementGroupPermissions } from '../placement-groups/permissions.ts';
import { reservedPermissions } from '../reserved-instances/permissions.ts';
import { spotFleetPermissions } from '../spot-fleets/permissions.ts';
import { spotPermissions } from '../spot-requests/permissions.ts';
import { volumePermissions } from '../volumes/permissions.ts';

export const computePermissions: ServiceDefinition<Ec2>['authorize'] = {
  DescribeInstanceTypes: anywhere,
  DescribeInstanceTypeOfferings: anywhere,
  ...keyPairPermissions,
  ...placementGroupPermissions,
  ...launchTemplatePermissions,
  ...imagePermissions,
  ...instancePermissions,
  ...spotPermissions,
  ...{ ...fleetPermissions, ...spotFleetPermissions },
  ...capacityPermissions,
  ...reservedPermissions,
  ...volumePermissions,
  ...ebsEncryptionPermissions,
};
