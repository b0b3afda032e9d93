/** Whether this host can run one more machine at all. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { Host } from '../../../framework/host.ts';

/** Throws InsufficientInstanceCapacity (500) with what is to be done about it. */
export async function checkCapacity(host: Host): Promise<void> {
  const obstacle = (await host.machines.obstacle()) ?? (await host.networks.obstacle());
  if (obstacle === undefined) return;
  throw new AwsError(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient capacity in the Availability Zone you requested: ${obstacle}`,
    { status: 500 },
  );
}
