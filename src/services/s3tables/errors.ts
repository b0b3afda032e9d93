/** Every error that S3 Tables throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

const notFound = (message: string) => new AwsError('NotFoundException', message, { status: 404 });
const conflict = (message: string) => new AwsError('ConflictException', message, { status: 409 });

export const badRequest = (message: string) => new AwsError('BadRequestException', message, { status: 400 });
export const noSuchTableBucket = () => notFound('The specified bucket does not exist.');
export const noSuchNamespace = () => notFound('The specified namespace does not exist.');
export const noSuchTable = () => notFound('The specified table does not exist.');
export const tableBucketExists = () => conflict('The bucket that you tried to create already exists, and you own it.');
export const tableBucketNotEmpty = () => conflict('The bucket that you tried to delete is not empty.');
export const namespaceNotEmpty = () => conflict('The namespace that you tried to delete is not empty.');
export const otherVersion = () => conflict('The version token that you provided does not match the table.');
export const managedOnly = () =>
  new AwsError('ForbiddenException', 'AWS managed table buckets and their namespaces cannot be changed.', { status: 403 });
