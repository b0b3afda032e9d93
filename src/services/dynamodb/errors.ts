/** Every error that DynamoDB throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';
import type { Item } from './values/attribute-value.ts';

export { invalidParameters, validationException } from './values/errors.ts';

export const tableNotFound = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);

/** The same of calls on backups and on recovery to a point in time. */
export const noSuchTable = (name: string): AwsError => new AwsError('TableNotFoundException', `Table not found: ${name}`);

/** What calls on items answer: they do not name the table. */
export const resourceNotFound = (message = 'Requested resource not found'): AwsError => new AwsError('ResourceNotFoundException', message);

export const tableExists = (name: string): AwsError => new AwsError('ResourceInUseException', `Table already exists: ${name}`);

export const resourceInUse = (message: string): AwsError => new AwsError('ResourceInUseException', message);

export const deletionProtected = (name: string): AwsError =>
  new AwsError(
    'ValidationException',
    `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first. Table: ${name}`,
  );

export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);

export const conditionFailed = (item?: Item): AwsError =>
  new AwsError('ConditionalCheckFailedException', 'The conditional request failed', item ? { fields: { Item: item } } : {});

/** What KMS refuses of a table's key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html */
export const fromKms = (error: AwsError): AwsError =>
  new AwsError('AccessDeniedException', `KMS key access denied error: ${error.message}`, { cause: error });

/** The same where a table is to get a key. */
export const unfitKey = (error: AwsError): AwsError =>
  new AwsError('ValidationException', `One or more parameter values were invalid: KMS validation error: ${error.message}`, {
    cause: error,
  });

/** Nobody has opened the table's data key, or KMS has refused it. */
export class InaccessibleKey extends AwsError {
  /** In `tableKeys`. */
  readonly dataKey: string;

  constructor(dataKey: string) {
    super('AccessDeniedException', 'KMS key access denied error: The key that encrypts the table cannot be used at present.');
    this.dataKey = dataKey;
  }
}

export const accessDenied = (message: string): AwsError => new AwsError('AccessDeniedException', message);
