/** The errors of SNS, in AWS's words: https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html */

import { AwsError } from '../../framework/aws-error.ts';
import { entryIdCharactersMax } from './limits.ts';

/** `what` is the parameter, with `Reason: …` where AWS gives one. */
export const invalidParameter = (what: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: ${what}`, { status: 400 });
/** The same error where AWS gives its reason alone. */
export const invalid = (message: string): AwsError => new AwsError('InvalidParameter', message, { status: 400 });
export const invalidValue = (message: string): AwsError => new AwsError('ParameterValueInvalid', message, { status: 400 });
export const validationError = (message: string): AwsError => new AwsError('ValidationError', message, { status: 400 });

export const invalidState = (message: string): AwsError => new AwsError('InvalidState', `Invalid state: ${message}`, { status: 400 });

export const topicNotFound = (): AwsError => new AwsError('NotFound', 'Topic does not exist', { status: 404 });
export const subscriptionNotFound = (): AwsError => new AwsError('NotFound', 'Subscription does not exist', { status: 404 });
export const resourceNotFound = (): AwsError => new AwsError('ResourceNotFound', 'Resource does not exist', { status: 404 });
export const authorizationError = (message: string): AwsError => new AwsError('AuthorizationError', message, { status: 403 });

export const filterPolicyLimitExceeded = (): AwsError =>
  new AwsError('FilterPolicyLimitExceeded', 'Subscription filter policy limit exceeded.', { status: 403 });
export const tagLimitExceeded = (): AwsError =>
  new AwsError('TagLimitExceeded', 'Could not complete request: tag quota of per resource exceeded', { status: 400 });

export const throttled = (): AwsError => new AwsError('Throttled', 'Rate exceeded', { status: 429 });

export const emptyBatch = (): AwsError =>
  new AwsError('EmptyBatchRequest', "The batch request doesn't contain any entries.", { status: 400 });
export const tooManyEntries = (): AwsError =>
  new AwsError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.', { status: 400 });
export const idsNotDistinct = (): AwsError =>
  new AwsError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.', { status: 400 });
export const invalidEntryId = (id: string): AwsError => {
  const fault = id.length > entryIdCharactersMax ? 'is too long' : 'contains an impermissible character';
  return new AwsError('InvalidBatchEntryId', `The Id of a batch entry in the batch request ${fault}: ${id.slice(0, 1000)}`, {
    status: 400,
  });
};
export const batchTooLong = (): AwsError =>
  new AwsError('BatchRequestTooLong', 'The length of all the messages put together is more than the limit.', { status: 400 });

/** What KMS refuses, by the code that it gives. */
const kmsCodes: Readonly<Record<string, string>> = {
  AccessDeniedException: 'KMSAccessDenied',
  DisabledException: 'KMSDisabled',
  KMSInvalidStateException: 'KMSInvalidState',
  NotFoundException: 'KMSNotFound',
  ThrottlingException: 'KMSThrottling',
};
export const fromKms = (error: AwsError): AwsError =>
  new AwsError(kmsCodes[error.code] ?? 'KMSInvalidState', error.message, { cause: error });
