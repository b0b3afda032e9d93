/** Every error that the Price List API throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message, { status: 400 });
export const notFound = (message: string): AwsError => new AwsError('NotFoundException', message, { status: 400 });
export const invalidNextToken = (): AwsError =>
  new AwsError('InvalidNextTokenException', 'The pagination token is invalid. Try again without a pagination token.', { status: 400 });
