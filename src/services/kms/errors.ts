/** The errors of KMS, in AWS's words: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html */

import { AwsError } from '../../framework/aws-error.ts';

const refusal =
  (code: string) =>
  (message: string): AwsError =>
    new AwsError(code, message, { status: 400 });

export const notFound = refusal('NotFoundException');
export const validation = refusal('ValidationException');
export const invalidState = refusal('KMSInvalidStateException');
export const invalidUsage = refusal('InvalidKeyUsageException');
export const invalidArn = refusal('InvalidArnException');
export const invalidAliasName = refusal('InvalidAliasNameException');
export const alreadyExists = refusal('AlreadyExistsException');
export const limitExceeded = refusal('LimitExceededException');
export const malformedPolicy = refusal('MalformedPolicyDocumentException');
export const unsupported = refusal('UnsupportedOperationException');
export const tagFaulty = refusal('TagException');
export const accessDenied = refusal('AccessDeniedException');
export const invalidGrantToken = refusal('InvalidGrantTokenException');

export const keyNotFound = (arn: string): AwsError => notFound(`Key '${arn}' does not exist`);
export const aliasNotFound = (arn: string): AwsError => notFound(`Alias ${arn} is not found.`);
export const disabled = (arn: string): AwsError => new AwsError('DisabledException', `${arn} is disabled.`, { status: 400 });
export const aliasExists = (arn: string): AwsError => alreadyExists(`An alias with the name ${arn} already exists`);
export const invalidCiphertext = (): AwsError => new AwsError('InvalidCiphertextException', '', { status: 400 });
export const invalidSignature = (): AwsError => new AwsError('KMSInvalidSignatureException', '', { status: 400 });
export const invalidMac = (): AwsError => new AwsError('KMSInvalidMacException', '', { status: 400 });
export const invalidMarker = (): AwsError => new AwsError('InvalidMarkerException', 'Could not deserialize marker', { status: 400 });

export const incorrectKey = (): AwsError =>
  new AwsError('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.', {
    status: 400,
  });

/** Tells nothing of keys of others, not even whether they are there. */
export const ciphertextOfOther = (): AwsError =>
  accessDenied(
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  );

export const dryRunSucceeded = (): AwsError =>
  new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.', { status: 400 });

export const constraint = (member: string, value: unknown, rule: string): AwsError =>
  validation(`1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: Member must ${rule}`);
