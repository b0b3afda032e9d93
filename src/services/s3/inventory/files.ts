/** The files of a report: lines of CSV, compressed, or Parquet: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html */

import { createGzip } from 'node:zlib';
import { elementOf, parquetFile, type Column } from '../../../framework/parquet-file.ts';
import type { VersionRecord } from '../tables.ts';
import { lineWriter, rowWriter, type Listed } from './line.ts';

export type FileWriter = { write(record: VersionRecord): Promise<void>; end(): Promise<Buffer> };
type Format = {
  extension: string;
  contentType: string;
  /** As the manifest tells it. */
  schema: (columns: readonly string[]) => string;
  open: (listed: Listed, columns: readonly string[]) => FileWriter;
};

export const formats: Readonly<Record<'CSV' | 'Parquet', Format>> = {
  CSV: { extension: '.csv.gz', contentType: 'application/x-gzip', schema: (columns) => columns.join(', '), open: csv },
  Parquet: { extension: '.parquet', contentType: 'application/octet-stream', schema: messageOf, open: parquet },
};

/** Text is compressed in pieces of about this length. */
const pieceCharacters = 64 * 1024;

/** Compresses in the thread pool; only what is compressed is kept. */
function csv(listed: Listed, columns: readonly string[]): FileWriter {
  const line = lineWriter(listed, columns);
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => gzip.once('end', resolve).once('error', reject));
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  let piece = '';
  const flush = async (): Promise<void> => {
    const text = piece;
    piece = '';
    await new Promise<void>((resolve, reject) => gzip.write(text, (error) => (error ? reject(error) : resolve())));
  };
  return {
    write: async (record) => {
      piece += line(record);
      if (piece.length >= pieceCharacters) await flush();
    },
    end: async () => {
      if (piece !== '') await flush();
      gzip.end();
      await ended;
      return Buffer.concat(chunks);
    },
  };
}

type Kind = 'text' | 'boolean' | 'long' | 'moment';

/** Columns that are not texts. */
const kinds: Readonly<Record<string, Kind>> = {
  IsLatest: 'boolean',
  IsDeleteMarker: 'boolean',
  Size: 'long',
  LastModifiedDate: 'moment',
  IsMultipartUploaded: 'boolean',
  ObjectLockRetainUntilDate: 'moment',
  LifecycleExpirationDate: 'moment',
};
const required: readonly string[] = ['Bucket', 'Key'];
const written: Readonly<Record<Kind, string>> = {
  text: 'binary NAME (UTF8)',
  boolean: 'boolean NAME',
  long: 'int64 NAME',
  moment: 'int64 NAME (TIMESTAMP_MILLIS)',
};

const kindOf = (column: string): Kind => kinds[column] ?? 'text';
/** `ETag` is e_tag. */
const nameOf = (column: string): string => column.replaceAll(/(?!^)[A-Z]/g, '_$&').toLowerCase();
const repetitionOf = (column: string) => (required.includes(column) ? ('REQUIRED' as const) : ('OPTIONAL' as const));

function messageOf(columns: readonly string[]): string {
  const members = columns.map(
    (column) => `  ${repetitionOf(column).toLowerCase()} ${written[kindOf(column)].replace('NAME', nameOf(column))};`,
  );
  return `message s3.inventory { ${members.join(' ')} }`.replaceAll(/ {2,}/g, ' ');
}

function parquet(listed: Listed, columns: readonly string[]): FileWriter {
  const row = rowWriter(listed, columns);
  const elements = columns.map((column): Column => [
    { name: nameOf(column), ...elementOf[kindOf(column)], repetition_type: repetitionOf(column) },
  ]);
  const file = parquetFile(elements, 'SNAPPY');
  const typed = (value: unknown, column: string): unknown => {
    if (value === undefined) return null;
    if (kindOf(column) === 'moment') return new Date(value as string);
    return kindOf(column) === 'long' ? BigInt(value as number) : value;
  };
  return {
    write: async (record) => file.write(row(record).map((value, i) => typed(value, columns[i]!))),
    end: async () => file.end(),
  };
}
