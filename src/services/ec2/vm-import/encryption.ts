/** The keys of what is imported. */

import type { Encryption, KeyGrant } from '../../../framework/ebs-snapshots/keys.ts';
import { defaultKey, settingsOf } from '../../../framework/ebs-snapshots/settings.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { refusal } from '../errors.ts';
import { makeKeys } from '../volumes/keys.ts';

type Asked = { Encrypted?: boolean | undefined; KmsKeyId?: string | undefined };

/** What the snapshot is to be encrypted with, made as the caller; nothing when it is not to be. Throws what KMS refuses, in EC2's words. */
export async function encryptionFor(
  request: ServiceRequest,
  { Encrypted, KmsKeyId }: Asked,
  snapshot: string,
): Promise<{ encryption?: Encryption; grants?: KeyGrant[] }> {
  if (KmsKeyId !== undefined && !Encrypted)
    throw refusal('InvalidParameterDependency')('The parameter KmsKeyId requires the parameter Encrypted to be set.');
  const settings = await request.store.read((tx) => settingsOf(tx, request));
  if (!Encrypted && !settings.encryptByDefault) return {};
  const { encryption, grants } = await makeKeys(request, { keyId: KmsKeyId ?? defaultKey(settings) }, snapshot);
  return { encryption, grants };
}
