/** Keys that customers made cost as long as they stand; those that wait for their deletion nothing: https://aws.amazon.com/kms/pricing/ */

import { arn } from '../../../framework/arn.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { standingMeter, type Standing } from '../../../framework/standing-use.ts';
import { keys } from '../tables.ts';

/** The first two rotations of a key make it dearer by one key each. */
const chargedRotationsMax = 2;

export const standing: Reconciler = standingMeter('kms', [keys], (context) => all(context));

async function* all({ store }: ReconcilerContext): AsyncGenerator<Standing> {
  for await (const { account, region, id, created, manager, state, version } of keys.each(store)) {
    if (manager !== 'CUSTOMER' || state === 'PendingDeletion') continue;
    const count = 1 + Math.min(version - 1, chargedRotationsMax);
    const resource = arn('kms', region, account, `key/${id}`);
    yield { id, account, region, usageType: 'KMS-Keys', operation: 'unknown', resource, unit: 'Seconds', count, since: created };
  }
}
