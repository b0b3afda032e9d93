/**
 * Customers' KMS keys on what carries messages: who sends must be allowed to make a data key, who reads to open it. As on AWS a data key
 * serves for some minutes, so KMS is asked once for each caller and not for each message.
 */

import { keepNewest } from './bounded-map.ts';
import { createSecretKey, type KeyObject } from 'node:crypto';
import { arn } from './arn.ts';
import { AwsError } from './aws-error.ts';
import type { ServiceRequest } from './request.ts';

export type DataKeyUse = {
  /** Id, ARN or alias of the KMS key. */
  keyId: string;
  /** Of the queue or topic: an id or alias is that of its account, whoever the caller is. */
  owner: { account: string; region: string };
  /** The encryption context, which key policies and grants may ask for. */
  context: Readonly<Record<string, string>>;
  reuseMilliseconds: number;
};
/** A data key, as KMS has sealed it, and the ARN of its key. */
export type SealedDataKey = { keyArn: string; blob: string };
/** One that was just made; the key itself is for memory alone. */
export type MadeDataKey = { sealed: SealedDataKey; key: KeyObject };

type Known = { until: number; made?: MadeDataKey; key?: KeyObject };
const known = new WeakMap<object, Map<string, Known>>();
const knownMax = 10_000;

function keyArn({ keyId, owner }: DataKeyUse): string {
  if (keyId.startsWith('arn:')) return keyId;
  return arn('kms', owner.region, owner.account, keyId.startsWith('alias/') ? keyId : `key/${keyId}`);
}

/** What of a request asks KMS. */
export type DataKeyCaller = Pick<ServiceRequest, 'principal' | 'region' | 'now' | 'store' | 'aws'>;

/** A data key for the caller, as the caller may have it. `anew` asks KMS in any case. Rejects with what KMS refuses. */
export async function makeDataKey(request: DataKeyCaller, use: DataKeyUse, anew = false): Promise<MadeDataKey> {
  const name = nameOf('make', request, use, use.keyId);
  const before = anew ? undefined : recall(request, name);
  if (before?.made) return before.made;
  const { KeyId, CiphertextBlob, Plaintext } = await request.aws.kms('GenerateDataKey', {
    KeyId: keyArn(use),
    KeySpec: 'AES_256',
    EncryptionContext: { ...use.context },
  });
  const sealed = { keyArn: KeyId!, blob: Buffer.from(CiphertextBlob!).toString('base64') };
  const made = { sealed, key: createSecretKey(Plaintext!) };
  remember(request, name, { until: request.now + use.reuseMilliseconds, made });
  return made;
}

/** Opens a data key as the caller. Rejects with what KMS refuses. */
export async function openDataKey(request: DataKeyCaller, use: DataKeyUse, { keyArn, blob }: SealedDataKey): Promise<KeyObject> {
  const name = nameOf('open', request, use, blob);
  const before = recall(request, name);
  if (before?.key) return before.key;
  const { Plaintext } = await request.aws.kms('Decrypt', {
    KeyId: keyArn,
    CiphertextBlob: Buffer.from(blob, 'base64'),
    EncryptionContext: { ...use.context },
  });
  const key = createSecretKey(Plaintext as Uint8Array);
  remember(request, name, { until: request.now + use.reuseMilliseconds, key });
  return key;
}

/** What KMS answers a service; what it refuses, as that words it. */
export async function askKms<T>(call: Promise<T>, wording: (refusal: AwsError) => AwsError): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof AwsError ? wording(error) : error;
  }
}

function nameOf(what: string, { principal, region }: DataKeyCaller, { context }: DataKeyUse, key: string): string {
  return JSON.stringify([what, principal.type, principal.arn, principal.id, region, Object.entries(context), key]);
}

function recall(request: DataKeyCaller, name: string): Known | undefined {
  const found = known.get(request.store)?.get(name);
  return found && found.until > request.now ? found : undefined;
}

function remember(request: DataKeyCaller, name: string, found: Known): void {
  let all = known.get(request.store);
  if (!all) known.set(request.store, (all = new Map()));
  keepNewest(all, knownMax, name, found);
}
