/** The errors of CloudTrail, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

export function invalidMaxResults(): AwsError {
  return new AwsError('InvalidMaxResultsException', 'A value must be between 1 and 50.');
}

export function invalidLookupAttributes(message: string): AwsError {
  return new AwsError('InvalidLookupAttributesException', message);
}

export function invalidTimeRange(): AwsError {
  return new AwsError('InvalidTimeRangeException', 'Start time is after end time.');
}

export function invalidNextToken(): AwsError {
  return new AwsError('InvalidNextTokenException', 'The token is invalid, or was used with other parameters than those it was made for.');
}

export function trailNotFound(name: string, account: string): AwsError {
  return new AwsError('TrailNotFoundException', `Unknown trail: ${name} for the user: ${account}`);
}
