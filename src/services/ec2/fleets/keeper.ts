/** The reconciler of fleets: fills those that are not full, ends what is too much, and lets go of those that were deleted. */

import { AwsError } from '../../../framework/aws-error.ts';
import { rootUser } from '../../../framework/principal.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { forgetEnded } from '../forgetting.ts';
import { instances } from '../instances/instance.ts';
import { forgetEvents, recordEvent } from './events.ts';
import { changeFleet, fill } from './filling.ts';
import { fleetInstances, fleets, membersOf, unitsOf, type Fleet, type Lifecycle } from './fleet.ts';
import { finishLaunch, type Means } from './launch.ts';
import { asFleetRole, roleInvalid, roleRefused } from './role.ts';

/** How soon it is tried again where something could not be launched. */
const retryMilliseconds = 60_000;
/** A deleted fleet is shown for 48 hours. */
const shownMilliseconds = 48 * 3_600_000;

export const fleetKeeper: Reconciler = {
  name: 'ec2/fleets',
  watches: [fleets, instances],
  async run(context) {
    const times: (number | undefined)[] = [];
    for (const { row } of await context.store.read((tx) => fleets.scanIndex(tx, 'live'))) {
      context.signal.throwIfAborted();
      times.push(await keep(context, row));
    }
    times.push(await forgetEnded(context, fleets, { index: 'ended', until: (row) => row.ended! + shownMilliseconds, forget }));
    const known = times.filter((time) => time !== undefined);
    return known.length > 0 ? { nextAt: Math.min(...known) } : undefined;
  },
};

type Members = Awaited<ReturnType<typeof membersOf>>;

/** Resolves to when it is to be looked at next, in cloud time. */
async function keep(context: ReconcilerContext, seen: Fleet): Promise<number | undefined> {
  const { account, region } = seen;
  const now = context.clock.now();
  const { spotFleet } = seen;
  const aws = spotFleet ? await asFleetRole(context, seen, spotFleet) : context.awsAs(rootUser(account), { account, region });
  if (!aws) return roleInvalid(context, seen, now, roleRefused);
  try {
    return await keepWith({ store: context.store, now, aws }, seen);
  } catch (error) {
    // A role that may not terminate: the other fleets are looked after all the same.
    if (!spotFleet || !(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    // By its code: the messages of denials differ each time, and what is written wakes the keeper.
    return roleInvalid(context, seen, now, `What the role of the fleet asked for was refused: ${error.code}.`);
  }
}

async function keepWith(means: Means, seen: Fleet): Promise<number | undefined> {
  const { now } = means;
  if (seen.launching) await finishLaunch(means, seen, seen.launching);
  const { row, members } = await means.store.write(async (tx) => letGo(tx, seen, now));
  if (!row) return undefined;
  if (row.state === 'deleted_running' || row.state === 'deleted_terminating') return endDeleted(means, row, members);
  if (row.validFrom !== undefined && row.validFrom > now) return row.validFrom;
  if (row.validUntil !== undefined && row.validUntil <= now) {
    if (row.spotFleet) await changeFleet(means, row, (present, tx) => expired(tx, present, now));
    else if (row.terminatesAtEnd) await terminate(means, members);
    return undefined;
  }
  if (row.state !== 'active') await changeFleet(means, row, async (present, tx) => activated(tx, present, now));
  if (row.type === 'maintain') await endExcess(means, row, members);
  const next = await fillUp(means, row, members);
  const ends = row.validUntil === undefined ? [] : [row.validUntil];
  return next === undefined ? ends[0] : Math.min(next, ...ends);
}

async function activated(tx: WriteTransaction, present: Fleet, now: number): Promise<Fleet> {
  if (present.state !== 'submitted' && present.state !== 'modifying') return present;
  const next: Fleet = { ...present, state: 'active' };
  await recordEvent(tx, next, now, { type: 'fleet-change', what: present.state === 'submitted' ? 'active' : 'modify_succeeded' });
  return next;
}

/** A spot fleet whose time is over is cancelled, with or without its instances. */
async function expired(tx: WriteTransaction, present: Fleet, now: number): Promise<Fleet> {
  await recordEvent(tx, present, now, { type: 'fleet-change', what: 'expired' });
  return { ...present, state: present.terminatesAtEnd ? 'deleted_terminating' : 'deleted_running' };
}

/** Instances that are terminated are its own no more. */
async function letGo(tx: WriteTransaction, seen: Fleet, now: number): Promise<{ row: Fleet | undefined; members: Members }> {
  const row = await fleets.get(tx, seen.account, seen.region, seen.id);
  if (!row) return { row, members: [] };
  const members = await membersOf(tx, row);
  for (const { instance } of members.filter(({ isThere }) => !isThere)) {
    await fleetInstances.delete(tx, row.account, row.region, row.id, instance);
    await recordEvent(tx, row, now, { type: 'instance-change', what: 'terminated', instance });
  }
  return { row, members: members.filter(({ isThere }) => isThere) };
}

/** One that terminates its instances waits for their end; what runs on without its fleet is nobody's. */
async function endDeleted(means: Means, row: Fleet, members: Members): Promise<undefined> {
  if (row.state === 'deleted_terminating') await terminate(means, members);
  if (members.length > 0) return undefined;
  await changeFleet(means, row, (present) => ({ ...present, state: 'deleted', ended: means.now }));
  return undefined;
}

async function terminate({ aws }: Means, members: Members): Promise<void> {
  const ids = members.filter(({ runs }) => runs).map(({ instance }) => instance);
  if (ids.length > 0) await aws.ec2('TerminateInstances', { InstanceIds: ids });
}

/** The newest first, as long as the target stays reached. */
async function endExcess(means: Means, { excess, targets }: Fleet, members: Members): Promise<void> {
  if (excess === 'no-termination') return;
  const ending: Members = [];
  for (const [lifecycle, target] of [
    ['spot', targets.spot],
    ['on-demand', targets.onDemand],
  ] as const) {
    let left = unitsOf(members, lifecycle) - target;
    for (const one of members.filter((own) => own.runs && own.lifecycle === lifecycle).toSorted((a, b) => b.at - a.at)) {
      if (one.weight > left) continue;
      ending.push(one);
      left -= one.weight;
    }
  }
  await terminate(means, ending);
}

async function fillUp(means: Means, row: Fleet, members: Members): Promise<number | undefined> {
  const has = (lifecycle: Lifecycle): number => (row.type === 'maintain' ? unitsOf(members, lifecycle) : row.launched[lifecycle]);
  const missing = { spot: row.targets.spot - has('spot'), 'on-demand': row.targets.onDemand - has('on-demand') };
  if (missing.spot <= 0 && missing['on-demand'] <= 0) return undefined;
  if (row.notBefore !== undefined && row.notBefore > means.now) return row.notBefore;
  const faults = await fill(means, row, missing);
  const notBefore = faults.length > 0 ? means.now + retryMilliseconds : undefined;
  await changeFleet(means, row, ({ faults: _old, notBefore: _then, ...present }) => ({
    ...present,
    ...(faults.length > 0 && { faults, notBefore: notBefore! }),
  }));
  return notBefore;
}

async function forget(tx: WriteTransaction, row: Fleet): Promise<void> {
  for (const { row: one } of await fleetInstances.scan(tx, [row.account, row.region, row.id]))
    await fleetInstances.delete(tx, row.account, row.region, row.id, one.instance);
  await forgetEvents(tx, row);
  await fleets.delete(tx, row.account, row.region, row.id);
}
