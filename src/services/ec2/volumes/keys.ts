/** Keys of encrypted volumes: which one a call asks for, made and granted as the caller, and opened by EC2 when a disk is used. */

import { AwsError } from '../../../framework/aws-error.ts';
import {
  grantUse,
  ec2Principal,
  newEncryption,
  openEncryption,
  regionOfKey,
  type Encryption,
  type KeyGrant,
} from '../../../framework/ebs-snapshots/keys.ts';
import { defaultKey, type EbsSettings } from '../../../framework/ebs-snapshots/settings.ts';
import type { Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameterValue, refusal } from '../errors.ts';
import { speedOf } from './speed.ts';
import type { Volume } from './volume.ts';

/** The data key of a snapshot that goes on, or a new one under a KMS key. */
export type KeyWish = { same: Encryption } | { keyId: string; source?: Encryption };

type Asked = { Encrypted?: boolean | undefined; KmsKeyId?: string | undefined };
type Source = Pick<Snapshot, 'account' | 'encryption'> | undefined;

/**
 * What a volume is to be encrypted with; undefined when it is not to be.
 * https://docs.aws.amazon.com/ebs/latest/userguide/encryption-parameters.html
 */
export function keyWish({ Encrypted, KmsKeyId }: Asked, settings: EbsSettings, source: Source): KeyWish | undefined {
  const from = source?.encryption;
  if (KmsKeyId !== undefined && Encrypted !== true)
    throw refusal('InvalidParameterDependency')('The parameter KmsKeyId requires the parameter Encrypted to be set.');
  if (from && Encrypted === false) throw invalidParameterValue('A volume that is made of an encrypted snapshot is encrypted.');
  const others = from && { source: from };
  if (KmsKeyId !== undefined) return { keyId: KmsKeyId, ...others };
  if (from) return source.account === settings.account ? { same: from } : { keyId: defaultKey(settings), source: from };
  return Encrypted || settings.encryptByDefault ? { keyId: defaultKey(settings) } : undefined;
}

export type Keys = { encryption: Encryption; source?: Encryption; grants: KeyGrant[] };

/** Makes what is wished, as the caller, and lets EC2 open it for the volume or snapshot with this id. Throws what KMS refuses, in EC2's words. */
export async function makeKeys(request: ServiceRequest, wish: KeyWish, id: string): Promise<Keys> {
  const { aws } = request;
  const encryption = 'same' in wish ? wish.same : await askingKms(newEncryption(aws, wish.keyId, id));
  const source = 'source' in wish ? wish.source : undefined;
  const grants: KeyGrant[] = [];
  for (const one of source ? [encryption, source] : [encryption])
    grants.push(await askingKms(grantUse(request.awsAs(request.principal, { region: regionOfKey(one.keyArn) }), id, one)));
  return { encryption, grants, ...(source && { source }) };
}

/** What KMS answers; what it refuses in EC2's words. */
export async function askingKms<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    if (error.code === 'AccessDeniedException') throw new AwsError('UnauthorizedOperation', error.message, { status: 403 });
    throw invalidParameterValue(`The KMS key cannot be used: ${error.message}`);
  }
}

type Place = { account: string; region: string; id: string };

/** KMS as EC2 asks it on behalf of a volume or snapshot. */
const kmsFor = ({ awsAs }: ReconcilerContext, { account }: Place, keyArn: string) =>
  awsAs(ec2Principal(account), { account, region: regionOfKey(keyArn) });

/** The data key of a volume or snapshot. Rejects with AwsError when KMS refuses it. */
export const openKeyFor = (context: ReconcilerContext, place: Place, encryption: Encryption): Promise<Uint8Array> =>
  openEncryption(kmsFor(context, place, encryption.keyArn), encryption);

/** Makes a volume's disk ready for a machine: its key, if it is encrypted, and its speed. Rejects with AwsError when KMS refuses the key. */
export async function prepare(context: ReconcilerContext, row: Volume): Promise<void> {
  if (row.encryption) await context.host.disks.unlock(row.id, await openKeyFor(context, row, row.encryption));
  await context.host.disks.limit(row.id, speedOf(row));
}

/** Gives grants back; that one is gone, or its key, is well too. */
export async function retireGrants(context: ReconcilerContext, place: Place, grants: readonly KeyGrant[] = []): Promise<void> {
  for (const { keyArn, id } of grants)
    try {
      await kmsFor(context, place, keyArn).kms('RetireGrant', { KeyId: keyArn, GrantId: id });
    } catch (error) {
      if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
      context.log(`${place.id}: its grant on ${keyArn} stays: ${error.message}`);
    }
}
