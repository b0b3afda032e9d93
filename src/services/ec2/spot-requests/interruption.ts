/** How EC2 takes a spot instance back: a notice, two minutes, and the end. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */

import type { WriteTransaction } from '../../../store/store.ts';
import { instances, serviceInitiated, type Instance } from '../instances/instance.ts';
import {
  interruptionReasons,
  noticeMilliseconds,
  spotRequests,
  statusOf,
  type InterruptionBehavior,
  type InterruptionCause,
  type SpotRequest,
} from './spot-request.ts';

/** For how long what was taken for want of capacity does not come back. */
const scarceMilliseconds = 300_000;

/**
 * Tells the instance, by its metadata, and the request, by its status. Where a notice was given already nothing happens.
 * Hibernation begins at once, with the notice: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hibernate-spot-instances.html
 */
export async function giveNotice(
  tx: WriteTransaction,
  request: SpotRequest,
  instance: Instance,
  cause: InterruptionCause,
  now: number,
): Promise<void> {
  if (!instance.spot || instance.spot.notice) return;
  const action = request.behavior;
  const notice = { action, cause, at: action === 'hibernate' ? now : now + noticeMilliseconds };
  await instances.put(tx, { ...instance, spot: { rebalance: now, ...instance.spot, notice } });
  const code = action === 'terminate' ? ('marked-for-termination' as const) : ('marked-for-stop' as const);
  await spotRequests.put(tx, { ...request, status: statusOf(code, now) });
}

/** The two minutes are over, where there were any. */
export async function interrupt(tx: WriteTransaction, request: SpotRequest, instance: Instance, now: number): Promise<void> {
  const { action, cause } = instance.spot!.notice!;
  const state = action === 'terminate' ? ('shutting-down' as const) : ('stopping' as const);
  const how = { state, ...(action === 'hibernate' && { hibernating: true as const }) };
  await instances.put(tx, { ...instance, ...how, reason: interruptionReasons[action], transition: serviceInitiated(now) });
  const status = statusOf(
    `instance-${action === 'terminate' ? 'terminated' : 'stopped'}-${cause === 'price' ? 'by-price' : cause}` as const,
    now,
  );
  const later = cause === 'price' ? {} : { notBefore: now + scarceMilliseconds };
  await spotRequests.put(tx, next({ ...request, status, ...later }, action, now));
}

function next(row: SpotRequest, action: InterruptionBehavior, now: number): SpotRequest {
  if (row.state === 'cancelled') return action === 'terminate' ? { ...row, ended: now } : row;
  if (action !== 'terminate') return { ...row, state: 'disabled' };
  if (row.type === 'one-time') return { ...row, state: 'closed', ended: now };
  const { instance: _gone, zone: _left, ...rest } = row;
  return { ...rest, state: 'open' };
}
