/** CloudTrail: the event history of every account. */

import type { Authorizer } from '../../framework/authorization.ts';
import { defineService } from '../../framework/service.ts';
import { LookupEvents } from './events/lookup-events.ts';
import type { CloudTrailSdk } from './sdk.ts';
import { DescribeTrails, GetTrail, GetTrailStatus, ListTrails } from './trails/operations.ts';

/** Actions on no resource. */
const onAll =
  (action: string): Authorizer<unknown> =>
  () => [{ action: `cloudtrail:${action}`, resource: '*' }];

const onTrail =
  (action: string): Authorizer<{ Name: string }> =>
  ({ region, account }, { Name }) => [
    { action: `cloudtrail:${action}`, resource: Name.startsWith('arn:') ? Name : `arn:aws:cloudtrail:${region}:${account}:trail/${Name}` },
  ];

export const service = defineService<CloudTrailSdk>({
  name: 'cloudtrail',
  operations: { DescribeTrails, GetTrail, GetTrailStatus, ListTrails, LookupEvents },
  authorize: {
    DescribeTrails: onAll('DescribeTrails'),
    GetTrail: onTrail('GetTrail'),
    GetTrailStatus: onTrail('GetTrailStatus'),
    ListTrails: onAll('ListTrails'),
    LookupEvents: onAll('LookupEvents'),
  },
});
