/** Every error that the direct API of EBS throws: https://docs.aws.amazon.com/ebs/latest/APIReference/CommonErrors.html */

import { AwsError } from '../../framework/aws-error.ts';

type ValidationReason =
  | 'CONFLICTING_BLOCK_UPDATE'
  | 'INVALID_BLOCK'
  | 'INVALID_BLOCK_TOKEN'
  | 'INVALID_DEPENDENCY_REQUEST'
  | 'INVALID_PAGE_TOKEN'
  | 'INVALID_PARAMETER_VALUE'
  | 'INVALID_SNAPSHOT_ID'
  | 'INVALID_TAG'
  | 'INVALID_VOLUME_SIZE'
  | 'UNRELATED_SNAPSHOTS'
  | 'WRITE_REQUEST_TIMEOUT';

export const validation = (reason: ValidationReason, message: string): AwsError =>
  new AwsError('ValidationException', message, { status: 400, fields: { Reason: reason } });

export const snapshotNotFound = (id: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The snapshot '${id}' does not exist.`, {
    status: 404,
    fields: { Reason: 'SNAPSHOT_NOT_FOUND' },
  });

/** Only the owner of a snapshot writes to it. */
export const notYours = (id: string): AwsError =>
  new AwsError('AccessDeniedException', `The account is not authorized to write to the snapshot '${id}'.`, {
    status: 403,
    fields: { Reason: 'UNAUTHORIZED_ACCOUNT' },
  });

/** The caller may not use the key of the snapshot. */
export const keyRefused = (message: string): AwsError =>
  new AwsError('AccessDeniedException', message, { status: 403, fields: { Reason: 'DEPENDENCY_ACCESS_DENIED' } });

export const tokenUsedOtherwise = (): AwsError =>
  new AwsError('ConflictException', 'The request uses the same client token as a previous, but non-identical request.', { status: 409 });

export const tooManyAtOnce = (): AwsError =>
  new AwsError('ConcurrentLimitExceededException', 'You have reached the limit for concurrent API requests.', { status: 400 });
