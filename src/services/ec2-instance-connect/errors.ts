/** The errors of EC2 Instance Connect, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

export const invalidArguments = (message: string): AwsError => new AwsError('InvalidArgsException', message, { status: 400 });
export const instanceNotFound = (): AwsError =>
  new AwsError('EC2InstanceNotFoundException', 'The specified instance was not found.', { status: 400 });
export const instanceStateInvalid = (): AwsError =>
  new AwsError(
    'EC2InstanceStateInvalidException',
    'Unable to connect because the instance is not in a valid state. Connecting to a stopped or terminated instance is not supported. If the instance is stopped, start your instance, and try to connect again.',
    { status: 400 },
  );
export const userNotFound = (user: string): AwsError => invalidArguments(`There is no OS user ${user} on the instance.`);
