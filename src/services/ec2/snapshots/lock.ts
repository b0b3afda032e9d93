/** Locks of snapshots, which keep them from being deleted: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-snapshot-lock.html */

import { snapshots, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter, operationNotPermitted } from '../errors.ts';
import { pageOf, readPage } from '../pagination.ts';
import { requireResource } from '../resource.ts';
import type { Input, Operation } from '../sdk.ts';
import { snapshotType } from './snapshot.ts';

type Lock = NonNullable<Snapshot['lock']>;
type LockState = 'compliance' | 'governance' | 'compliance-cooloff' | 'expired';

const hour = 3_600_000;
const day = 24 * hour;
const daysMax = 36_500;
const coolOffHours = { min: 1, max: 72 } as const;

export function lockState({ mode, until, coolOffUntil = 0 }: Lock, now: number): LockState {
  if (until <= now) return 'expired';
  return mode === 'compliance' && coolOffUntil > now ? 'compliance-cooloff' : mode;
}

export const isLocked = ({ lock }: Snapshot, now: number): boolean => lock !== undefined && lockState(lock, now) !== 'expired';

function lockOf({ id, lock }: Snapshot, now: number) {
  const { coolOffUntil, coolOffHours: CoolOffPeriod, days, created, started, until } = lock!;
  return {
    ...{ SnapshotId: id, LockState: lockState(lock!, now), LockDuration: days },
    ...{ LockCreatedOn: new Date(created), LockDurationStartTime: new Date(started), LockExpiresOn: new Date(until) },
    ...(coolOffUntil !== undefined && { CoolOffPeriod, CoolOffPeriodExpiresOn: new Date(coolOffUntil) }),
  };
}

export const LockSnapshot: Operation<'LockSnapshot'> = async (request, input) => {
  const { now } = request;
  const wanted = checked(input, now);
  const row = await request.store.write(async (tx) => {
    const present = await requireResource(tx, request, snapshotType, input.SnapshotId);
    if (present.state === 'error') throw invalidParameterValue(`The snapshot '${present.id}' is in the error state.`);
    const locked = { ...present, lock: relocked(present, wanted, now) };
    await snapshots.put(tx, locked);
    return locked;
  });
  return lockOf(row, now);
};

type Wanted = { mode: Lock['mode']; days: number; until: number; coolOff: number | undefined };

function checked({ LockMode, CoolOffPeriod, LockDuration, ExpirationDate }: Input<'LockSnapshot'>, now: number): Wanted {
  if (LockMode !== 'compliance' && LockMode !== 'governance')
    throw invalidParameterValue(`Invalid value '${LockMode as string}' for LockMode.`);
  if ((LockDuration === undefined) === (ExpirationDate === undefined))
    throw LockDuration === undefined
      ? missingParameter('LockDuration')
      : invalidParameterCombination('LockDuration and ExpirationDate cannot be specified together.');
  if (CoolOffPeriod !== undefined && LockMode === 'governance')
    throw invalidParameterCombination('CoolOffPeriod cannot be specified in governance mode.');
  if (CoolOffPeriod !== undefined && (CoolOffPeriod < coolOffHours.min || CoolOffPeriod > coolOffHours.max))
    throw invalidParameterValue(`CoolOffPeriod must be between ${coolOffHours.min} and ${coolOffHours.max} hours.`);
  const until = ExpirationDate?.getTime() ?? now + LockDuration! * day;
  const days = LockDuration ?? Math.ceil((until - now) / day);
  if (!(days >= 1 && days <= daysMax && until - now >= day))
    throw invalidParameterValue(`The lock must last between 1 and ${daysMax} days.`);
  return { mode: LockMode, days, until, coolOff: CoolOffPeriod };
}

/** A lock in compliance mode whose cooling-off has passed can be made longer, and nothing else. */
function relocked({ id, lock }: Snapshot, { mode, days, until, coolOff }: Wanted, now: number): Lock {
  const state = lock && lockState(lock, now);
  if (state === 'compliance' && (mode !== 'compliance' || until < lock!.until || coolOff !== undefined))
    throw operationNotPermitted(`The snapshot '${id}' is locked in compliance mode: only the duration of its lock can be increased.`);
  const renewed: Lock = { mode, days, until, created: lock?.created ?? now, started: now };
  if (coolOff !== undefined) return { ...renewed, coolOffUntil: now + coolOff * hour, coolOffHours: coolOff };
  if (state !== 'compliance-cooloff') return renewed;
  return { ...renewed, coolOffUntil: lock!.coolOffUntil!, coolOffHours: lock!.coolOffHours! };
}

export const UnlockSnapshot: Operation<'UnlockSnapshot'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { lock, ...row } = await requireResource(tx, request, snapshotType, input.SnapshotId);
    if (!lock) throw invalidParameterValue(`The snapshot '${row.id}' is not locked.`);
    if (lockState(lock, request.now) === 'compliance')
      throw operationNotPermitted(`The snapshot '${row.id}' is locked in compliance mode and cannot be unlocked.`);
    await snapshots.put(tx, row);
  });
  return { SnapshotId: input.SnapshotId };
};

export const DescribeLockedSnapshots: Operation<'DescribeLockedSnapshots'> = async (request, input) => {
  const { account, region, now } = request;
  const filters: Filters<Snapshot> = { 'lock-state': (row) => lockState(row.lock!, now) };
  const fits = compileFilters(input.Filters, filters);
  const page = pageOf('locked-snapshots', input);
  const asked = new Set(input.SnapshotIds);
  return request.store.read(async (tx) => {
    for (const id of asked) await requireResource(tx, request, snapshotType, id);
    const { rows, next } = await readPage(
      'locked-snapshots',
      page,
      (range) => snapshots.scan(tx, [account, region], range),
      (row) => (row.lock && (asked.size === 0 || asked.has(row.id)) && fits(row) ? row : undefined),
    );
    return { Snapshots: rows.map((row) => ({ OwnerId: row.account, ...lockOf(row, now) })), ...next };
  });
};
