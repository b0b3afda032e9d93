/** Which spot instances their owner may stop and start: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-instances-request.html */

import type { ReadTransaction } from '../../../store/store.ts';
import { refusal, unsupportedOperation } from '../errors.ts';
import type { Instance } from '../instances/instance.ts';
import { spotRequests } from './spot-request.ts';

/** Throws UnsupportedOperation for an instance of a one-time request. */
export async function requireStoppable(tx: ReadTransaction, { account, region, id, spot }: Instance): Promise<void> {
  const row = spot && (await spotRequests.get(tx, account, region, spot.request));
  if (row?.type === 'one-time')
    throw unsupportedOperation(
      `You can't stop the Spot Instance '${id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
    );
}

/** Throws IncorrectSpotRequestState for an instance that EC2 itself has stopped, or whose request is cancelled. */
export async function requireStartable(tx: ReadTransaction, { account, region, id, spot }: Instance): Promise<void> {
  const row = spot && (await spotRequests.get(tx, account, region, spot.request));
  if (!spot || row?.state === 'active' || (row?.state === 'disabled' && row.status.code === 'instance-stopped-by-user')) return;
  throw refusal('IncorrectSpotRequestState')(
    `You can't start the Spot Instance '${id}' because the associated Spot Instance request is not in an appropriate state to support start.`,
  );
}
