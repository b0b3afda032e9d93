/** The metadata file of a table, from which readers set out: https://iceberg.apache.org/spec/#table-metadata. Pure. */

import { icebergSchema, lastColumnId, type Column } from './schema.ts';

/** The one snapshot that is kept: AWS promises no more of its metadata tables. */
export type Snapshot = {
  /** The number of its commit: its id and its sequence number. */
  number: number;
  /** Milliseconds since the epoch. */
  at: number;
  /** `s3://…` */
  manifestList: string;
  operation: 'append' | 'overwrite' | 'delete' | 'replace';
  files: number;
  rows: number;
};

export type TableFacts = { id: string; location: string; columns: readonly Column[]; updated: number; snapshot?: Snapshot };

export function tableMetadata({ id, location, columns, updated, snapshot }: TableFacts): Buffer {
  const metadata = {
    'format-version': 2,
    'table-uuid': id,
    location,
    'last-sequence-number': snapshot?.number ?? 0,
    'last-updated-ms': updated,
    'last-column-id': lastColumnId(columns),
    'current-schema-id': 0,
    schemas: [icebergSchema(columns)],
    'default-spec-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: [] }],
    'last-partition-id': 999,
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    properties: { 'write.format.default': 'parquet' },
    'current-snapshot-id': snapshot?.number ?? -1,
    refs: snapshot ? { main: { 'snapshot-id': snapshot.number, type: 'branch' } } : {},
    snapshots: snapshot ? [snapshotMember(snapshot)] : [],
    'snapshot-log': snapshot ? [{ 'snapshot-id': snapshot.number, 'timestamp-ms': snapshot.at }] : [],
    'metadata-log': [],
    statistics: [],
  };
  return Buffer.from(JSON.stringify(metadata));
}

function snapshotMember({ number, at, manifestList, operation, files, rows }: Snapshot): object {
  return {
    'sequence-number': number,
    'snapshot-id': number,
    'timestamp-ms': at,
    'manifest-list': manifestList,
    'schema-id': 0,
    summary: { operation, 'total-data-files': String(files), 'total-records': String(rows), 'total-delete-files': '0' },
  };
}
