/** Writes the journal of a bucket: the changes that wait become rows, small files of a day are put together, old ones go. */

import type { Readable } from 'node:stream';
import { parquetReadObjects } from 'hyparquet';
import { parquetFile } from '../../../framework/parquet-file.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { IcebergTable } from '../../../framework/s3-tables/tables.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { dayMilliseconds } from '../limits.ts';
import { journalColumns, journalRow } from './columns.ts';
import { parquetColumns, parquetRow, type Row } from './iceberg/schema.ts';
import { commit, dataKey, type Means } from './table-writer.ts';
import { journalEntries, tableFiles, tableRanges, type JournalEntry, type TableFile } from './tables.ts';

/** Rows that come into a file at once. */
const entriesPerCommit = 2_000;
/** So many files of one level and day become one of the next. */
const filesPerLevel = 10;
/** Larger ones stay as they are: what is put together is held in memory. */
const mergedRowsMax = 50_000;

const dayOf = (at: number): number => Math.floor(at / dayMilliseconds);

/** What waits in a bucket becomes rows of its journal, if it has one, and is marked in its live tables. */
export async function writeEntries(
  context: ReconcilerContext,
  {
    bucket,
    created,
    means,
    journal,
    live,
  }: { bucket: string; created: number; means: Means; journal?: IcebergTable; live: readonly string[] },
): Promise<IcebergTable | undefined> {
  let table = journal;
  for (;;) {
    context.signal.throwIfAborted();
    const waiting = await context.store.read((tx) => journalEntries.scan(tx, [bucket], { limit: entriesPerCommit }));
    if (waiting.length === 0) return table;
    const entries = ofOneDay(waiting.map(({ row }) => row));
    const settle = async (tx: WriteTransaction): Promise<void> => {
      for (const { sequence } of entries) await journalEntries.delete(tx, bucket, sequence);
      await markChanged(tx, live, entries);
    };
    const rows = table
      ? entries
          .filter(({ at }) => at >= created)
          .map(journalRow)
          .filter((row) => row !== undefined)
      : [];
    if (!table || rows.length === 0) await context.store.write(settle);
    else {
      const file = { content: encoded(rows), rows: rows.length, day: dayOf(entries[0]!.at), level: 0 };
      table = await commit(means, table, { columns: journalColumns, operation: 'append', file }, settle);
    }
    await context.giveWay();
  }
}

/** Files are of one day, so that they can go with it. */
function ofOneDay(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const day = dayOf(entries[0]!.at);
  const next = entries.findIndex(({ at }) => dayOf(at) !== day);
  return next < 0 ? entries : entries.slice(0, next);
}

/** Rehearsed closures run twice: the mark is made of the change, not of chance. */
async function markChanged(tx: WriteTransaction, live: readonly string[], entries: readonly JournalEntry[]): Promise<void> {
  for (const table of live)
    for (const { key, sequence } of entries) {
      // The range before the key itself: a range begins behind the key that it names.
      const [found] = await tableRanges.between(tx, [table], [table, key], { reverse: true, limit: 1 });
      if (found) await tableRanges.put(tx, { ...found.row, dirty: Number.parseInt(sequence, 16) });
    }
}

function encoded(rows: readonly Row[]): Buffer {
  const file = parquetFile(parquetColumns(journalColumns), 'SNAPPY');
  for (const row of rows) file.write(parquetRow(journalColumns, row));
  return file.end();
}

/** Days whose records are all old enough go as a whole. */
export async function expire(means: Means, table: IcebergTable, days: number): Promise<IcebergTable> {
  const files = await filesOf(means, table);
  const today = dayOf(means.now);
  const replaced = files.filter(({ day }) => day! + days < today).map(({ number }) => number);
  if (replaced.length === 0) return table;
  return commit(means, table, { columns: journalColumns, operation: 'delete', replaced }, async () => {});
}

async function filesOf({ store }: Means, { id }: IcebergTable): Promise<TableFile[]> {
  return (await store.read((tx) => tableFiles.scan(tx, [id]))).map(({ row }) => row);
}

/** Puts small files together, so that readers have few to open. */
export async function compact(context: ReconcilerContext, means: Means, journal: IcebergTable): Promise<IcebergTable> {
  let table = journal;
  for (;;) {
    context.signal.throwIfAborted();
    const group = smallFiles(await filesOf(means, table));
    if (!group) return table;
    const file = parquetFile(parquetColumns(journalColumns), 'SNAPPY');
    for (const { number } of group) for (const row of await rowsOf(means, table, number)) file.write(row);
    const rows = group.reduce((sum, one) => sum + one.rows, 0);
    const merged = { content: file.end(), rows, day: group[0]!.day!, level: group[0]!.level! + 1 };
    const replaced = group.map(({ number }) => number);
    table = await commit(means, table, { columns: journalColumns, operation: 'replace', file: merged, replaced }, async () => {});
    await context.giveWay();
  }
}

function smallFiles(files: readonly TableFile[]): TableFile[] | undefined {
  const groups = new Map<string, TableFile[]>();
  for (const file of files) {
    const group = groups.get(`${file.day} ${file.level}`) ?? [];
    groups.set(`${file.day} ${file.level}`, [...group, file]);
  }
  for (const group of groups.values()) {
    const some = group.slice(0, filesPerLevel);
    if (some.length === filesPerLevel && some.reduce((sum, { rows }) => sum + rows, 0) <= mergedRowsMax) return some;
  }
  return undefined;
}

/** A moment is written as it is in the file: in microseconds. */
function asGiven(value: unknown): unknown {
  return value instanceof Date ? BigInt(value.getTime()) * 1000n : (value ?? null);
}

/** The rows of a file as the next file takes them. */
async function rowsOf({ aws }: Means, { warehouse }: IcebergTable, number: number): Promise<unknown[][]> {
  const { Body: body } = await aws.s3('GetObject', { Bucket: warehouse, Key: dataKey(number) });
  const content = body instanceof Uint8Array ? body : Buffer.concat(await Array.fromAsync(body as Readable));
  const file = Uint8Array.from(content).buffer;
  const rows = await parquetReadObjects({ file });
  return rows.map((row) => journalColumns.map(({ name }) => asGiven(row[name])));
}
