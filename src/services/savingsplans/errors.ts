/** Every error that Savings Plans throws: codes of AWS, whose words are not published. */

import { AwsError } from '../../framework/aws-error.ts';

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);
export const planNotFound = (id: string): AwsError => new AwsError('ResourceNotFoundException', `The savings plan ${id} does not exist.`);
export const offeringNotFound = (id: string): AwsError =>
  new AwsError('ResourceNotFoundException', `The savings plan offering ${id} does not exist.`);
export const quotaExceeded = (message: string): AwsError => new AwsError('ServiceQuotaExceededException', message);
