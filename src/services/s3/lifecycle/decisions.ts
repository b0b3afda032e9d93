/** What is to become of an object or a version at a moment, by the rules of its bucket. */

import { isProtected } from '../object-lock/lock.ts';
import { classOf } from '../storage-classes/storage-class.ts';
import type { Bucket, LifecycleRule, ObjectRecord, StorageClass, Upload, VersionRecord } from '../tables.ts';
import { isDeleteMarker } from '../versions/version.ts';
import { appliesTo, dueAfter, dueAt, expirationOf, filtersBySize, isBelow } from './rule.ts';

/** `at`: when it was due. */
export type Decision = { kind: 'expire'; at: number } | { kind: 'move'; storageClass: StorageClass; at: number };

/** Smaller objects do not move, unless a rule filters by size itself. */
const movedBytesMin = 128 * 1024;

export function decideCurrent(bucket: Bucket, rules: readonly LifecycleRule[], object: ObjectRecord, now: number): Decision | undefined {
  const expiration = expirationOf(rules, object);
  if (expiration && expiration.at <= now) return { kind: 'expire', at: expiration.at };
  const moves = rules
    .filter((rule) => rule.transitions && appliesTo(rule, object))
    .flatMap((rule) => rule.transitions!.map((move) => ({ rule, storageClass: move.storageClass, at: dueAt(move, object.modified)! })));
  return lowest(bucket, moves, object, now);
}

/** `newer`: how many noncurrent versions of the key are newer than this one. What is locked stays. */
export function decideNoncurrent(
  bucket: Bucket,
  rules: readonly LifecycleRule[],
  version: VersionRecord,
  newer: number,
  now: number,
): Decision | undefined {
  const since = version.since!;
  const marker = isDeleteMarker(version);
  const applying = rules.filter((rule) => appliesTo(rule, version));
  const isOver = ({ noncurrentExpiration: end }: LifecycleRule) =>
    end !== undefined && newer >= (end.newer ?? 0) && dueAfter(since, end.days) <= now;
  const over = applying.filter(isOver).map(({ noncurrentExpiration }) => dueAfter(since, noncurrentExpiration!.days));
  if (over.length > 0 && (marker || !isProtected(version, now))) return { kind: 'expire', at: Math.min(...over) };
  if (marker) return undefined;
  const moves = applying.flatMap((rule) =>
    (rule.noncurrentTransitions ?? [])
      .filter((move) => newer >= (move.newer ?? 0))
      .map(({ storageClass, days }) => ({ rule, storageClass, at: dueAfter(since, days) })),
  );
  return lowest(bucket, moves, version, now);
}

/** Whether a delete marker that nothing lies under may go: by its own rule, or as what it hides would have expired. */
export function isMarkerOver(rules: readonly LifecycleRule[], marker: { key: string; modified: number }, now: number): boolean {
  return rules.some(({ expiration, ...rule }) => {
    if (!expiration || !appliesTo(rule, marker)) return false;
    return expiration.deleteMarker ?? dueAt(expiration, marker.modified)! <= now;
  });
}

export function isUploadOver(rules: readonly LifecycleRule[], { key, initiated }: Upload, now: number): boolean {
  return rules.some((rule) => rule.abortDays !== undefined && appliesTo(rule, { key }) && dueAfter(initiated, rule.abortDays) <= now);
}

type Move = { rule: LifecycleRule; storageClass: StorageClass; at: number };

/** Of all moves that are due the one farthest down. */
function lowest(bucket: Bucket, moves: readonly Move[], object: ObjectRecord, now: number): Decision | undefined {
  let chosen: Move | undefined;
  for (const move of moves)
    if (
      move.at <= now &&
      isBelow(move.storageClass, chosen?.storageClass ?? classOf(object)) &&
      (filtersBySize(move.rule) || mayMove(bucket, object, move.storageClass))
    )
      chosen = move;
  return chosen && { kind: 'move', storageClass: chosen.storageClass, at: chosen.at };
}

function mayMove({ lifecycle }: Bucket, { size }: ObjectRecord, to: StorageClass): boolean {
  return size >= movedBytesMin || (lifecycle?.minimumVaries === true && (to === 'GLACIER' || to === 'DEEP_ARCHIVE'));
}
