/** What a version of a launch template says of a launch: checked when it is made, for what a launch here could not do. */

import type { OperationName } from '../../../framework/operation.ts';
import { missingParameter } from '../errors.ts';
import { checkSettings } from '../instances/launch-settings.ts';
import type { Ec2, Output } from '../sdk.ts';
import type { LaunchTemplateData } from './launch-template.ts';

type Shown = NonNullable<NonNullable<Output<'CreateLaunchTemplateVersion'>['LaunchTemplateVersion']>['LaunchTemplateData']>;

/** Throws NotImplemented for a parameter that RunInstances does not know; whether images and subnets exist is asked at the launch. */
export function checkTemplateData(operation: OperationName<Ec2>, data: LaunchTemplateData | undefined): LaunchTemplateData {
  if (data === undefined) throw missingParameter('LaunchTemplateData');
  checkSettings(data as Parameters<typeof checkSettings>[0], operation);
  return data;
}

/** The answer has the members of the request: the two types differ in their names alone. */
export const shownData = (data: LaunchTemplateData): Shown => data as Shown;
