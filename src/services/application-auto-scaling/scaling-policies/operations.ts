/** PutScalingPolicy, DescribeScalingPolicies, DeleteScalingPolicy. */

import type { ScalingPolicy } from '@aws-sdk/client-application-auto-scaling';
import { noPolicy, validationException } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Operation } from '../sdk.ts';
import { describeScaled, placeOf } from '../scalable-targets/scaled.ts';
import { meantBy, requireTarget, scaledOf } from '../scalable-targets/target.ts';
import { policies } from '../tables.ts';
import { checkPolicy, policyArn, type Policy } from './policy.ts';

/** AWS makes two CloudWatch alarms for each policy; here the scaler looks by itself, so none are told. */
export const PutScalingPolicy: Operation<'PutScalingPolicy'> = async (request, input) => {
  const scaled = scaledOf('PutScalingPolicy', input);
  const tracking = checkPolicy(scaled, input);
  const { account, region, now } = request;
  const [id, name] = [request.random.uuid(), input.PolicyName!];
  const policy = await request.store.write(async (tx) => {
    await requireTarget(tx, account, region, scaled);
    const others = await policies.scan(tx, placeOf({ account, region, ...scaled }));
    if (others.some(({ row }) => row.name !== name))
      throw validationException('Only one TargetTrackingScaling policy for a given metric specification is allowed.');
    const made: Policy = { ...(others[0]?.row ?? { account, region, ...scaled, name, id, created: now }), tracking };
    await policies.put(tx, made);
    return made;
  });
  return { PolicyARN: policyArn(policy), Alarms: [] };
};

export const DescribeScalingPolicies: Operation<'DescribeScalingPolicies'> = async (request, input) => {
  const isMeant = meantBy('DescribeScalingPolicies', input);
  const { account, region } = request;
  const { PolicyNames: names } = input;
  const found = await request.store.read((tx) => policies.scan(tx, [account, region, input.ServiceNamespace!]));
  const wanted = found
    .map(({ row }) => row)
    .filter((row) => isMeant(row) && (!names || names.includes(row.name) || names.includes(policyArn(row))));
  const { page, NextToken } = pageOf(wanted, policyArn, input);
  return { ScalingPolicies: page.map(describe), ...(NextToken !== undefined && { NextToken }) };
};

function describe(policy: Policy): ScalingPolicy {
  const { name, created, tracking } = policy;
  return {
    PolicyARN: policyArn(policy),
    PolicyName: name,
    ...describeScaled(policy),
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: tracking,
    Alarms: [],
    CreationTime: new Date(created),
  };
}

export const DeleteScalingPolicy: Operation<'DeleteScalingPolicy'> = async (request, input) => {
  const scaled = scaledOf('DeleteScalingPolicy', input);
  const { account, region } = request;
  const key = [...placeOf({ account, region, ...scaled }), input.PolicyName!];
  await request.store.write(async (tx) => {
    if (!(await policies.get(tx, ...key))) throw noPolicy(scaled, input.PolicyName!);
    await policies.delete(tx, ...key);
  });
  return {};
};
