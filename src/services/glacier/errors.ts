/** The errors of Glacier, in AWS's words: https://docs.aws.amazon.com/amazonglacier/latest/dev/api-error-responses.html */

import { AwsError } from '../../framework/aws-error.ts';

const refusal =
  (code: string, status: number) =>
  (message: string): AwsError =>
    new AwsError(code, message, { status, fields: { code, type: 'Client' } });

export const invalidParameter = refusal('InvalidParameterValueException', 400);
export const missingParameter = refusal('MissingParameterValueException', 400);
export const notFound = refusal('ResourceNotFoundException', 404);
export const limitExceeded = refusal('LimitExceededException', 400);
export const accessDenied = refusal('AccessDeniedException', 403);

export const policyEnforced = (): AwsError =>
  refusal('PolicyEnforcedException', 400)('InitiateJob request denied by current data retrieval policy.');
export const missingVersion = (): AwsError => missingParameter('Required parameter missing: API version');
export const vaultNotFound = (arn: string): AwsError => notFound(`Vault not found for ARN: ${arn}`);
export const vaultNotEmpty = (arn: string): AwsError => invalidParameter(`Vault not empty or recently written to: ${arn}`);
export const archiveNotFound = (id: string): AwsError => notFound(`The archive ID was not found: ${id}`);
export const jobNotFound = (id: string): AwsError => notFound(`The job ID was not found: ${id}`);
export const jobNotDone = (id: string): AwsError => invalidParameter(`The job is not currently available for download: ${id}`);
export const inventoryMissing = (arn: string): AwsError => notFound(`No inventory is available yet for: ${arn}`);
export const uploadNotFound = (id: string): AwsError => notFound(`The upload ID was not found: ${id}`);
export const emptyBody = (): AwsError => invalidParameter('Invalid Content-Length: 0');
export const bodyTooLarge = (bytesMax: number): AwsError => invalidParameter(`Invalid Content-Length: more than ${bytesMax} bytes`);
export const checksumMismatch = (expected: string, computed: string): AwsError =>
  invalidParameter(`Checksum mismatch: expected ${expected} but computed ${computed}`);
export const invalidLimit = (limit: number): AwsError => invalidParameter(`Invalid limit: ${limit}`);
export const invalidMarker = (marker: string): AwsError => invalidParameter(`The marker is invalid: ${marker}`);
