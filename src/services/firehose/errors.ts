/** Every error that Firehose throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

type StreamName = { account: string; name: string };

export const validationError = (message: string): AwsError => new AwsError('ValidationException', message, { status: 400 });
export const invalidArgument = (message: string): AwsError => new AwsError('InvalidArgumentException', message);
export const resourceInUse = (message: string): AwsError => new AwsError('ResourceInUseException', message);
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);
export const concurrentModification = (message: string): AwsError => new AwsError('ConcurrentModificationException', message);
export const slowDown = (): AwsError => new AwsError('ServiceUnavailableException', 'Slow down.', { status: 503 });

export const streamNotFound = ({ name, account }: StreamName): AwsError =>
  new AwsError('ResourceNotFoundException', `Firehose ${name} under account ${account} not found.`);

export const streamExists = ({ name, account }: StreamName): AwsError =>
  resourceInUse(`Firehose ${name} under accountId ${account} already exists`);

export const streamNotActive = ({ name, account }: StreamName, status: string): AwsError =>
  resourceInUse(`Firehose ${name} under accountId ${account} is not in ACTIVE state, instead in state ${status}.`);

export const notForKinesisSource = (): AwsError =>
  invalidArgument('This operation is not permitted on KinesisStreamAsSource delivery stream type.');

export const cannotAssume = (role: string): AwsError =>
  invalidArgument(`Firehose is unable to assume role ${role}. Please check the role provided.`);

/** What one violated constraint reads like; several come in one error. */
export const fault = (path: string, value: unknown, rest: string): string =>
  `Value ${value === null ? 'null' : `'${String(value)}'`} at '${path}' failed to satisfy constraint: Member must ${rest}`;

/** Throws a ValidationException that lists the violated constraints, if there are any. */
export function refuse(faults: readonly string[]): void {
  if (faults.length === 0) return;
  const shown = faults.slice(0, 10);
  throw validationError(`${shown.length} validation error${shown.length > 1 ? 's' : ''} detected: ${shown.join('; ')}`);
}
