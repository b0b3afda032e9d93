/** DescribeScalingActivities. */

import type { ScalingActivity } from '@aws-sdk/client-application-auto-scaling';
import { activityMilliseconds } from '../limits.ts';
import { pageOf } from '../paging.ts';
import type { Operation } from '../sdk.ts';
import { describeScaled } from '../scalable-targets/scaled.ts';
import { meantBy } from '../scalable-targets/target.ts';
import { activities } from '../tables.ts';
import type { Activity } from './activity.ts';

/** The latest first. */
export const DescribeScalingActivities: Operation<'DescribeScalingActivities'> = async (request, input) => {
  const isMeant = meantBy('DescribeScalingActivities', input);
  const { account, region, now } = request;
  const found = await request.store.read((tx) => activities.scan(tx, [account, region, input.ServiceNamespace!], { reverse: true }));
  const wanted = found.map(({ row }) => row).filter((row) => isMeant(row) && row.started > now - activityMilliseconds);
  const { page, NextToken } = pageOf(wanted, (row) => row.id, input);
  return { ScalingActivities: page.map(describe), ...(NextToken !== undefined && { NextToken }) };
};

function describe(activity: Activity): ScalingActivity {
  const { id, started, description, cause, failure } = activity;
  return {
    ActivityId: id,
    ...describeScaled(activity),
    Description: description,
    Cause: cause,
    StartTime: new Date(started),
    EndTime: new Date(started),
    StatusCode: failure === undefined ? 'Successful' : 'Failed',
    StatusMessage: failure ?? 'Successfully applied. Change successfully fulfilled by dynamodb.',
  };
}
