/** What a replica is: the version of its source, with the same id, described as the rule and the destination want it. Pure. */

import type { Bucket, Encryption, ObjectRecord } from '../tables.ts';
import { placeOf } from '../versions/version.ts';
import type { ReplicationRule } from './tables.ts';

type Where = { source: Bucket; destination: Bucket; rule: ReplicationRule };

/** Without the members that name its bytes. */
export function replicaOf(
  { source, destination, rule }: Where,
  object: ObjectRecord & { since?: number },
  encryption: Encryption | undefined,
  now: number,
): ObjectRecord {
  const { key, version, modified, size, etag, checksum, headers, metadata, tags, retention, legalHold } = object;
  const storageClass = rule.Destination.StorageClass ?? object.storageClass ?? 'STANDARD';
  return {
    ...{ bucket: destination.name, key, modified, size, etag, checksum },
    ...(version === undefined ? { place: placeOf(object) } : { version }),
    ...(headers && { headers }),
    ...(metadata && { metadata }),
    ...(tags && { tags }),
    ...(storageClass !== 'STANDARD' && { storageClass }),
    ...(retention && { retention }),
    ...(legalHold !== undefined && { legalHold }),
    ...(encryption && { encryption }),
    ...accessOf({ source, destination, rule }, object),
    ...{ replication: 'REPLICA', classSince: now, arrived: now },
  };
}

/** The same version at the destination, with what is new at its source. */
export function describedAnew(
  { source, destination, rule }: Where,
  there: ObjectRecord & { since?: number },
  { tags, acl, retention, legalHold }: ObjectRecord,
): ObjectRecord & { since?: number } {
  const { tags: _tags, acl: oldAcl, ...rest } = there;
  const keepsAcl = destination.ownership === undefined || source.ownership === undefined || rule.Destination.AccessControlTranslation;
  const nextAcl = keepsAcl ? oldAcl : acl;
  return {
    ...rest,
    ...(tags && { tags }),
    ...(nextAcl && { acl: nextAcl }),
    ...(retention && { retention }),
    ...(legalHold !== undefined && { legalHold }),
  };
}

/** A replica is its source's owner's, but where the rule or the destination gives it to the destination's. */
function accessOf({ source, destination, rule }: Where, object: ObjectRecord): Pick<ObjectRecord, 'owner' | 'acl'> {
  if (destination.ownership === undefined || rule.Destination.AccessControlTranslation) return {};
  const owner = source.ownership === undefined ? source.account : (object.owner ?? source.account);
  const acl = source.ownership === undefined ? undefined : object.acl;
  return { ...(owner !== destination.account && { owner }), ...(acl && { acl }) };
}
