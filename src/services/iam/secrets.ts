/** Secrets at rest: sealed with the cloud's key, each for the one record that holds it. */

import type { Random } from '../../framework/random.ts';
import { open, seal, sealingKey } from '../../framework/session-token.ts';
import type { Store } from '../../store/store.ts';

/** Seals a secret for the record with this id. Call it before a transaction, never inside. */
export async function sealSecret(store: Store, random: Random, id: string, secret: string): Promise<string> {
  return seal(await sealingKey(store, random), `iam ${id}`, secret, random);
}

/** Opens what `sealSecret` sealed; throws when it was sealed elsewhere or for another record. */
export async function openSecret(store: Store, random: Random, id: string, sealed: string): Promise<string> {
  const secret = open(await sealingKey(store, random), `iam ${id}`, sealed);
  if (secret === undefined) throw new Error(`the secret of ${id} was not sealed by this cloud`);
  return secret;
}
