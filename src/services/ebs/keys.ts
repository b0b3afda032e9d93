/** Keys of encrypted snapshots, from KMS, as the caller. */

import { keepNewest } from '../../framework/bounded-map.ts';
import { AwsError } from '../../framework/aws-error.ts';
import { newEncryption, openEncryption, regionOfKey, type Encryption } from '../../framework/ebs-snapshots/keys.ts';
import { blockKeyOf, type BlockKey } from '../../framework/ebs-snapshots/sealed-blocks.ts';
import type { Snapshot } from '../../framework/ebs-snapshots/snapshot.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { keyRefused, validation } from './errors.ts';

type Kept = { key: BlockKey; until: number };

/** How long an opened key serves one caller before KMS is asked again, milliseconds of cloud time: blocks come by thousands. */
const keptMilliseconds = 60_000;
const keptMax = 200;
const kept = new WeakMap<object, Map<string, Kept>>();

/** The key of a snapshot's blocks; undefined where they are not encrypted. Throws what KMS refuses, as EBS words it. */
export async function openKey(request: ServiceRequest, { encryption }: Snapshot): Promise<BlockKey | undefined> {
  if (!encryption) return undefined;
  let all = kept.get(request.store);
  if (!all) kept.set(request.store, (all = new Map()));
  const name = `${request.principal.id} ${request.principal.arn} ${encryption.blob}`;
  const known = all.get(name);
  if (known && known.until > request.now) return known.key;
  const key = blockKeyOf(
    await asking(openEncryption(request.awsAs(request.principal, { region: regionOfKey(encryption.keyArn) }), encryption)),
  );
  keepNewest(all, keptMax, name, { key, until: request.now + keptMilliseconds });
  return key;
}

/** A data key for a new snapshot. Throws what KMS refuses, as EBS words it. */
export const newKey = (request: ServiceRequest, keyId: string, snapshot: string): Promise<Encryption> =>
  asking(newEncryption(request.aws, keyId, snapshot));

async function asking<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    if (error.code === 'AccessDeniedException') throw keyRefused(error.message);
    throw validation('INVALID_DEPENDENCY_REQUEST', error.message);
  }
}
