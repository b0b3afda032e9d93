/** In which storage tier a snapshot is at a moment: what was begun, and the clock, say it. https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-archive.html */

import type { Snapshot } from '../../../framework/ebs-snapshots/snapshot.ts';
import { incorrectState } from '../errors.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** AWS says up to 24 hours, and up to 72: these are in between. */
export const archivingMilliseconds = 12 * hour;
export const restoringMilliseconds = 24 * hour;

type Status =
  | 'archival-in-progress'
  | 'archival-completed'
  | 'temporary-restore-in-progress'
  | 'temporary-restore-completed'
  | 'permanent-restore-in-progress'
  | 'permanent-restore-completed';

export type Tier = {
  tier: 'standard' | 'archive';
  status?: Status;
  started?: number;
  /** Percent of the operation that runs. */
  progress?: number;
  archived?: number;
  /** When a temporary restore ends. */
  expires?: number;
};

export function tierOf({ tiering }: Snapshot, now: number): Tier {
  if (!tiering) return { tier: 'standard' };
  const { archiving, restore } = tiering;
  const archived = archiving + archivingMilliseconds;
  if (!restore)
    return {
      ...underWay('archival', archiving, archivingMilliseconds, now),
      tier: now < archived ? 'standard' : 'archive',
      ...(now >= archived && { archived }),
    };
  const { started, days } = restore;
  const done = now >= started + restoringMilliseconds;
  if (days === undefined)
    return {
      ...underWay('permanent-restore', started, restoringMilliseconds, now),
      tier: done ? 'standard' : 'archive',
      ...(!done && { archived }),
    };
  const expires = started + restoringMilliseconds + days * day;
  if (now >= expires) return { tier: 'archive', status: 'archival-completed', started: archiving, progress: 100, archived };
  return { ...underWay('temporary-restore', started, restoringMilliseconds, now), tier: 'archive', archived, ...(done && { expires }) };
}

function underWay(what: 'archival' | 'temporary-restore' | 'permanent-restore', started: number, takes: number, now: number) {
  const progress = Math.min(100, Math.floor(((now - started) / takes) * 100));
  return { status: `${what}-${progress === 100 ? 'completed' : 'in-progress'}` as Status, started, progress };
}

/** Whether volumes, copies and images can be made of it. */
export function isAtHand(row: Snapshot, now: number): boolean {
  const { tier, status } = tierOf(row, now);
  return tier === 'standard' ? status !== 'archival-in-progress' : status === 'temporary-restore-completed';
}

/** Throws IncorrectState for a snapshot that must be restored first. */
export function requireAtHand(row: Snapshot, now: number): void {
  if (!isAtHand(row, now)) throw incorrectState(`The snapshot '${row.id}' is archived, or being archived: restore it before it is used.`);
}
