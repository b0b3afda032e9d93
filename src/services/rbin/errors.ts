/** Every error of Recycle Bin: codes and reasons of AWS, whose words are not published. */

import { AwsError } from '../../framework/aws-error.ts';

export const validation = (message: string): AwsError =>
  new AwsError('ValidationException', message, { fields: { Reason: 'INVALID_PARAMETER_VALUE' } });
export const invalidToken = (): AwsError =>
  new AwsError('ValidationException', 'The page token is not valid.', { fields: { Reason: 'INVALID_PAGE_TOKEN' } });
export const ruleNotFound = (id: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The rule ${id} does not exist.`, { fields: { Reason: 'RULE_NOT_FOUND' } });
export const ruleConflict = (message: string): AwsError =>
  new AwsError('ConflictException', message, { fields: { Reason: 'INVALID_RULE_STATE' } });
export const quotaExceeded = (message: string): AwsError =>
  new AwsError('ServiceQuotaExceededException', message, { fields: { Reason: 'SERVICE_QUOTA_EXCEEDED' } });
