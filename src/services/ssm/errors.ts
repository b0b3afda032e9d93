/** The errors of Systems Manager, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

export const targetNotConnected = (target: string): AwsError =>
  new AwsError('TargetNotConnected', `${target} is not connected.`, { status: 400 });
export const validationException = (message: string): AwsError => new AwsError('ValidationException', message, { status: 400 });
/** AWS gives it no words. */
export const parameterNotFound = (): AwsError => new AwsError('ParameterNotFound', '', { status: 400 });
export const invalidNextToken = (): AwsError => new AwsError('InvalidNextToken', 'The specified token is not valid.', { status: 400 });
export const doesNotExist = (message: string): AwsError => new AwsError('DoesNotExistException', message, { status: 400 });
