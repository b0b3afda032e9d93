/** Manifests, and the list of them that a snapshot is: https://iceberg.apache.org/spec/#manifests. Each names one data file, so that files go as their manifests do. Pure. */

import { avroFile, type AvroField, type AvroRecord, type AvroType } from './avro.ts';
import { icebergSchema, type Column } from './schema.ts';

/** A data file, and the commit that brought it. */
export type DataFile = {
  /** `s3://…` */
  path: string;
  rows: number;
  bytes: number;
  sequence: number;
};

const field = (id: number, name: string, type: AvroType): AvroField => ({ name, type, 'field-id': id });
const optional = (id: number, name: string, type: AvroType): AvroField => ({ name, type: ['null', type], default: null, 'field-id': id });

const dataFile: AvroRecord = {
  type: 'record',
  name: 'r2',
  fields: [
    field(134, 'content', 'int'),
    field(100, 'file_path', 'string'),
    field(101, 'file_format', 'string'),
    field(102, 'partition', { type: 'record', name: 'r102', fields: [] }),
    field(103, 'record_count', 'long'),
    field(104, 'file_size_in_bytes', 'long'),
  ],
};

const manifestEntry: AvroRecord = {
  type: 'record',
  name: 'manifest_entry',
  fields: [
    field(0, 'status', 'int'),
    optional(1, 'snapshot_id', 'long'),
    optional(3, 'sequence_number', 'long'),
    optional(4, 'file_sequence_number', 'long'),
    field(2, 'data_file', dataFile),
  ],
};

const manifestFile: AvroRecord = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    field(500, 'manifest_path', 'string'),
    field(501, 'manifest_length', 'long'),
    field(502, 'partition_spec_id', 'int'),
    field(517, 'content', 'int'),
    field(515, 'sequence_number', 'long'),
    field(516, 'min_sequence_number', 'long'),
    field(503, 'added_snapshot_id', 'long'),
    field(504, 'added_files_count', 'int'),
    field(505, 'existing_files_count', 'int'),
    field(506, 'deleted_files_count', 'int'),
    field(512, 'added_rows_count', 'long'),
    field(513, 'existing_rows_count', 'long'),
    field(514, 'deleted_rows_count', 'long'),
  ],
};

const added = 1;

/** A snapshot is named by the number of its commit. */
export function manifest(columns: readonly Column[], { path, rows, bytes, sequence }: DataFile): Buffer {
  const metadata = {
    schema: JSON.stringify(icebergSchema(columns)),
    'schema-id': '0',
    'partition-spec': '[]',
    'partition-spec-id': '0',
    'format-version': '2',
    content: 'data',
  };
  const data_file = {
    content: 0,
    file_path: path,
    file_format: 'PARQUET',
    partition: {},
    record_count: rows,
    file_size_in_bytes: bytes,
  };
  const entry = { status: added, snapshot_id: sequence, sequence_number: sequence, file_sequence_number: sequence, data_file };
  return avroFile(manifestEntry, metadata, [entry]);
}

/** A manifest, and what it holds. */
export type ListedManifest = { path: string; bytes: number; rows: number; sequence: number };

export function manifestList(snapshot: number, manifests: readonly ListedManifest[]): Buffer {
  const records = manifests.map(({ path, bytes, rows, sequence }) => ({
    manifest_path: path,
    manifest_length: bytes,
    partition_spec_id: 0,
    content: 0,
    sequence_number: sequence,
    min_sequence_number: sequence,
    added_snapshot_id: sequence,
    added_files_count: 1,
    existing_files_count: 0,
    deleted_files_count: 0,
    added_rows_count: rows,
    existing_rows_count: 0,
    deleted_rows_count: 0,
  }));
  return avroFile(manifestFile, { 'snapshot-id': String(snapshot), 'sequence-number': String(snapshot), 'format-version': '2' }, records);
}
