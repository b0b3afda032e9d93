/** How the capacity of a table or an index scales in one region: Application Auto Scaling keeps it, and is asked as the caller. */

import type { ScalableDimension, ServiceNamespace } from '@aws-sdk/client-application-auto-scaling';
import type { AutoScalingPolicyUpdate, AutoScalingSettingsDescription, AutoScalingSettingsUpdate } from '@aws-sdk/client-dynamodb';
import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { validationException } from '../errors.ts';

/** One kind of capacity of a table, or of one of its global indexes. */
export type ScaledCapacity = { table: string; index?: string | undefined; kind: 'Read' | 'Write' };

type Place = { ServiceNamespace: ServiceNamespace; ResourceId: string; ScalableDimension: ScalableDimension };

const placeOf = ({ table, index, kind }: ScaledCapacity): Place => ({
  ServiceNamespace: 'dynamodb',
  ResourceId: index === undefined ? `table/${table}` : `table/${table}/index/${index}`,
  ScalableDimension: `dynamodb:${index === undefined ? 'table' : 'index'}:${kind}CapacityUnits`,
});

/** Application Auto Scaling of a region, called as who asked. */
export const scalingIn = (request: ServiceRequest, region: string): Aws['applicationAutoScaling'] =>
  request.awsAs(request.principal, { account: request.account, region }).applicationAutoScaling;

/** What scales of a table and its indexes in one region; of a capacity that does not scale it says so. */
export async function scalingOf(
  scaling: Aws['applicationAutoScaling'],
  table: string,
  indexes: readonly string[],
): Promise<(capacity: Omit<ScaledCapacity, 'table'>) => AutoScalingSettingsDescription> {
  const ids = [`table/${table}`, ...indexes.map((index) => `table/${table}/index/${index}`)];
  const { ScalableTargets: targets = [] } = await scaling('DescribeScalableTargets', { ServiceNamespace: 'dynamodb', ResourceIds: ids });
  const policies = await Promise.all(
    ids.map(
      async (ResourceId) => (await scaling('DescribeScalingPolicies', { ServiceNamespace: 'dynamodb', ResourceId })).ScalingPolicies!,
    ),
  );
  return (capacity) => {
    const { ResourceId, ScalableDimension } = placeOf({ ...capacity, table });
    const isMeant = (one: { ResourceId: string | undefined; ScalableDimension: string | undefined }): boolean =>
      one.ResourceId === ResourceId && one.ScalableDimension === ScalableDimension;
    const target = targets.find(isMeant);
    if (!target) return { AutoScalingDisabled: true };
    const own = policies.flat().filter(isMeant);
    return {
      MinimumUnits: target.MinCapacity,
      MaximumUnits: target.MaxCapacity,
      AutoScalingDisabled: false,
      AutoScalingRoleArn: target.RoleARN,
      ...(own.length > 0 && {
        ScalingPolicies: own.map(({ PolicyName, TargetTrackingScalingPolicyConfiguration: tracking }) => ({
          PolicyName,
          TargetTrackingScalingPolicyConfiguration: {
            TargetValue: tracking!.TargetValue,
            ...(tracking!.DisableScaleIn !== undefined && { DisableScaleIn: tracking!.DisableScaleIn }),
            ...(tracking!.ScaleInCooldown !== undefined && { ScaleInCooldown: tracking!.ScaleInCooldown }),
            ...(tracking!.ScaleOutCooldown !== undefined && { ScaleOutCooldown: tracking!.ScaleOutCooldown }),
          },
        })),
      }),
    };
  };
}

/** Throws ValidationException for settings that say nothing that could be done. */
export function checkScaling(update: AutoScalingSettingsUpdate | undefined): void {
  if (!update) return;
  const { MinimumUnits: min, MaximumUnits: max, AutoScalingDisabled: isDisabled, AutoScalingRoleArn, ScalingPolicyUpdate: policy } = update;
  if (AutoScalingRoleArn !== undefined && !AutoScalingRoleArn.includes(':role/aws-service-role/'))
    throw notImplemented('dynamodb:AutoScalingSettingsUpdate with AutoScalingRoleArn');
  if (isDisabled && (min !== undefined || max !== undefined || policy))
    throw validationException('Auto scaling settings cannot be specified when auto scaling is disabled');
  if (!isDisabled && min === undefined && max === undefined && !policy)
    throw validationException('MinimumUnits, MaximumUnits or ScalingPolicyUpdate must be specified for auto scaling settings');
}

/** Makes a capacity scale as asked, or scale no more. */
export async function changeScaling(
  scaling: Aws['applicationAutoScaling'],
  capacity: ScaledCapacity,
  update: AutoScalingSettingsUpdate,
): Promise<void> {
  const place = placeOf(capacity);
  if (update.AutoScalingDisabled) {
    await unlessAbsent(scaling('DeregisterScalableTarget', place));
    return;
  }
  if (update.MinimumUnits !== undefined || update.MaximumUnits !== undefined)
    await scaling('RegisterScalableTarget', { ...place, MinCapacity: update.MinimumUnits, MaxCapacity: update.MaximumUnits });
  if (update.ScalingPolicyUpdate) await changePolicy(scaling, capacity, place, update.ScalingPolicyUpdate);
}

/** There is one policy for each capacity: it keeps its name unless it is given another. */
async function changePolicy(
  scaling: Aws['applicationAutoScaling'],
  { kind }: ScaledCapacity,
  place: Place,
  { PolicyName, TargetTrackingScalingPolicyConfiguration: tracking }: AutoScalingPolicyUpdate,
): Promise<void> {
  const metric = `DynamoDB${kind}CapacityUtilization` as const;
  const { ScalingPolicies: present = [] } = await scaling('DescribeScalingPolicies', place);
  const former = present[0]?.PolicyName;
  const name = PolicyName ?? former ?? `${metric}:${place.ResourceId}`;
  if (former !== undefined && former !== name) await scaling('DeleteScalingPolicy', { ...place, PolicyName: former });
  await scaling('PutScalingPolicy', {
    ...place,
    PolicyName: name,
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      ...tracking!,
      TargetValue: tracking!.TargetValue!,
      PredefinedMetricSpecification: { PredefinedMetricType: metric },
    },
  });
}

async function unlessAbsent(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ObjectNotFoundException') throw error;
  }
}
