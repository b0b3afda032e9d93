/**
 * The columns of metadata tables, and their rows:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-schema.html, …/metadata-tables-inventory-schema.html,
 * …/metadata-tables-annotation-schema.html. Pure.
 */

import type { Annotation } from '../annotations/tables.ts';
import type { ObjectRecord, VersionRecord } from '../tables.ts';
import { isDeleteMarker } from '../versions/version.ts';
import { described, joinKeyOf, sequenceOf, sequenceOfVersion } from './described.ts';
import type { Column, Row } from './iceberg/schema.ts';
import type { Described, JournalEntry } from './tables.ts';

const named: readonly Column[] = [
  { name: 'bucket', type: 'string', required: true },
  { name: 'key', type: 'string', required: true },
  { name: 'sequence_number', type: 'string', required: true },
];

const ofVersion: readonly Column[] = [
  { name: 'version_id', type: 'string' },
  { name: 'is_delete_marker', type: 'boolean' },
  { name: 'size', type: 'long' },
  { name: 'last_modified_date', type: 'timestamp' },
  { name: 'e_tag', type: 'string' },
  { name: 'storage_class', type: 'string' },
  { name: 'is_multipart', type: 'boolean' },
  { name: 'encryption_status', type: 'string' },
  { name: 'is_bucket_key_enabled', type: 'boolean' },
  { name: 'kms_key_arn', type: 'string' },
  { name: 'checksum_algorithm', type: 'string' },
  { name: 'object_tags', type: 'texts' },
  { name: 'user_metadata', type: 'texts' },
];

/** AWS tells of this column where it describes annotation tables, which are joined by it. */
const joinKey: Column = { name: 'object_join_key', type: 'string' };

export const journalColumns: readonly Column[] = [
  ...named,
  { name: 'record_type', type: 'string', required: true },
  { name: 'record_timestamp', type: 'timestamp', required: true },
  ...ofVersion,
  { name: 'requester', type: 'string' },
  { name: 'source_ip_address', type: 'string' },
  { name: 'request_id', type: 'string' },
  joinKey,
];

export const inventoryColumns: readonly Column[] = [...named, ...ofVersion, joinKey];

export const annotationColumns: readonly Column[] = [
  { name: 'bucket', type: 'string', required: true },
  { name: 'object_key', type: 'string', required: true },
  { name: 'object_version_id', type: 'string' },
  { name: 'object_join_key', type: 'string', required: true },
  { name: 'name', type: 'string', required: true },
  { name: 'sequence_number', type: 'string', required: true },
  { name: 'last_modified_date', type: 'timestamp' },
  { name: 'size', type: 'long' },
  { name: 'e_tag', type: 'string' },
  { name: 'checksum_algorithm', type: 'string' },
  { name: 'replication_status', type: 'string' },
  { name: 'text_value', type: 'string' },
];

function versionValues(version: string | undefined, deleteMarker: boolean | undefined, object: Described | undefined): Row {
  return [
    ...[version, deleteMarker, object?.size, object?.modified, object?.etag, object?.storageClass, object?.isMultipart],
    ...[object?.encryption, object?.isBucketKeyEnabled, object?.kmsKeyArn, object?.checksum],
    object?.tags && textsOf(object.tags.map(({ Key, Value }) => [Key, Value])),
    object?.metadata && textsOf(object.metadata),
  ];
}

function textsOf(entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(entries));
}

/** Undefined for what the journal does not tell. */
export function journalRow(entry: JournalEntry): Row | undefined {
  const { bucket, key, sequence, type, at, version, object, isDeleteMarker: marker } = entry;
  if (type === undefined) return undefined;
  const deleteMarker = type === 'DELETE' ? marker : false;
  return [
    ...[bucket, key, sequence, type, at],
    ...versionValues(version, deleteMarker, object),
    ...[entry.requester, entry.sourceIp, entry.requestId],
    object && joinKeyOf({ bucket, key, version, modified: object.modified }),
  ];
}

export function inventoryRow(record: VersionRecord): Row {
  const { bucket, key, version } = record;
  return [
    ...[bucket, key, sequenceOfVersion(record)],
    ...versionValues(version, isDeleteMarker(record), described(record)),
    joinKeyOf(record),
  ];
}

export function annotationRow(object: ObjectRecord, annotation: Annotation, text: string): Row {
  const { name, modified, size, etag, checksum, replication } = annotation;
  return [
    ...[object.bucket, object.key, object.version, joinKeyOf(object), name, sequenceOf(modified * 1000)],
    ...[modified, size, etag, checksum.algorithm, replication, text],
  ];
}
