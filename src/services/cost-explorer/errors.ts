/** Every error that Cost Explorer throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

/** Not in the model, and what the service answers to most bad input. */
export const validationFailed = (message: string): AwsError => new AwsError('ValidationException', message, { status: 400 });
export const dataUnavailable = (message: string): AwsError => new AwsError('DataUnavailableException', message, { status: 400 });
export const unresolvableUnit = (): AwsError =>
  new AwsError(
    'UnresolvableUsageUnitException',
    'Cost Explorer was unable to identify the usage unit. Provide UsageType/UsageTypeGroup filter selections that contain matching units, for example: hours.',
    { status: 400 },
  );
export const invalidNextToken = (): AwsError =>
  new AwsError('InvalidNextTokenException', 'The pagination token is invalid. Try again without a pagination token.', { status: 400 });
