/** What values and expressions are refused with: always a ValidationException, worded as AWS words it. */

import { AwsError } from '../../../framework/aws-error.ts';

export const validationException = (message: string): AwsError => new AwsError('ValidationException', message, { status: 400 });

export const invalidParameters = (message: string): AwsError =>
  validationException(`One or more parameter values were invalid: ${message}`);
