/** Archiving snapshots and restoring them: wishes with their time, from which the tier follows. */

import { snapshots, type Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { describe } from '../describe.ts';
import { incorrectState, invalidParameterCombination, invalidParameterValue } from '../errors.ts';
import type { Filters } from '../filters.ts';
import { requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { requireUnused, snapshotType } from './snapshot.ts';
import { tierOf } from './tier.ts';

const restoreDays = { min: 1, max: 180 } as const;

export const ModifySnapshotTier: Operation<'ModifySnapshotTier'> = async (request, input) => {
  if (input.StorageTier !== undefined && input.StorageTier !== 'archive')
    throw invalidParameterValue(`Invalid value '${input.StorageTier as string}' for StorageTier.`);
  const { now } = request;
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, snapshotType, input.SnapshotId);
    if (row.state !== 'completed') throw incorrectState(`The snapshot '${row.id}' is not completed.`);
    const { tier, status } = tierOf(row, now);
    if (tier === 'archive' || status === 'archival-in-progress')
      throw incorrectState(`The snapshot '${row.id}' is archived already, or being archived.`);
    await requireUnused(tx, row);
    await snapshots.put(tx, { ...row, tiering: { archiving: now } });
  });
  return { SnapshotId: input.SnapshotId, TieringStartTime: new Date(now) };
};

export const RestoreSnapshotTier: Operation<'RestoreSnapshotTier'> = async (request, input) => {
  const { TemporaryRestoreDays: days, PermanentRestore: permanent = false } = input;
  if ((days === undefined) === !permanent)
    throw invalidParameterCombination('Either TemporaryRestoreDays or PermanentRestore must be specified.');
  if (days !== undefined && (!Number.isInteger(days) || days < restoreDays.min || days > restoreDays.max))
    throw invalidParameterValue(`TemporaryRestoreDays must be between ${restoreDays.min} and ${restoreDays.max}.`);
  const { now } = request;
  const started = await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, snapshotType, input.SnapshotId);
    const { tier, status } = tierOf(row, now);
    if (tier !== 'archive') throw incorrectState(`The snapshot '${row.id}' is not archived.`);
    if (status === 'temporary-restore-in-progress' || status === 'permanent-restore-in-progress')
      throw incorrectState(`The snapshot '${row.id}' is being restored already.`);
    // What is there already is kept for longer, or for good: its bytes need not come again.
    const begun = status === 'temporary-restore-completed' ? row.tiering!.restore!.started : now;
    const kept = days === undefined ? undefined : days + Math.floor((now - begun) / 86_400_000);
    await snapshots.put(tx, {
      ...row,
      tiering: { ...row.tiering!, restore: { started: begun, ...(kept !== undefined && { days: kept }) } },
    });
    return begun;
  });
  return {
    ...{ SnapshotId: input.SnapshotId, RestoreStartTime: new Date(started), IsPermanentRestore: permanent },
    ...(days !== undefined && { RestoreDuration: days }),
  };
};

export const DescribeSnapshotTierStatus: Operation<'DescribeSnapshotTierStatus'> = async (request, input) => {
  const { now } = request;
  const filters: Filters<Snapshot> = {
    'snapshot-id': (row) => row.id,
    'volume-id': (row) => row.volume,
    'last-tiering-operation': (row) => tierOf(row, now).status,
  };
  const { rows, next } = await describe(request, input, { type: snapshotType, ids: undefined, filters });
  return { SnapshotTierStatuses: rows.map((row) => statusOf(row, now)), ...next };
};

function statusOf(row: Snapshot, now: number) {
  const { tier, status, started, progress, archived, expires } = tierOf(row, now);
  return {
    ...{ SnapshotId: row.id, VolumeId: row.volume, Status: row.state, OwnerId: row.account, StorageTier: tier, Tags: row.tags ?? [] },
    ...(status !== undefined && { LastTieringOperationStatus: status, LastTieringProgress: progress ?? 0 }),
    ...(started !== undefined && { LastTieringStartTime: new Date(started) }),
    ...(archived !== undefined && { ArchivalCompleteTime: new Date(archived) }),
    ...(expires !== undefined && { RestoreExpiryTime: new Date(expires) }),
  };
}
