/** Parquet files as they are written: row by row, of which only what is encoded is kept. */

import { gzipSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet-writer';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';

export type Compression = 'SNAPPY' | 'GZIP' | 'UNCOMPRESSED';

/** A column: its element, and those below it where it is a list, a map or a structure. */
export type Column = readonly [SchemaElement, ...SchemaElement[]];

/** Rows that are encoded at once, in this thread: requests wait for no more than that. */
const rowsPerGroup = 5_000;

export type ParquetFile = {
  /** A value for each column: text, boolean, number, bigint (an unscaled decimal too), Date, bytes, or null. */
  write(row: readonly unknown[]): void;
  /** The whole file. */
  end(): Buffer;
};

const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;

/** Elements of the types that files of ours have. */
export const elementOf = {
  text,
  boolean: { type: 'BOOLEAN' },
  int: { type: 'INT32' },
  long: { type: 'INT64' },
  moment: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
} as const satisfies Record<string, Omit<SchemaElement, 'name'>>;

export function parquetFile(columns: readonly Column[], compression: Compression): ParquetFile {
  const writer = new ByteWriter();
  const schema: SchemaElement[] = [{ name: 'schema', num_children: columns.length }, ...columns.flat()];
  const file = new ParquetWriter({
    writer,
    schema,
    codec: compression,
    compressors: { GZIP: (bytes) => gzipSync(bytes) },
    createdBy: 'haneul',
  });
  let waiting: unknown[][] = columns.map(() => []);
  const flush = (): void => {
    const columnData = columns.map(([{ name }], i) => ({ name, data: waiting[i]! }));
    waiting = columns.map(() => []);
    void file.write({ columnData, rowGroupSize: rowsPerGroup }); // into memory: nothing to wait for
  };
  return {
    write(row) {
      for (const [i, values] of waiting.entries()) values.push(row[i] ?? null);
      if (waiting[0]!.length === rowsPerGroup) flush();
    },
    end() {
      if (waiting[0]!.length > 0) flush();
      void file.finish();
      return Buffer.from(writer.getBytes());
    },
  };
}
