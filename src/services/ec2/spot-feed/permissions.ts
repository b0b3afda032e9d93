/** What the operations on the data feed of spot instances ask to be allowed. */

import type { ServiceDefinition } from '../../../framework/service.ts';
import { anywhere } from '../permissions.ts';
import type { Ec2 } from '../sdk.ts';

export const spotFeedPermissions: ServiceDefinition<Ec2>['authorize'] = {
  CreateSpotDatafeedSubscription: anywhere,
  DescribeSpotDatafeedSubscription: anywhere,
  DeleteSpotDatafeedSubscription: anywhere,
};
