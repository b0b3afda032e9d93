/** Every error that Kinesis throws, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';

export type StreamName = { account: string; name: string };

export const validationError = (message: string): AwsError => new AwsError('ValidationException', message, { status: 400 });
export const invalidArgument = (message: string): AwsError => new AwsError('InvalidArgumentException', message);
export const resourceNotFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);
export const resourceInUse = (message: string): AwsError => new AwsError('ResourceInUseException', message);
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);
export const expiredNextToken = (): AwsError => new AwsError('ExpiredNextTokenException', 'The NextToken has expired.');

export const streamNotFound = ({ name, account }: StreamName): AwsError =>
  resourceNotFound(`Stream ${name} under account ${account} not found.`);

export const streamExists = ({ name, account }: StreamName): AwsError =>
  resourceInUse(`Stream ${name} under account ${account} already exists.`);

export const streamNotActive = ({ name, account }: StreamName, status: string): AwsError =>
  resourceInUse(`Stream ${name} under account ${account} not ACTIVE, instead in state ${status}`);

export const shardNotFound = (shard: string, { name, account }: StreamName): AwsError =>
  resourceNotFound(`Could not find shard ${shard} in stream ${name} under account ${account}.`);

export const shardDoesNotExist = (shard: string, { name, account }: StreamName): AwsError =>
  resourceNotFound(`Shard ${shard} in stream ${name} under account ${account} does not exist`);

export const shardRateExceeded = (shard: string, { name, account }: StreamName): string =>
  `Rate exceeded for shard ${shard} in stream ${name} under account ${account}.`;

export const throughputExceeded = (shard: string, stream: StreamName): AwsError =>
  new AwsError('ProvisionedThroughputExceededException', shardRateExceeded(shard, stream));

export const invalidIterator = (): AwsError => invalidArgument('Invalid ShardIterator.');

export const expiredIterator = (created: number, now: number): AwsError =>
  new AwsError(
    'ExpiredIteratorException',
    `Iterator expired. The iterator was created at time ${javaTime(created)} while right now it is ${javaTime(now)} which is further in the future than the tolerated delay of 300000 milliseconds.`,
  );

export const shardLimitExceeded = (account: string, region: string, present: number, max: number, added: number): AwsError =>
  limitExceeded(
    `This request would exceed the shard limit for the account ${account} in ${region}. Current shard count for the account: ${present}. Limit: ${max}. Number of additional shards that would have resulted from this request: ${added}. Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to request higher limits.`,
  );

/** What KMS refuses, by the code that it gives: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html#API_PutRecords_Errors */
const kmsCodes: Readonly<Record<string, string>> = {
  AccessDeniedException: 'KMSAccessDeniedException',
  DisabledException: 'KMSDisabledException',
  NotFoundException: 'KMSNotFoundException',
  ThrottlingException: 'KMSThrottlingException',
};
export const fromKms = (error: AwsError): AwsError =>
  new AwsError(kmsCodes[error.code] ?? 'KMSInvalidStateException', error.message, { status: 400, cause: error });

/** `Thu Jan 22 01:22:02 UTC 2015` */
function javaTime(milliseconds: number): string {
  const [day, date, month, year, time] = new Date(milliseconds).toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${date} ${time} UTC ${year}`;
}
