/** DescribeScalingActivities. */

import type { ScalableDimension, ScalingActivity, ServiceNamespace } from '@aws-sdk/client-application-auto-scaling';
import { validationException } from '../errors.ts';
import { activityMilliseconds } from '../limits.ts';
import { pageOf } from '../paging.ts';
import type { Operation } from '../sdk.ts';
import { checkNamespace } from '../scalable-targets/target.ts';
import { activities } from '../tables.ts';
import type { Activity } from './activity.ts';

/** The latest first. */
export const DescribeScalingActivities: Operation<'DescribeScalingActivities'> = async (request, input) => {
  checkNamespace('DescribeScalingActivities', input.ServiceNamespace);
  const { account, region, now } = request;
  const { ResourceId: resource, ScalableDimension: dimension, ServiceNamespace: namespace } = input;
  if (dimension !== undefined && resource === undefined) throw validationException('ResourceId must be given with ScalableDimension');
  const found = await request.store.read((tx) => activities.scan(tx, [account, region, namespace!], { reverse: true }));
  const wanted = found
    .map(({ row }) => row)
    .filter(
      (row) =>
        (resource === undefined || row.resource === resource) &&
        (dimension === undefined || row.dimension === dimension) &&
        row.started > now - activityMilliseconds,
    );
  const { page, NextToken } = pageOf(wanted, (row) => row.id, input);
  return { ScalingActivities: page.map(describe), ...(NextToken !== undefined && { NextToken }) };
};

function describe({ id, namespace, resource, dimension, started, description, cause, failure }: Activity): ScalingActivity {
  return {
    ActivityId: id,
    ServiceNamespace: namespace as ServiceNamespace,
    ResourceId: resource,
    ScalableDimension: dimension as ScalableDimension,
    Description: description,
    Cause: cause,
    StartTime: new Date(started),
    EndTime: new Date(started),
    StatusCode: failure === undefined ? 'Successful' : 'Failed',
    StatusMessage: failure ?? 'Successfully applied. Change successfully fulfilled by dynamodb.',
  };
}
