/** Target tracking policies: keep the use of a capacity at a share of it. */

import type { TargetTrackingScalingPolicyConfiguration } from '@aws-sdk/client-application-auto-scaling';
import { arn } from '../../../framework/arn.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import { validationException } from '../errors.ts';
import { policyNameCharactersMax, targetPercentMax, targetPercentMin } from '../limits.ts';
import type { Input } from '../sdk.ts';
import type { Place, Scaled } from '../scalable-targets/scaled.ts';
import { partsOf } from '../scalable-targets/target.ts';

export type Policy = Place & {
  name: string;
  id: string;
  /** Milliseconds since the epoch. */
  created: number;
  /** As it was given. */
  tracking: TargetTrackingScalingPolicyConfiguration;
};

export const policyArn = ({ account, region, id, namespace, resource, name }: Policy): string =>
  arn('autoscaling', region, account, `scalingPolicy:${id}:resource/${namespace}/${resource}:policyName/${name}`);

/** Throws ValidationException for a policy that DynamoDB does not take. */
export function checkPolicy(scaled: Scaled, input: Input<'PutScalingPolicy'>): TargetTrackingScalingPolicyConfiguration {
  const { PolicyName: name, PolicyType: type, TargetTrackingScalingPolicyConfiguration: tracking } = input;
  if (name!.length < 1 || name!.length > policyNameCharactersMax)
    throw validationException(`The policy name has 1 to ${policyNameCharactersMax} characters`);
  if (type !== 'TargetTrackingScaling' || input.StepScalingPolicyConfiguration || input.PredictiveScalingPolicyConfiguration)
    throw validationException(`Policy type ${type ?? 'StepScaling'} is not supported for the service namespace dynamodb`);
  if (!tracking)
    throw validationException('TargetTrackingScalingPolicyConfiguration is required for the policy type TargetTrackingScaling');
  if (tracking.CustomizedMetricSpecification)
    throw notImplemented('application-autoscaling:PutScalingPolicy with CustomizedMetricSpecification');
  const wanted = `DynamoDB${partsOf(scaled).kind}CapacityUtilization`;
  const metric = tracking.PredefinedMetricSpecification?.PredefinedMetricType;
  if (metric !== wanted)
    throw validationException(`Metric ${metric} does not fit the scalable dimension ${scaled.dimension}: ${wanted} does`);
  const { TargetValue: percent } = tracking;
  if (percent! < targetPercentMin || percent! > targetPercentMax)
    throw validationException(`Target value ${percent} is out of bounds: ${targetPercentMin} to ${targetPercentMax}`);
  return tracking;
}
