/** The errors of SQS, in AWS's words: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */

import { AwsError } from '../../framework/aws-error.ts';
import type { ServiceRequest } from '../../framework/request.ts';

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, { queryCode: 'InvalidParameterValue', status: 400 });

export const invalidValue = (value: unknown, parameter: string, reason: string): AwsError =>
  invalidParameter(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);

/** A batch words it in a way of its own. */
export const messageTooLong = (bytesMax: number, inBatch: boolean): AwsError =>
  invalidParameter(
    `One or more parameters ${inBatch ? 'cannot be validated' : 'are invalid'}. Reason: Message must be shorter than ${bytesMax} bytes.`,
  );

export const missingParameter = (parameter: string): AwsError =>
  new AwsError('MissingRequiredParameterException', `The request must contain the parameter ${parameter}.`, {
    queryCode: 'MissingParameter',
    status: 400,
  });

/** The query protocol has kept its old sentence. */
export function queueDoesNotExist(request: ServiceRequest): AwsError {
  const query = request.http !== undefined && request.http.headers['x-amz-target'] === undefined;
  return new AwsError('QueueDoesNotExist', `The specified queue does not exist${query ? ' for this wsdl version' : ''}.`);
}

export const invalidAddress = (url: string): AwsError =>
  new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`);

export const queueNameExists = (attribute: string): AwsError =>
  new AwsError('QueueNameExists', `A queue already exists with the same name and a different value for attribute ${attribute}`);

export const queueDeletedRecently = (): AwsError =>
  new AwsError('QueueDeletedRecently', 'You must wait 60 seconds after deleting a queue before you can create another with the same name.');

export const purgeInProgress = (name: string): AwsError =>
  new AwsError('PurgeQueueInProgress', `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`);

export const unknownAttribute = (name: string): AwsError => new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
export const attributeName = (message: string): AwsError => new AwsError('InvalidAttributeName', message);

export const attributeValue = (name: string, reason?: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.${reason === undefined ? '' : ` Reason: ${reason}`}`);

export const emptyBatch = (entry: string): AwsError =>
  new AwsError('EmptyBatchRequest', `There should be at least one ${entry} in the request.`);

export const tooManyEntries = (count: number): AwsError =>
  new AwsError('TooManyEntriesInBatchRequest', `Maximum number of entries per request are 10. You have sent ${count}.`);

export const idsNotDistinct = (id: string): AwsError => new AwsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);

export const invalidEntryId = (): AwsError =>
  new AwsError(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  );

export const batchTooLong = (bytes: number): AwsError =>
  new AwsError('BatchRequestTooLong', `Batch requests cannot be longer than 1048576 bytes. You have sent ${bytes} bytes.`);

export const invalidContents = (): AwsError =>
  new AwsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');

export const unsupported = (message: string): AwsError => new AwsError('UnsupportedOperation', message);

export const overLimit = (): AwsError =>
  new AwsError('OverLimit', 'The maximum number of in flight messages has been reached.', { status: 403 });

export const requestThrottled = (): AwsError =>
  new AwsError('RequestThrottled', 'The request was denied due to request throttling.', { status: 400 });

export const invalidHandle = (handle: string): AwsError =>
  new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);

export const handleExpired = (handle: string): AwsError => invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');

export const messageGone = (handle: string): AwsError =>
  invalidValue(handle, 'ReceiptHandle', 'Message does not exist or is not available for visibility timeout change.');

export const resourceNotFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message, { status: 404 });

/** What KMS refuses, by the code that it gives. */
const kmsCodes: Readonly<Record<string, string>> = {
  AccessDeniedException: 'KmsAccessDenied',
  DisabledException: 'KmsDisabled',
  KMSInvalidStateException: 'KmsInvalidState',
  NotFoundException: 'KmsNotFound',
  ThrottlingException: 'KmsThrottled',
  InvalidKeyUsageException: 'KmsInvalidKeyUsage',
};
export const fromKms = (error: AwsError): AwsError =>
  new AwsError(kmsCodes[error.code] ?? 'KmsInvalidState', error.message, { cause: error });
