/** Encryption by default, and the key that it takes: https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html */

import { defaultKey, ebsSettings, settingsOf, type EbsSettings } from '../../../framework/ebs-snapshots/settings.ts';
import { managedKey } from '../../../framework/ebs-snapshots/keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameterValue } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { askingKms } from '../volumes/keys.ts';

const settings = (request: ServiceRequest): Promise<EbsSettings> => request.store.read((tx) => settingsOf(tx, request));

function change(request: ServiceRequest, make: (present: EbsSettings) => EbsSettings): Promise<void> {
  return request.store.write(async (tx) => ebsSettings.put(tx, make(await settingsOf(tx, request))));
}

export const EnableEbsEncryptionByDefault: Operation<'EnableEbsEncryptionByDefault'> = async (request) => {
  await change(request, (present) => ({ ...present, encryptByDefault: true }));
  return { EbsEncryptionByDefault: true };
};

export const DisableEbsEncryptionByDefault: Operation<'DisableEbsEncryptionByDefault'> = async (request) => {
  await change(request, (present) => ({ ...present, encryptByDefault: false }));
  return { EbsEncryptionByDefault: false };
};

export const GetEbsEncryptionByDefault: Operation<'GetEbsEncryptionByDefault'> = async (request) => {
  const { encryptByDefault = false } = await settings(request);
  return { EbsEncryptionByDefault: encryptByDefault, SseType: encryptByDefault ? 'sse-kms' : 'none' };
};

export const ModifyEbsDefaultKmsKeyId: Operation<'ModifyEbsDefaultKmsKeyId'> = async (request, input) => {
  const keyArn = await keyArnOf(request, input.KmsKeyId);
  await change(request, (present) => ({ ...present, keyArn }));
  return { KmsKeyId: keyArn };
};

export const GetEbsDefaultKmsKeyId: Operation<'GetEbsDefaultKmsKeyId'> = async (request) => ({
  KmsKeyId: defaultKey(await settings(request)),
});

export const ResetEbsDefaultKmsKeyId: Operation<'ResetEbsDefaultKmsKeyId'> = async (request) => {
  await change(request, ({ keyArn: _gone, ...present }) => present);
  return { KmsKeyId: managedKey };
};

/** A symmetric key that is enabled, by its ARN. */
async function keyArnOf(request: ServiceRequest, id: string): Promise<string> {
  const { KeyMetadata: key } = await askingKms(request.aws.kms('DescribeKey', { KeyId: id }));
  if (key!.KeySpec !== 'SYMMETRIC_DEFAULT' || key!.KeyUsage !== 'ENCRYPT_DECRYPT')
    throw invalidParameterValue(`The KMS key '${id}' is no symmetric key for encryption.`);
  if (key!.KeyState !== 'Enabled') throw invalidParameterValue(`The KMS key '${id}' is not enabled.`);
  return key!.Arn!;
}
