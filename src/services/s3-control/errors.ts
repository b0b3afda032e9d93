/** Every error that S3 Control throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

export const accessDenied = () => new AwsError('AccessDenied', 'Access Denied', { status: 403 });
export const invalidRequest = (message: string) => new AwsError('InvalidRequest', message, { status: 400 });
export const noPublicAccessBlock = (account: string) =>
  new AwsError('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found', {
    status: 404,
    fields: { AccountId: account },
  });
