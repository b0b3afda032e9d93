/** Every error that S3 Control throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

function error(status: number, code: string, message: string, fields?: Record<string, unknown>): AwsError {
  return new AwsError(code, message, { status, ...(fields && { fields }) });
}

export const accessDenied = (message = 'Access Denied') => error(403, 'AccessDenied', message);
export const invalidRequest = (message: string) => error(400, 'InvalidRequest', message);
export const invalidUri = (name: string) => error(400, 'InvalidURI', "Couldn't parse the specified URI.", { URI: name });
export const noPublicAccessBlock = (account: string) =>
  error(404, 'NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found', { AccountId: account });

// Access points

export const noSuchAccessPoint = (name: string) =>
  error(404, 'NoSuchAccessPoint', 'The specified accesspoint does not exist', { AccessPointName: name });
export const noSuchAccessPointPolicy = (name: string) =>
  error(404, 'NoSuchAccessPointPolicy', 'The specified accesspoint policy does not exist', { AccessPointName: name });
export const accessPointAlreadyOwnedByYou = (name: string) =>
  error(409, 'AccessPointAlreadyOwnedByYou', 'Your previous request to create the named accesspoint succeeded and you already own it.', {
    AccessPointName: name,
  });
export const tooManyAccessPoints = () => error(400, 'TooManyAccessPoints', 'You have attempted to create more access points than allowed.');

// Tags

export const invalidTag = (message: string, key?: string) =>
  error(400, 'InvalidTag', message, key === undefined ? undefined : { TagKey: key });

// Batch Operations

export const noSuchJob = () => error(404, 'NoSuchJob', 'The specified job does not exist');
export const idempotencyConflict = () =>
  error(400, 'IdempotencyException', 'The client request token was used before, for a job with other parameters.');
export const statusConflict = (status: string, requested: string) =>
  error(400, 'JobStatusException', `The job is in the state ${status} and cannot become ${requested}.`);
