/** The errors of STS, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message, { status: 400 });
}

export function invalidParameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message, { status: 400 });
}

export function accessDenied(message: string): AwsError {
  return new AwsError('AccessDenied', message, { status: 403 });
}

export function rootMayNotAssumeRoles(): AwsError {
  return accessDenied('Roles may not be assumed by root accounts.');
}

export function sessionMayNotCall(operation: string): AwsError {
  return accessDenied(`Cannot call ${operation} with session credentials`);
}

export function wrongMfaCode(): AwsError {
  return accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code. ');
}

export function mfaIncomplete(): AwsError {
  return accessDenied('MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ');
}

export function packedPolicyTooLarge(percent: number): AwsError {
  return new AwsError('PackedPolicyTooLargeException', `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`);
}

export function malformedPolicy(message: string): AwsError {
  return new AwsError('MalformedPolicyDocumentException', message);
}

export function invalidIdentityToken(message: string): AwsError {
  return new AwsError('InvalidIdentityTokenException', message);
}

export function expiredToken(message: string): AwsError {
  return new AwsError('ExpiredTokenException', message);
}

export function invalidAuthorizationMessage(): AwsError {
  return new AwsError('InvalidAuthorizationMessageException', 'The encoded message is not one of this account.');
}
