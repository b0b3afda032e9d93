/** The rows of an object, in batches, and how they are looked at: by the serialization that the request names. */

import type { CsvOptions } from '../../../framework/csv-reader.ts';
import { csvFormat, type CsvRow } from './csv-format.ts';
import { csvReader } from './csv-reader.ts';
import { jsonFormat } from './json-format.ts';
import { newJsonReader } from './json-reader.ts';
import { newLineReader } from './line-reader.ts';
import {
  recordsWithin,
  scanned,
  textOf,
  unpacked,
  type Compression,
  type ObjectBytes,
  type Progress,
  type ScanRange,
} from './object-bytes.ts';
import { parquetRows } from './parquet-rows.ts';
import type { Format } from './query.ts';
import { selectError } from './errors.ts';
import type { Select } from './syntax.ts';

export type Input =
  | { readonly type: 'csv'; readonly options: CsvOptions; readonly header: 'NONE' | 'USE' | 'IGNORE'; readonly compression: Compression }
  | { readonly type: 'json'; readonly lines: boolean; readonly compression: Compression }
  | { readonly type: 'parquet' };

/** Rows of one kind with the format that reads them. */
export type Rows<Row> = { readonly format: Format<Row>; batches(): AsyncIterable<readonly Row[]> };

/** Which kind of row there is knows only who is called back. */
export function overRows<T>({ object, input, select, range, progress }: Source, run: <Row>(rows: Rows<Row>) => T): T {
  if (input.type !== 'json' && select.source.some((step) => !('all' in step))) throw selectError('DataSourcePathUnsupported');
  if (input.type === 'parquet') return run(parquetRows(object, select, range, progress));
  const delimiter = input.type === 'csv' ? input.options.recordDelimiter : '\n';
  const bytes = range ? recordsWithin(object, range, delimiter) : object.read(0, object.size);
  const text = textOf(unpacked(scanned(bytes, progress), input.compression, progress));
  if (input.type === 'csv') return run(csvRows(object, input, text, range));
  const path = select.source.slice(1);
  const batches = () => read(text, input.lines && path.length === 0 ? newLineReader() : newJsonReader(path));
  return run({ format: jsonFormat(select.source), batches });
}

export type Source = {
  readonly object: ObjectBytes;
  readonly input: Input;
  readonly select: Select;
  readonly range: ScanRange | undefined;
  /** Counted up while rows are read. */
  readonly progress: Progress;
};

async function* read<Row>(text: AsyncIterable<string>, reader: { push(text: string): Row[]; end(): Row[] }): AsyncGenerator<Row[]> {
  for await (const piece of text) yield reader.push(piece);
  yield reader.end();
}

/** The names of the columns lie in the first record of the object, also where a range begins later. */
function csvRows(
  object: ObjectBytes,
  { options, header }: Input & { type: 'csv' },
  text: AsyncIterable<string>,
  range: ScanRange | undefined,
): Rows<CsvRow> {
  let names: readonly string[] | undefined;
  const batches = async function* () {
    let isFirst = header !== 'NONE' && (range === undefined || range.first === 0);
    if (!isFirst && header === 'USE') names = await firstRecord(object, options);
    for await (const records of read(text, csvReader(options))) {
      if (!isFirst || records.length === 0) yield records;
      else {
        isFirst = false;
        if (header === 'USE') names = records[0];
        yield records.slice(1);
      }
    }
  };
  return { format: csvFormat(() => names), batches };
}

async function firstRecord(object: ObjectBytes, options: CsvOptions): Promise<readonly string[] | undefined> {
  for await (const records of read(textOf(object.read(0, object.size)), csvReader(options))) if (records.length > 0) return records[0];
  return undefined;
}
