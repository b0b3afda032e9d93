/** What a rule of replication means: which versions it is for, and which of several rules decides: https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html. Pure. */

import { matchesFilter } from '../lifecycle/rule.ts';
import { isArchived } from '../storage-classes/storage-class.ts';
import type { ObjectRecord } from '../tables.ts';
import type { ReplicationRule } from './tables.ts';

/** The one promise of Replication Time Control that there is. */
export const timeMinutes = 15;

type Filtered = {
  Prefix?: string | undefined;
  Filter?: { Prefix?: string | undefined; And?: { Prefix?: string | undefined } | undefined } | undefined;
};

export function prefixOf({ Prefix, Filter }: Filtered): string {
  return Filter?.And?.Prefix ?? Filter?.Prefix ?? Prefix ?? '';
}

export function isTimed({ Destination }: ReplicationRule): boolean {
  return Destination.ReplicationTime?.Status === 'Enabled';
}

/** Events of replication are for rules that are measured. */
export function isMeasured({ Destination }: ReplicationRule): boolean {
  return Destination.Metrics?.Status === 'Enabled';
}

/** The rules that want a new object, one for each destination. */
export function rulesForObject(rules: readonly ReplicationRule[], object: ObjectRecord): ReplicationRule[] {
  if (object.replication === 'REPLICA' || isArchived(object)) return [];
  return decisive(rules.filter((rule) => matches(rule, object))).filter(
    (rule) => object.encryption?.mode !== 'kms' || rule.SourceSelectionCriteria?.SseKmsEncryptedObjects?.Status === 'Enabled',
  );
}

/** The rules that want a delete marker. Those of the first version always do. */
export function rulesForMarker(rules: readonly ReplicationRule[], key: string): ReplicationRule[] {
  return decisive(rules.filter((rule) => matches(rule, { key }))).filter(
    (rule) => rule.Filter === undefined || rule.DeleteMarkerReplication?.Status === 'Enabled',
  );
}

/** The rules that want what is new of a version's tags, ACL or lock; of a replica's only those that say so. */
export function rulesForDescription(rules: readonly ReplicationRule[], object: ObjectRecord): ReplicationRule[] {
  if (object.replication === undefined) return [];
  if (object.replication !== 'REPLICA') return rulesForObject(rules, object);
  return decisive(
    rules.filter((rule) => rule.SourceSelectionCriteria?.ReplicaModifications?.Status === 'Enabled' && matches(rule, object)),
  );
}

function matches({ Status, Prefix, Filter }: ReplicationRule, subject: Pick<ObjectRecord, 'key' | 'tags'>): boolean {
  if (Status !== 'Enabled') return false;
  return Filter ? matchesFilter(Filter, subject) : subject.key.startsWith(Prefix ?? '');
}

/** Of rules with the same destination the one with the highest priority. */
function decisive(rules: readonly ReplicationRule[]): ReplicationRule[] {
  const byDestination = new Map<string, ReplicationRule>();
  for (const rule of rules) {
    const other = byDestination.get(rule.Destination.Bucket);
    if (!other || (rule.Priority ?? 0) > (other.Priority ?? 0)) byDestination.set(rule.Destination.Bucket, rule);
  }
  return [...byDestination.values()];
}
