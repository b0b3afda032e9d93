/** The errors of EC2, in AWS's words: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */

import { AwsError, notImplemented } from '../../framework/aws-error.ts';

export const refusal =
  (code: string) =>
  (message: string): AwsError =>
    new AwsError(code, message, { status: 400 });

export const invalidParameter = refusal('InvalidParameter');
export const invalidParameterValue = refusal('InvalidParameterValue');
export const invalidParameterCombination = refusal('InvalidParameterCombination');
export const dependencyViolation = refusal('DependencyViolation');
export const incorrectState = refusal('IncorrectState');
export const operationNotPermitted = refusal('OperationNotPermitted');
export const unsupportedOperation = refusal('UnsupportedOperation');
export const invalidBlockDeviceMapping = refusal('InvalidBlockDeviceMapping');
export const addressInUse = refusal('InvalidIPAddress.InUse');

export const missingParameter = (name: string): AwsError => refusal('MissingParameter')(`The request must contain the parameter ${name}`);

export const dryRunSucceeded = (): AwsError =>
  new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', { status: 412 });

export const filterInvalid = (name: string): AwsError => invalidParameterValue(`The filter '${name}' is invalid`);

/** A resource that others still need. */
export const stillNeeded = (noun: string, id: string): AwsError =>
  dependencyViolation(`The ${noun} '${id}' has dependencies and cannot be deleted.`);

export const limitExceeded = (code: string, message: string): AwsError => new AwsError(code, message, { status: 400 });

/** A parameter that is not built. */
export const notBuilt = (operation: string, parameter: string): AwsError => notImplemented(`ec2:${operation} with ${parameter}`);
