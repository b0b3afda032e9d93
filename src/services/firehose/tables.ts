/**
 * Firehose's durable records.
 *
 * What one call puts is a *piece*: a blob with its records and a number that counts through the stream. The *buffer* of a stream says
 * which pieces wait and how much they weigh. When it is full, or its time has come, what is in it becomes a *batch*, which will be one
 * object; the pieces go when the object is there.
 */

import type { Compression } from '../../framework/parquet-file.ts';
import type { BlobRef } from '../../store/blob-store.ts';
import { table } from '../../store/table.ts';

export type KinesisSource = { streamArn: string; roleArn: string; startedAt: number };

/** An S3 destination, with all its defaults. */
export type Destination = {
  roleArn: string;
  bucketArn: string;
  prefix: string;
  errorOutputPrefix?: string;
  bufferMebibytes: number;
  bufferSeconds: number;
  compression: 'UNCOMPRESSED' | 'GZIP';
  keyArn?: string;
  /** The members that ExtendedS3DestinationConfiguration adds. */
  extended: boolean;
  fileExtension?: string;
  timeZone?: string;
  /** Goes behind every record. */
  delimiter?: string;
  /** As they were given, to be shown. */
  processing?: string;
  partitioning?: Partitioning;
  conversion?: Conversion;
};

/** Records of JSON become Parquet, by a table of Glue. */
export type Conversion = {
  /** Of the role that reads the schema. */
  roleArn: string;
  catalog?: string;
  region?: string;
  database: string;
  table: string;
  /** A number, or LATEST. */
  version: string;
  /** Members of JSON that have other names than their columns. */
  keys?: [column: string, key: string][];
  /** Dots in names of members stand for underscores. */
  dots?: true;
  compression: Compression;
  /** As it was given, to be shown. */
  given: string;
};

/** Dynamic partitioning: by which query records are told apart, and how they are found in what was put. */
export type Partitioning = { query: string; retrySeconds?: number; subrecords?: 'JSON' | { delimiter: string } };

export type Encryption = { keyType: 'AWS_OWNED_CMK' | 'CUSTOMER_MANAGED_CMK'; keyArn?: string };

export type Stream = {
  account: string;
  region: string;
  name: string;
  /** Names this stream for ever; one of the same name that is made later has another. */
  id: string;
  /** Milliseconds since the epoch, like all times here. */
  created: number;
  updated?: number;
  status: 'CREATING' | 'ACTIVE' | 'DELETING';
  version: number;
  source?: KinesisSource;
  /** Mebibytes a second that its owner expects. */
  throughputHint?: number;
  destination: Destination;
  encryption?: Encryption;
  /** Absent while it is as it should be. */
  encrypting?: 'ENABLING' | 'DISABLING';
  tags: [key: string, value: string][];
};

export type Piece = { stream: string; number: number; arrived: number; blob: BlobRef; /** Its bytes are encrypted. */ sealed?: true };

export type Buffer = {
  stream: string;
  /** The number of its first piece, and of the next one that comes. */
  first: number;
  next: number;
  bytes: number;
  /** When its first piece arrived. */
  since: number;
};

/** When a buffer is to be emptied though it is not full. */
export type Due = { account: string; region: string; name: string; stream: string; at: number };

export type Batch = {
  stream: string;
  /** The numbers of its first and its last piece. */
  first: number;
  last: number;
  account: string;
  region: string;
  name: string;
  /** When its first piece arrived. */
  since: number;
  /** Tells its object from others, and seeds the random strings in its name. */
  suffix: string;
  failures: number;
  /** When it is tried next. */
  at: number;
  /** Its object is there, or will never be: only its pieces are left. */
  done?: true;
};

/** How far a shard of the source has been read. */
export type Checkpoint = { stream: string; shard: string; sequence?: string; ended?: true };

export const streams = table<Stream, 'pending' | 'source'>('firehose/streams', {
  key: (stream) => [stream.account, stream.region, stream.name],
  indexes: {
    pending: (stream) => (stream.status === 'ACTIVE' && !stream.encrypting ? undefined : [stream.status]),
    source: (stream) => (stream.source && stream.status === 'ACTIVE' ? [stream.id] : undefined),
  },
});
export const pieces = table<Piece>('firehose/pieces', { key: (piece) => [piece.stream, piece.number] });
export const buffers = table<Buffer>('firehose/buffers', { key: (buffer) => [buffer.stream] });
export const dues = table<Due, 'at'>('firehose/dues', { key: (due) => [due.stream], indexes: { at: (due) => [due.at] } });
export const batches = table<Batch, 'at'>('firehose/batches', {
  key: (batch) => [batch.stream, batch.first],
  indexes: { at: (batch) => [batch.at] },
});
export const checkpoints = table<Checkpoint>('firehose/checkpoints', { key: (row) => [row.stream, row.shard] });

export const tables = [streams, pieces, buffers, dues, batches, checkpoints];
