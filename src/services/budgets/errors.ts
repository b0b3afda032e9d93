/** Every error that AWS Budgets throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

const refusal =
  (code: string) =>
  (message: string): AwsError =>
    new AwsError(code, message, { status: 400 });

export const invalidParameter = refusal('InvalidParameterException');
export const accessDenied = refusal('AccessDeniedException');
export const creationLimitExceeded = refusal('CreationLimitExceededException');
export const invalidNextToken = (): AwsError => refusal('InvalidNextTokenException')('The pagination token is invalid.');
export const budgetNotFound = (account: string, name: string): AwsError =>
  refusal('NotFoundException')(`Unable to get budget: ${name} - the budget doesn't exist. for account: ${account}`);
export const budgetExists = (name: string): AwsError =>
  refusal('DuplicateRecordException')(`Error creating budget: ${name} - the budget already exists.`);
export const notificationNotFound = (name: string): AwsError =>
  refusal('NotFoundException')(`Unable to get notification of budget: ${name} - the notification doesn't exist.`);
export const notificationExists = (name: string): AwsError =>
  refusal('DuplicateRecordException')(`Error creating notification of budget: ${name} - the notification already exists.`);
export const subscriberNotFound = (): AwsError => refusal('NotFoundException')("Unable to find the subscriber - it doesn't exist.");
export const subscriberExists = (): AwsError =>
  refusal('DuplicateRecordException')('Error creating subscriber - the subscriber already exists.');
