/** What S3 answers when something about encryption is wrong. */

import { AwsError } from '../../../framework/aws-error.ts';
import { accessDenied, invalidArgument, invalidRequest } from '../errors.ts';

const algorithmHeader = 'x-amz-server-side-encryption-customer-algorithm';
const keyHeader = 'x-amz-server-side-encryption-customer-key';

export const customerAlgorithmMissing = () =>
  invalidArgument(
    'Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.',
    algorithmHeader,
    'null',
  );
export const customerAlgorithmUnknown = (value: unknown) =>
  new AwsError('InvalidEncryptionAlgorithmError', 'The Encryption request you specified is not valid. Supported value: AES256.', {
    status: 400,
    fields: { ArgumentName: algorithmHeader, ArgumentValue: String(value) },
  });
export const customerKeyMissing = () =>
  invalidArgument(
    'Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.',
    keyHeader,
    'null',
  );
export const customerKeyMd5Missing = () =>
  invalidArgument(
    'Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key.',
    `${keyHeader}-MD5`,
    'null',
  );
export const customerKeyInvalid = () => invalidArgument('The secret key was invalid for the specified algorithm.', keyHeader, 'null');
export const customerKeyMd5Wrong = () =>
  invalidArgument('The calculated MD5 hash of the key did not match the hash that was provided.', `${keyHeader}-MD5`, 'null');
export const customerKeyWanted = () =>
  invalidRequest(
    'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
  );
export const customerKeyUnwanted = () => invalidRequest('The encryption parameters are not applicable to this object.');
export const uploadKeyWanted = () =>
  invalidRequest(
    'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
  );
export const uploadKeyWrong = () => invalidRequest('The provided encryption parameters did not match the ones used originally.');
export const uploadKeyUnwanted = () =>
  invalidRequest(
    'The multipart upload initiate did not request encryption. Please resubmit the request without sending encryption parameters.',
  );
export const customerKeyWithOther = (value: unknown) =>
  invalidArgument(
    'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
    'x-amz-server-side-encryption',
    value,
  );
export const methodUnsupported = (value: unknown) =>
  invalidArgument('The encryption method specified is not supported', 'x-amz-server-side-encryption', value);
export const methodNotSupportedHere = (value: unknown) =>
  invalidArgument('x-amz-server-side-encryption header is not supported for this operation.', 'x-amz-server-side-encryption', value);
export const kmsHeaderWanted = (header: string) =>
  invalidArgument(
    'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
    'x-amz-server-side-encryption',
    header,
  );
export const contextMalformed = () =>
  invalidArgument(
    'The header "x-amz-server-side-encryption-context" shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map',
    'x-amz-server-side-encryption-context',
    '',
  );

const kmsKeyNeeded = 'Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.';
export const keyArnInvalid = () =>
  invalidRequest(
    `Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name (ARN). ${kmsKeyNeeded}`,
  );
export const keyOfAnotherAccount = () =>
  accessDenied(
    'The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.',
  );
const sourcesSupported = 'Only source objects encrypted with SSE-S3 or SSE-KMS are supported.';
export const sourceEncryptionUnsupported = () =>
  invalidRequest(
    `The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. ${sourcesSupported}`,
  );
export const sourceUnencrypted = () =>
  invalidRequest(`The UpdateObjectEncryption operation doesn't support unencrypted source objects. ${sourcesSupported}`);
export const protectedFromNewKeys = () =>
  accessDenied("The encryption type for the specified object can't be updated because that object is protected by S3 Object Lock.");

/** What KMS refuses, as S3 passes it on. */
export function fromKms(error: AwsError): AwsError {
  if (error.code === 'AccessDeniedException') return new AwsError('AccessDenied', error.message, { status: 403, cause: error });
  return new AwsError(`KMS.${error.code}`, error.message, { status: 400, cause: error });
}
