/** How the direct API asks to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticblockstore.html */

import type { Authorizer, Check, ConditionContext } from '../../framework/authorization.ts';
import { snapshotArn, snapshots } from '../../framework/ebs-snapshots/snapshot.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { requestTagContext, resourceTagContext, tagsOf } from '../../framework/tags.ts';
import type { Input } from './sdk.ts';

async function checkOn(request: ServiceRequest, id: string, context: ConditionContext = {}): Promise<Check> {
  const row = await request.store.read((tx) => snapshots.find(tx, 'id', request.region, id));
  return {
    ...{ action: `ebs:${request.operation}`, resource: snapshotArn(request.region, id) },
    context: { ...resourceTagContext(row?.tags ?? []), ...context },
  };
}

export const onSnapshot: Authorizer<{ SnapshotId: string }> = async (request, input) => [await checkOn(request, input.SnapshotId)];

export const onBothSnapshots: Authorizer<Input<'ListChangedBlocks'>> = async (request, input) => {
  const checks = [await checkOn(request, input.SecondSnapshotId)];
  if (input.FirstSnapshotId !== undefined) checks.push(await checkOn(request, input.FirstSnapshotId));
  return checks;
};

export const onStart: Authorizer<Input<'StartSnapshot'>> = async (request, input) => {
  const tags = tagsOf(input.Tags);
  const resource = snapshotArn(request.region, '*');
  const tagContext = requestTagContext(tags);
  const context = {
    ...tagContext,
    'ebs:VolumeSize': String(input.VolumeSize),
    ...(input.Description !== undefined && { 'ebs:Description': input.Description }),
    ...(input.ParentSnapshotId !== undefined && { 'ebs:ParentSnapshot': snapshotArn(request.region, input.ParentSnapshotId) }),
  };
  const start: Check = { action: 'ebs:StartSnapshot', resource, context };
  const tagging: Check = { action: 'ec2:CreateTags', resource, context: { ...tagContext, 'ec2:CreateAction': 'StartSnapshot' } };
  return tags.length > 0 ? [start, tagging] : [start];
};
