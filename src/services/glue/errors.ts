/** Every error that Glue throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

const refusal =
  (code: string) =>
  (message: string): AwsError =>
    new AwsError(code, message, { status: 400 });

const notFound = refusal('EntityNotFoundException');
const exists = refusal('AlreadyExistsException');

export const invalidInput = refusal('InvalidInputException');
export const databaseNotFound = (name: string): AwsError => notFound(`Database ${name} not found.`);
export const tableNotFound = (name: string): AwsError => notFound(`Table ${name} not found.`);
export const versionNotFound = (): AwsError => notFound('Table version not found.');
export const resourceNotFound = (): AwsError => notFound('Entity not found');
export const databaseExists = (): AwsError => exists('Database already exists.');
export const tableExists = (): AwsError => exists('Table already exists.');
export const versionChanged = (): AwsError =>
  refusal('ConcurrentModificationException')('Update table failed due to concurrent modifications.');
export const tooManyVersions = (): AwsError =>
  refusal('ResourceNumberLimitExceededException')('Number of table versions exceeds the limit.');
