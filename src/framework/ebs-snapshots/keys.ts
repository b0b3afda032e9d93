/** Keys of encrypted volumes and snapshots: each has a data key, which KMS wraps under the key that its owner chose. */

import { parseArn } from '../arn.ts';
import type { Aws } from '../clients.ts';
import type { ServicePrincipal } from '../principal.ts';

export type Encryption = {
  /** The KMS key, by its ARN. */
  keyArn: string;
  /** The data key as KMS wrapped it, in base64. */
  blob: string;
  /** The volume or snapshot to which it is bound by its encryption context. Copies and restored volumes keep the data key, and this. */
  of: string;
};

/** A grant by which EC2 opens a data key, to be retired when it is needed no more. */
export type KeyGrant = { keyArn: string; id: string };

/** Where a key is: KMS answers for it there alone. */
export const regionOfKey = (keyArn: string): string => parseArn(keyArn)?.region ?? '';

/** The key that AWS keeps for those who choose none. */
export const managedKey = 'alias/aws/ebs';

/** https://docs.aws.amazon.com/kms/latest/developerguide/services-ebs.html#ebs-encryption-context */
const contextOf = (of: string): Record<string, string> => ({ 'aws:ebs:id': of });

/** A new data key, as whoever `aws` speaks for. Rejects with what KMS refuses. */
export async function newEncryption(aws: Aws, keyId: string, of: string): Promise<Encryption> {
  const { KeyId, CiphertextBlob } = await aws.kms('GenerateDataKeyWithoutPlaintext', {
    KeyId: keyId,
    KeySpec: 'AES_256',
    EncryptionContext: contextOf(of),
  });
  return { keyArn: KeyId!, blob: Buffer.from(CiphertextBlob!).toString('base64'), of };
}

/** The data key: 32 bytes, to be kept in memory alone. Rejects with what KMS refuses. */
export async function openEncryption(aws: Aws, { keyArn, blob, of }: Encryption): Promise<Uint8Array> {
  const { Plaintext } = await aws.kms('Decrypt', {
    KeyId: keyArn,
    CiphertextBlob: Buffer.from(blob, 'base64'),
    EncryptionContext: contextOf(of),
  });
  return Plaintext!;
}

const ec2 = 'ec2.amazonaws.com';

/** Who EC2 is to KMS when it opens keys by itself: the grantee of the grants that makers of volumes and snapshots give. */
export const ec2Principal = (account: string): ServicePrincipal => ({
  ...{ type: 'Service', account, arn: '', id: ec2, name: ec2, sourceAccount: account },
});

/** Lets EC2 open a data key for a volume or snapshot, as whoever `aws` speaks for. */
export async function grantUse(aws: Aws, id: string, { keyArn, of }: Encryption): Promise<KeyGrant> {
  const { GrantId } = await aws.kms('CreateGrant', {
    ...{ KeyId: keyArn, GranteePrincipal: ec2, RetiringPrincipal: ec2, Operations: ['Decrypt', 'RetireGrant'], Name: id },
    Constraints: { EncryptionContextSubset: contextOf(of) },
  });
  return { keyArn, id: GrantId! };
}
