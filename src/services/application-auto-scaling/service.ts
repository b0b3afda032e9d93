/** Application Auto Scaling: capacity of DynamoDB's tables and indexes follows its use. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { onAll, onTagged, onTarget } from './authorize.ts';
import * as targetOperations from './scalable-targets/operations.ts';
import { DescribeScalingActivities } from './scaling-activities/operations.ts';
import * as policyOperations from './scaling-policies/operations.ts';
import { scaler } from './scaling/scaler.ts';
import type { ApplicationAutoScaling } from './sdk.ts';
import * as tables from './tables.ts';
import { ListTagsForResource, TagResource, UntagResource } from './tags/operations.ts';

export const service = defineService<ApplicationAutoScaling>({
  name: 'application-auto-scaling',
  tables: Object.values(tables),
  operations: {
    ...targetOperations,
    ...policyOperations,
    ...{ DescribeScalingActivities, TagResource, UntagResource, ListTagsForResource },
  },
  authorize: {
    RegisterScalableTarget: onTarget('RegisterScalableTarget'),
    DeregisterScalableTarget: onTarget('DeregisterScalableTarget'),
    PutScalingPolicy: onTarget('PutScalingPolicy'),
    DeleteScalingPolicy: onTarget('DeleteScalingPolicy'),
    DescribeScalableTargets: onAll('DescribeScalableTargets'),
    DescribeScalingPolicies: onAll('DescribeScalingPolicies'),
    DescribeScalingActivities: onAll('DescribeScalingActivities'),
    TagResource: onTagged('TagResource'),
    UntagResource: onTagged('UntagResource'),
    ListTagsForResource: onTagged('ListTagsForResource'),
  },
  reconcilers: [scaler],
});
