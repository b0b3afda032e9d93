/** RegisterScalableTarget, DescribeScalableTargets, DeregisterScalableTarget. */

import type { ScalableTarget } from '@aws-sdk/client-application-auto-scaling';
import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import { rootUser } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { validationException } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Input, Operation } from '../sdk.ts';
import { observations, policies, targets } from '../tables.ts';
import { checkTags } from '../tags/operations.ts';
import { describeScaled, placeOf, type Scaled } from './scaled.ts';
import {
  checkNamespace,
  linkedService,
  partsOf,
  requireTarget,
  roleArn,
  scaledOf,
  targetArn,
  type Suspended,
  type Target,
} from './target.ts';

export const RegisterScalableTarget: Operation<'RegisterScalableTarget'> = async (request, input) => {
  const scaled = scaledOf('RegisterScalableTarget', input);
  const { MinCapacity: min, MaxCapacity: max } = input;
  if (input.RoleARN !== undefined && input.RoleARN !== roleArn(request.account))
    throw notImplemented('application-autoscaling:RegisterScalableTarget with RoleARN');
  const tags = checkTags(input.Tags ?? {});
  await requireResource(request, scaled);
  await provideRole(request);
  const { account, region, now } = request;
  const id = request.random.text(34, '0123456789abcdefghijklmnopqrstuvwxyz');
  const target = await request.store.write(async (tx) => {
    const present = await targets.get(tx, ...placeOf({ account, region, ...scaled }));
    if (!present && (min === undefined || max === undefined))
      throw validationException('MinCapacity and MaxCapacity are required when a new scalable target is registered');
    const made: Target = present ?? { account, region, ...scaled, id, min: min!, max: max!, created: now, suspended: {}, tags };
    const next = { ...made, min: min ?? made.min, max: max ?? made.max, suspended: { ...made.suspended, ...suspendedOf(input) } };
    if (next.min > next.max) throw validationException('Maximum capacity cannot be less than minimum capacity');
    if (next.min < 1) throw validationException('Minimum capacity cannot be less than 1 for DynamoDB');
    await targets.put(tx, next);
    return next;
  });
  return { ScalableTargetARN: targetArn(target) };
};

function suspendedOf({ SuspendedState: given }: Input<'RegisterScalableTarget'>): Suspended {
  const { DynamicScalingInSuspended: inwards, DynamicScalingOutSuspended: out, ScheduledScalingSuspended: scheduled } = given ?? {};
  return {
    ...(inwards !== undefined && { in: inwards }),
    ...(out !== undefined && { out }),
    ...(scheduled !== undefined && { scheduled }),
  };
}

/** As the caller, who has to be allowed to look at the table. */
async function requireResource(request: ServiceRequest, scaled: Scaled): Promise<void> {
  const { table, index } = partsOf(scaled);
  try {
    const { Table } = await request.aws.dynamodb('DescribeTable', { TableName: table });
    if (index !== undefined && !Table!.GlobalSecondaryIndexes?.some(({ IndexName }) => IndexName === index))
      throw validationException(`DynamoDB index does not exist: ${scaled.resource}`);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
    throw validationException(`DynamoDB table does not exist: ${scaled.resource}`);
  }
}

/** The role under which tables are scaled is made with the first target. */
async function provideRole(request: ServiceRequest): Promise<void> {
  const { account, region } = request;
  const { iam } = request.awsAs(rootUser(account), { account, region });
  try {
    await iam('GetRole', { RoleName: roleArn(account).split('/').at(-1)! });
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'NoSuchEntity') throw error;
    await iam('CreateServiceLinkedRole', { AWSServiceName: linkedService });
  }
}

export const DescribeScalableTargets: Operation<'DescribeScalableTargets'> = async (request, input) => {
  checkNamespace('DescribeScalableTargets', input.ServiceNamespace);
  const { account, region } = request;
  const { ResourceIds: ids, ScalableDimension: dimension } = input;
  if (dimension !== undefined && !ids) throw validationException('ResourceIds must be given with ScalableDimension');
  const found = await request.store.read((tx) => targets.scan(tx, [account, region, input.ServiceNamespace!]));
  const wanted = found
    .map(({ row }) => row)
    .filter((row) => (!ids || ids.includes(row.resource)) && (dimension === undefined || row.dimension === dimension));
  const { page, NextToken } = pageOf(wanted, (row) => `${row.resource} ${row.dimension}`, input);
  return { ScalableTargets: page.map(describe), ...(NextToken !== undefined && { NextToken }) };
};

function describe(target: Target): ScalableTarget {
  const { min, max, created, suspended, account } = target;
  return {
    ...describeScaled(target),
    MinCapacity: min,
    MaxCapacity: max,
    RoleARN: roleArn(account),
    CreationTime: new Date(created),
    SuspendedState: {
      DynamicScalingInSuspended: suspended.in ?? false,
      DynamicScalingOutSuspended: suspended.out ?? false,
      ScheduledScalingSuspended: suspended.scheduled ?? false,
    },
    ScalableTargetARN: targetArn(target),
  };
}

/** Its policies go with it. */
export const DeregisterScalableTarget: Operation<'DeregisterScalableTarget'> = async (request, input) => {
  const scaled = scaledOf('DeregisterScalableTarget', input);
  const { account, region } = request;
  const place = placeOf({ account, region, ...scaled });
  await request.store.write(async (tx) => {
    await requireTarget(tx, account, region, scaled);
    for (const { row } of await policies.scan(tx, place)) await policies.delete(tx, ...place, row.name);
    await observations.delete(tx, ...place);
    await targets.delete(tx, ...place);
  });
  return {};
};
