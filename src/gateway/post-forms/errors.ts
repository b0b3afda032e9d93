/** What S3 answers to forms that it does not take: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html */

import { AwsError } from '../../framework/aws-error.ts';

export const invalidArgument = (message: string, name: string, value: string) =>
  new AwsError('InvalidArgument', message, { status: 400, fields: { ArgumentName: name, ArgumentValue: value } });
export const missingField = (name: string) =>
  invalidArgument(`Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`, name, '');
export const malformedPost = (cause?: unknown) =>
  new AwsError('MalformedPOSTRequest', 'The body of your POST request is not well-formed multipart/form-data.', { status: 400, cause });
export const tooMuchBeforeFile = (max: number) =>
  new AwsError('MaxPostPreDataLengthExceeded', 'Your POST request fields preceding the upload file were too large.', {
    status: 400,
    fields: { MaxPostPreDataLengthBytes: max },
  });
export const tooManyBytes = (size: number, max: number) =>
  new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
    status: 400,
    fields: { ProposedSize: size, MaxSizeAllowed: max },
  });
export const tooFewBytes = (size: number, min: number) =>
  new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    status: 400,
    fields: { ProposedSize: size, MinSizeAllowed: min },
  });
export const invalidPolicy = (message: string) => new AwsError('InvalidPolicyDocument', `Invalid Policy: ${message}`, { status: 400 });
export const againstPolicy = (message: string) => new AwsError('AccessDenied', `Invalid according to Policy: ${message}`, { status: 403 });
