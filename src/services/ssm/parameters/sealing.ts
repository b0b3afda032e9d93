/**
 * Values of SecureStrings, under the customer's KMS key: a standard one is encrypted by KMS itself, an advanced one by a data key of
 * KMS's, as the caller: https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 */

import { createSecretKey } from 'node:crypto';
import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { openBytes, sealBytes } from '../../../framework/sealed-bytes.ts';
import { invalidKeyId } from '../errors.ts';
import type { ParameterVersion, Tier } from '../tables.ts';
import { parameterArn } from './names.ts';

export const keyIdDefault = 'alias/aws/ssm';

const contextOf = (place: { account: string; region: string }, name: string) => ({ PARAMETER_ARN: parameterArn(place, name) });
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Rejects with InvalidKeyId, or as KMS denies. */
export async function seal(
  request: ServiceRequest,
  { name, text, keyId, tier }: { name: string; text: string; keyId: string; tier: Tier },
): Promise<Pick<ParameterVersion, 'value' | 'dataKey'>> {
  const EncryptionContext = contextOf(request, name);
  if (tier === 'Standard') {
    const call = request.aws.kms('Encrypt', { KeyId: keyId, Plaintext: Buffer.from(text), EncryptionContext });
    return { value: base64((await asking(keyId, call)).CiphertextBlob!) };
  }
  const made = await asking(keyId, request.aws.kms('GenerateDataKey', { KeyId: keyId, KeySpec: 'AES_256', EncryptionContext }));
  const key = createSecretKey(made.Plaintext as Uint8Array);
  return { value: base64(sealBytes(key, text, request.random)), dataKey: base64(made.CiphertextBlob!) };
}

/** The text of a version. Rejects with InvalidKeyId, or as KMS denies. */
export async function open(request: ServiceRequest, version: ParameterVersion): Promise<string> {
  const { name, value, dataKey, type, keyId = keyIdDefault } = version;
  if (type !== 'SecureString') return value;
  const CiphertextBlob = Buffer.from(dataKey ?? value, 'base64');
  const opened = await asking(keyId, request.aws.kms('Decrypt', { CiphertextBlob, EncryptionContext: contextOf(version, name) }));
  const plain = Buffer.from(opened.Plaintext!);
  return dataKey === undefined ? plain.toString() : openBytes(createSecretKey(plain), Buffer.from(value, 'base64')).toString();
}

async function asking<T>(keyId: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof AwsError && /NotFound|Disabled|InvalidState|InvalidArn|InvalidKeyUsage|Unavailable|Validation/.test(error.code))
      throw Object.assign(invalidKeyId(keyId), { cause: error });
    throw error;
  }
}
