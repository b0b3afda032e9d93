/**
 * Writes tables that show what is. Their rows lie in files by ranges of keys; where something changed, the range's rows are made anew from
 * the bucket. The first time there is one range with all keys, which is split where a file is full.
 */

import { parquetFile } from '../../../framework/parquet-file.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { IcebergTable } from '../../../framework/s3-tables/tables.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import type { Column, Row } from './iceberg/schema.ts';
import { parquetColumns, parquetRow } from './iceberg/schema.ts';
import { commit, type Means } from './table-writer.ts';
import { tableRanges, type TableRange } from './tables.ts';

/** A row, the key that it is of, and about how long it is. */
export type LiveRow = { key: string; row: Row; bytes: number };
export type LiveRows = (from: string, until: string | undefined) => AsyncIterable<LiveRow>;

const fileRowsMax = 20_000;
const fileBytesMax = 16 * 1024 * 1024;
const rangesAtOnce = 100;

type Live = { context: ReconcilerContext; means: Means; columns: readonly Column[]; rows: LiveRows };

/** Makes all ranges anew in which something changed. Rejects with what reading or writing is refused. */
export async function refresh(live: Live, table: IcebergTable): Promise<void> {
  const { context } = live;
  let written = table;
  for await (const { from } of tableRanges.each(context.store, [table.id], rangesAtOnce)) {
    let next: string | undefined = from;
    // What a full file leaves is a range of its own, which comes next.
    while (next !== undefined) {
      context.signal.throwIfAborted();
      const done: { table: IcebergTable; rest?: string } = await writeRange(live, written, next);
      written = done.table;
      next = done.rest;
      await context.giveWay();
    }
  }
}

/** The range that begins behind a key, and the key with which it ends. */
async function rangeAt({ context }: Live, table: string, from: string): Promise<{ range?: TableRange; until?: string }> {
  const [first, second] = await context.store.read((tx) => tableRanges.between(tx, [table, from], [`${table}\0`], { limit: 2 }));
  return { ...(first?.row.from === from && { range: first.row }), ...(second && { until: second.row.from }) };
}

async function writeRange(live: Live, table: IcebergTable, from: string): Promise<{ table: IcebergTable; rest?: string }> {
  const { context, columns } = live;
  const { range, until } = await rangeAt(live, table.id, from);
  if (range?.dirty === undefined) return { table };
  let written: Written = { table, files: range.files, begun: false };
  let file = opened(columns);
  let key: string | undefined;
  let rest: string | undefined;
  let looked = 0;
  for await (const { row, bytes, key: of } of live.rows(from, until)) {
    if (file.isFull() && of !== key) {
      rest = key;
      break;
    }
    if (file.isFull()) {
      written = await put(live, written, range, file, async () => {});
      file = opened(columns);
    }
    file.write(row, bytes);
    key = of;
    if (++looked % rangesAtOnce === 0) await context.giveWay();
  }
  const end = rest;
  const settled = await put(live, written, range, file, async (tx, files) => {
    const now = await tableRanges.get(tx, table.id, from);
    const { dirty, ...clean } = { ...range, files };
    // Something may have changed while it was read.
    await tableRanges.put(tx, now?.dirty === dirty ? clean : { ...clean, dirty: now!.dirty! });
    if (end !== undefined) await tableRanges.put(tx, { table: table.id, from: end, dirty: dirty!, files: [] });
  });
  return { table: settled.table, ...(rest !== undefined && { rest }) };
}

type File = { write(row: Row, bytes: number): void; isFull(): boolean; rows(): number; end(): Buffer };

function opened(columns: readonly Column[]): File {
  const file = parquetFile(parquetColumns(columns), 'SNAPPY');
  let [rows, size] = [0, 0];
  return {
    write(row, bytes) {
      file.write(parquetRow(columns, row));
      rows++;
      size += bytes;
    },
    isFull: () => rows >= fileRowsMax || size >= fileBytesMax,
    rows: () => rows,
    end: () => file.end(),
  };
}

/** The files of a range as far as they are written; `begun` once the first that is new is there. */
type Written = { table: IcebergTable; files: readonly number[]; begun: boolean };

/**
 * Puts the file in place of those that the range had; where a key has more rows than a file takes, several follow one another, and the
 * range stays to be written until the last is there.
 */
async function put(
  { means, columns }: Live,
  { table, files, begun }: Written,
  { from }: TableRange,
  file: File,
  also: (tx: WriteTransaction, files: readonly number[]) => Promise<void>,
): Promise<Written> {
  const rows = file.rows();
  const replaced = begun ? [] : files;
  const next = [...(begun ? files : []), ...(rows > 0 ? [table.commits + 1] : [])];
  if (rows === 0 && replaced.length === 0) {
    await means.store.write((tx) => also(tx, next));
    return { table, files: next, begun };
  }
  const change = { columns, operation: 'overwrite' as const, replaced, ...(rows > 0 && { file: { content: file.end(), rows } }) };
  const written = await commit(means, table, change, async (tx) => {
    const range = await tableRanges.get(tx, table.id, from);
    await tableRanges.put(tx, { ...range!, files: next });
    await also(tx, next);
  });
  return { table: written, files: next, begun: true };
}
