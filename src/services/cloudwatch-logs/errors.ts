/** Every error that CloudWatch Logs throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);
export const bothNames = (): AwsError =>
  new AwsError('ValidationException', 'LogGroup name and LogGroup ARN are mutually exclusive parameters.');
export const nameTooLong = (): AwsError =>
  invalidParameter('Invalid LogGroup or LogStream, both must have length less than or equal to 512.');
export const noGroup = (): AwsError => new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
export const noStream = (): AwsError => new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
export const groupExists = (): AwsError => new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
export const streamExists = (): AwsError => new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
export const protectedGroup = (): AwsError =>
  new AwsError('ValidationException', 'The log group cannot be deleted because deletion protection is enabled.');
export const tooManyTags = (): AwsError => new AwsError('TooManyTagsException', 'A resource can have no more than 50 tags.');

/** A value outside of what AWS's model allows. */
export const constraint = (name: string, value: string, rule: string): AwsError =>
  invalidParameter(`1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: ${rule}`);
