/** What becomes of a request by what its instance does, and of the instance by what the market does. */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { isDown } from '../../../framework/zone-faults.ts';
import { instances, reasons, serviceInitiated, type Instance } from '../instances/instance.ts';
import { wake } from '../instances/waking.ts';
import { nextStep } from '../spot-market/market.ts';
import { spotPrice } from '../spot-market/pools.ts';
import { drawStart } from '../subnets/subnet.ts';
import { giveNotice, interrupt } from './interruption.ts';
import { instanceOfRequest, maximumOf, spotRequests, statusOf, type SpotRequest } from './spot-request.ts';

/** A rebalance recommendation comes before the notice when the price comes this near to the maximum. */
const rebalanceShare = 0.9;
const relaunchMilliseconds = 60_000;

/** Resolves to when it is to be looked at next, in cloud time. */
export async function followInstance(context: ReconcilerContext, seen: SpotRequest, now: number): Promise<number | undefined> {
  const { store, random, host } = context;
  const lent = { start: drawStart(random), range: host.networks.publicRange };
  const known = await store.read((tx) => lookAt(tx, seen, now));
  if (known.step === 'wait') return known.at;
  await store.write(async (tx) => {
    const row = await spotRequests.get(tx, seen.account, seen.region, seen.id);
    if (!row || row.ended !== undefined || row.instance !== seen.instance) return;
    const { step, instance } = await lookAt(tx, row, now);
    await steps[step](tx, row, instance!, now, lent);
  });
  // What was written wakes the broker once more.
  return undefined;
}

type Step = 'wait' | 'over' | 'stoppedByUser' | 'terminate' | 'restart' | 'runs' | 'expire' | 'notice' | 'rebalance' | 'interrupt';

async function lookAt(
  tx: Parameters<typeof instanceOfRequest>[0],
  row: SpotRequest,
  now: number,
): Promise<{ step: Step; instance?: Instance; at?: number }> {
  const instance = await instanceOfRequest(tx, row);
  if (!instance || instance.state === 'terminated' || instance.state === 'shutting-down')
    return { step: 'over', ...(instance && { instance }) };
  const expires = row.type === 'persistent' && row.state !== 'cancelled' ? row.validUntil : undefined;
  if (expires !== undefined && expires <= now) return { step: 'expire', instance };
  const wait = (...times: (number | undefined)[]) => {
    const at = Math.min(...[...times, expires].filter((time) => time !== undefined));
    return { step: 'wait' as const, ...(Number.isFinite(at) && { at }) };
  };
  const pool = { zone: instance.zone, type: instance.type };
  if (instance.state === 'stopping' || instance.state === 'stopped') {
    if (row.state === 'active') return { step: 'stoppedByUser', instance };
    if (instance.state === 'stopping') return wait();
    if (row.state === 'cancelled') return { step: 'terminate', instance };
    if (row.status.code === 'instance-stopped-by-user') return wait();
    if (row.notBefore !== undefined && row.notBefore > now) return wait(row.notBefore);
    if (await isDown(tx, instance.zone)) return wait();
    return (await spotPrice(tx, pool, now)) > maximumOf(row) ? wait(nextStep(pool, now)) : { step: 'restart', instance };
  }
  if (row.state === 'disabled') return { step: 'runs', instance };
  const notice = instance.spot?.notice;
  if (notice) return notice.at <= now ? { step: 'interrupt', instance } : wait(notice.at);
  const price = await spotPrice(tx, pool, now);
  if (price > maximumOf(row)) return { step: 'notice', instance };
  if (row.maxPrice !== undefined && price > rebalanceShare * maximumOf(row) && instance.spot?.rebalance === undefined)
    return { step: 'rebalance', instance };
  return wait(nextStep(pool, now));
}

/** How a public address is found. */
type Lent = { start: number; range: string };
type Act = (tx: WriteTransaction, row: SpotRequest, instance: Instance, now: number, lent: Lent) => Promise<unknown>;

const steps: Readonly<Record<Step, Act>> = {
  wait: async () => {},
  over: async (tx, row, instance, now) => spotRequests.put(tx, withoutInstance(row, instance, now)),
  stoppedByUser: async (tx, row, _instance, now) =>
    spotRequests.put(tx, { ...row, state: 'disabled', status: statusOf('instance-stopped-by-user', now) }),
  terminate: async (tx, row, instance, now) => {
    const transition = serviceInitiated(now);
    await instances.put(tx, { ...instance, state: 'shutting-down', reason: reasons.userShutdown, transition });
    await spotRequests.put(tx, { ...row, status: statusOf('instance-terminated-by-service', now), ended: now });
  },
  restart: async (tx, row, instance, now, lent) => {
    await wake(tx, instance, { now, ...lent });
    await steps.runs(tx, row, instance, now, lent);
  },
  runs: async (tx, { notBefore: _done, ...row }, _instance, now) =>
    spotRequests.put(tx, { ...row, state: 'active', status: statusOf('fulfilled', now) }),
  expire: async (tx, row, _instance, now) => spotRequests.put(tx, cancelled(row, now)),
  notice: async (tx, row, instance, now) => giveNotice(tx, row, instance, 'price', now),
  rebalance: async (tx, _row, instance, now) => instances.put(tx, { ...instance, spot: { ...instance.spot!, rebalance: now } }),
  interrupt: async (tx, row, instance, now) => interrupt(tx, row, instance, now),
};

/** Its instance goes on; one that is stopped will be terminated. */
export function cancelled(row: SpotRequest, now: number): SpotRequest {
  if (row.state === 'open') return { ...row, state: 'cancelled', status: statusOf('canceled-before-fulfillment', now), ended: now };
  return { ...row, state: 'cancelled', status: statusOf('request-canceled-and-instance-running', now) };
}

/** The instance was not taken back: somebody terminated it, or it could not be started. A persistent request wants another one. */
function withoutInstance(row: SpotRequest, instance: Instance | undefined, now: number): SpotRequest {
  const failed = instance?.reason?.code === 'Server.InternalError';
  const status = statusOf(failed ? 'system-error' : 'instance-terminated-by-user', now);
  if (row.state === 'cancelled') return { ...row, status, ended: now };
  if (row.type === 'one-time') return { ...row, status, state: 'closed', ended: now };
  const { instance: _gone, zone: _left, ...rest } = row;
  return { ...rest, status, state: 'open', ...(failed && { notBefore: now + relaunchMilliseconds }) };
}
