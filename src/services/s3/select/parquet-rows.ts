/** Rows of Parquet: one row group after another, and of it only the columns that the statement reads. */

import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  type SchemaTree,
} from 'hyparquet';
import { AwsError } from '../../../framework/aws-error.ts';
import { selectError } from './errors.ts';
import { follow } from './json-format.ts';
import { chosenName, isNameOf } from './names.ts';
import type { ObjectBytes, Progress, ScanRange } from './object-bytes.ts';
import { parquetValue } from './parquet-values.ts';
import { columnsOf, type Format } from './query.ts';
import type { Rows } from './rows.ts';
import type { Column, Select } from './syntax.ts';
import { fromJson, type Value } from './values.ts';

/** The columns of a row group, and which row of it is meant. */
type ParquetRow = { readonly columns: ReadonlyMap<string, ArrayLike<unknown>>; readonly index: number };

type Known = { readonly metadata: FileMetaData; readonly schema: ReadonlyMap<string, SchemaTree> };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/selecting-content-from-objects.html: 512 MB of a row group, unpacked. */
const groupBytesMax = 512 * 1024 * 1024;
const batchRows = 1024;

const compressors: Compressors = {
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
  ZSTD: (input) => zstdDecompressSync(input),
};
const codecs: ReadonlySet<string> = new Set(['UNCOMPRESSED', 'SNAPPY', ...Object.keys(compressors)]);

export function parquetRows(object: ObjectBytes, select: Select, range: ScanRange | undefined, progress: Progress): Rows<ParquetRow> {
  let known: Known | undefined;
  const format: Format<ParquetRow> = {
    column: (column, alias) => {
      let read: ((row: ParquetRow) => Value) | undefined;
      return (row) => (read ??= columnReader(column, alias, known!.schema))(row);
    },
    all: (row) => [...row.columns].map(([name, values]) => [name, parquetValue(values[row.index], known!.schema.get(name)!)] as const),
  };
  const batches = async function* () {
    const file = fileOf(object, progress);
    known = await parsing(() => readSchema(file));
    const wanted = wantedColumns(select, known.schema);
    for (const group of groupsOf(known.metadata, range)) yield* rowsOfGroup(file, known.metadata, group, wanted, progress);
  };
  return { format, batches };
}

function fileOf(object: ObjectBytes, progress: Progress): AsyncBuffer {
  return {
    byteLength: object.size,
    slice: async (start, end = object.size) => {
      const from = start < 0 ? Math.max(0, object.size + start) : start;
      const pieces: Uint8Array[] = [];
      for await (const bytes of object.read(from, Math.min(end, object.size))) pieces.push(bytes);
      const whole = Buffer.concat(pieces);
      progress.scanned += whole.length;
      return whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length) as ArrayBuffer;
    },
  };
}

async function readSchema(file: AsyncBuffer): Promise<Known> {
  const metadata = await parquetMetadataAsync(file);
  const { children } = parquetSchema(metadata);
  return { metadata, schema: new Map(children.map((child) => [child.element.name, child])) };
}

/** What the library throws says that the file is broken. */
async function parsing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw selectError('ParquetParsingError', error);
  }
}

function columnReader({ steps }: Column, alias: string | undefined, schema: Known['schema']): (row: ParquetRow) => Value {
  const [head, ...rest] = stepsWithin(steps, alias);
  const name = head && nameIn(schema, head);
  const tree = name === undefined ? undefined : schema.get(name);
  if (name === undefined || !tree) throw selectError('MissingHeaders');
  return ({ columns, index }) => {
    const value = parquetValue(columns.get(name)![index], tree);
    if (rest.length === 0) return value;
    return typeof value === 'object' && value?.kind === 'json' ? fromJson(follow(value.json, rest)) : undefined;
  };
}

const stepsWithin = (steps: Column['steps'], alias: string | undefined) =>
  steps.length > 1 && isNameOf(steps[0]!, alias ?? 's3object') ? steps.slice(1) : steps;

/** By name, or by position as `_1`. */
function nameIn(schema: Known['schema'], step: Column['steps'][number]): string | undefined {
  const names = [...schema.keys()];
  const position = 'name' in step ? /^_(\d{1,6})$/.exec(step.name)?.[1] : undefined;
  return chosenName(step, names) ?? (position === undefined ? undefined : names[Number(position) - 1]);
}

/** A count of all rows reads one column all the same: it says how many there are. */
function wantedColumns(select: Select, schema: Known['schema']): string[] {
  const columns = columnsOf(select);
  if (!columns) return [...schema.keys()];
  const names = columns.flatMap(({ steps }) => nameIn(schema, stepsWithin(steps, select.alias)[0]!) ?? []);
  return [...new Set(names)];
}

type Group = { readonly start: number; readonly rows: number; readonly place: number };

/** The row groups that begin within the range. */
function groupsOf({ row_groups: groups }: FileMetaData, range: ScanRange | undefined): Group[] {
  let start = 0;
  return groups.flatMap((group, place) => {
    const rows = Number(group.num_rows);
    const [first] = group.columns;
    const offset = Number(group.file_offset ?? first?.meta_data?.dictionary_page_offset ?? first?.meta_data?.data_page_offset ?? 0n);
    const taken: Group = { start, rows, place };
    start += rows;
    return !range || (offset >= range.first && offset <= range.last) ? [taken] : [];
  });
}

async function* rowsOfGroup(
  file: AsyncBuffer,
  metadata: FileMetaData,
  { start, rows, place }: Group,
  wanted: readonly string[],
  progress: Progress,
) {
  checkGroup(metadata, place, wanted);
  const columns = new Map<string, ArrayLike<unknown>>();
  const end = start + rows;
  const before = progress.scanned;
  if (wanted.length > 0 && rows > 0) {
    const scan = await parsing(() => parquetScan({ file, metadata, columns: [...wanted], compressors, rowStart: start, rowEnd: end }));
    for (const column of wanted) columns.set(column, await parsing(() => scan.readColumn({ column, rowStart: start, rowEnd: end })));
  }
  progress.processed += progress.scanned - before;
  for (let from = 0; from < rows; from += batchRows)
    yield Array.from({ length: Math.min(batchRows, rows - from) }, (_, index) => ({ columns, index: from + index }));
}

/** Throws for a codec that is not known and for a group that would fill the memory. */
function checkGroup({ row_groups: groups }: FileMetaData, place: number, wanted: readonly string[]): void {
  let bytes = 0n;
  for (const { meta_data: column } of groups[place]!.columns) {
    if (!column || !wanted.includes(column.path_in_schema[0]!)) continue;
    if (!codecs.has(column.codec)) throw selectError('ParquetUnsupportedCompressionCodec');
    bytes += column.total_uncompressed_size;
  }
  if (bytes > groupBytesMax) throw selectError('OverMaxParquetBlockSize');
}
