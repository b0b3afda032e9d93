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

// Access grants: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#S3AccessGrantsErrorCodeList

export const noSuchBucket = (bucket: string) => error(404, 'NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
export const invalidIamRole = () => error(400, 'InvalidIamRole', 'The specified IAM Role is invalid');
export const noGrantsInstance = () => error(404, 'AccessGrantsInstanceNotExistsError', 'Access Grants Instance does not exist');
export const noGrantsPolicy = () =>
  error(404, 'AccessGrantsInstanceResourcePolicyNotExists', 'Access Grants Instance Resource Policy does not exist');
export const grantsInstanceAlreadyExists = () => error(409, 'AccessGrantsInstanceAlreadyExists', 'Access Grants Instance already exists');
export const grantsInstanceNotEmpty = () =>
  error(400, 'AccessGrantsInstanceNotEmptyError', 'Please clean up locations before deleting the access grants instance');
export const noSuchGrantsLocation = () =>
  error(404, 'NoSuchAccessGrantsLocationError', 'The specified access grants location does not exist');
export const grantsLocationAlreadyExists = () =>
  error(409, 'AccessGrantsLocationAlreadyExistsError', 'The specified access grants location already exists');
export const grantsLocationNotEmpty = () =>
  error(400, 'AccessGrantsLocationNotEmptyError', 'Please clean up access grants before deleting access grants location');
export const grantsLocationQuotaExceeded = (max: number) =>
  error(
    409,
    'AccessGrantsLocationsQuotaExceededError',
    `The access grants location quota has been exceeded. Access Grants Locations Quota: ${max}. Please reach out to S3 if an increase is required.`,
  );
export const noSuchAccessGrant = () => error(404, 'NoSuchAccessGrantError', 'The specified access grant does not exist');
export const accessGrantAlreadyExists = () => error(409, 'AccessGrantAlreadyExists', 'The specified access grant already exists');
export const grantsQuotaExceeded = (max: number) =>
  error(
    409,
    'AccessGrantsQuotaExceededError',
    `The access grants quota has been exceeded. Access Grants Quota: ${max}. Please reach out to S3 if an increase is required.`,
  );

// Tags

export const invalidTag = (message: string, key?: string) =>
  error(400, 'InvalidTag', message, key === undefined ? undefined : { TagKey: key });

// Batch Operations

/** A bucket whose tags are asked for. */
export const noSuchResource = () => error(404, 'NoSuchResource', "The specified resource doesn't exist.");
export const noSuchJob = () => error(404, 'NoSuchJob', 'The specified job does not exist');
export const idempotencyConflict = () =>
  error(400, 'IdempotencyException', 'The client request token was used before, for a job with other parameters.');
export const statusConflict = (status: string, requested: string) =>
  error(400, 'JobStatusException', `The job is in the state ${status} and cannot become ${requested}.`);
