/** The role as which a spot fleet launches and terminates. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-fleet-prerequisites.html */

import type { Aws } from '../../../framework/clients.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { asServiceRole } from '../../../framework/service-role.ts';
import { recordEvent } from './events.ts';
import { fleets, type Fleet, type SpotFleetTerms } from './fleet.ts';

export const spotFleetService = 'spotfleet.amazonaws.com';
export const roleRefused = 'The role of the fleet does not trust spotfleet.amazonaws.com, or is not there.';

const retryMilliseconds = 60_000;

/** Undefined where the role is not there, or does not trust the service. */
export const asFleetRole = (
  context: ReconcilerContext,
  { id, account, region }: Fleet,
  { role }: SpotFleetTerms,
): Promise<Aws | undefined> => asServiceRole(context, { roleArn: role, service: spotFleetService, account, region, session: id });

/** Writes the fault down, once until something else is to be said. Resolves to when it is tried again. */
export async function roleInvalid({ store }: Pick<ReconcilerContext, 'store'>, seen: Fleet, now: number, why: string): Promise<number> {
  await store.write(async (tx) => {
    const present = await fleets.get(tx, seen.account, seen.region, seen.id);
    if (!present || present.roleFault === why) return;
    await fleets.put(tx, { ...present, roleFault: why });
    await recordEvent(tx, present, now, { type: 'service-error', what: 'iamFleetRoleInvalid', description: why });
  });
  return now + retryMilliseconds;
}
