/** What lies in an object that is imported: items, and entries that are none. */

import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { AwsError } from '../../../framework/aws-error.ts';
import { CsvFault, newCsvReader, type CsvReader } from '../../../framework/csv-reader.ts';
import type { ExpressionInput } from '../expressions/contract.ts';
import { IonFault, parseIon } from '../ion/reader.ts';
import type { KeyAttribute } from '../tables/table.ts';
import { newItem, type AttributeValue, type Item } from '../values/attribute-value.ts';
import type { Import } from './import.ts';
import { plainItem } from './plain-json.ts';

/** What an entry says beside its item, as PutItem would: bulk operations heed it, imports do not. */
export type EntryCondition = Pick<ExpressionInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>;

/** `item` is absent where the entry is none; `bytes` is how much text it took. */
export type Entry = { item?: Item; condition?: EntryCondition | 'malformed'; bytes: number };

const entriesPerPage = 100;
const bytesPerPage = 1024 * 1024;
/** An item is 400 KB at most, but its text is longer. */
const entryCharactersMax = 4 * 1024 * 1024;

/** The body of an object, whatever S3 gives it as. */
export async function* streamOf(body: Readable | Uint8Array | string | undefined): AsyncGenerator<Uint8Array> {
  if (body === undefined) return;
  if (typeof body === 'string' || body instanceof Uint8Array) yield Buffer.from(body);
  else yield* body as AsyncIterable<Uint8Array>;
}

type Asked = Pick<Import, 'compression' | 'format' | 'options'>;

/** Throws AwsError for what is not packed as the request says, and for CSV that cannot be read on. */
export function entriesOf(made: Asked, attributes: readonly KeyAttribute[], body: AsyncIterable<Uint8Array>): AsyncIterable<Entry> {
  const text = textOf(unpacked(body, made.compression));
  if (made.format === 'CSV') return csvEntries(made, attributes, text);
  return made.format === 'ION' ? ionEntries(linesOf(text)) : jsonEntries(linesOf(text));
}

/** Pages of the entries behind those that are done already; the last one may be empty. */
export async function* pagesOf(entries: AsyncIterable<Entry>, done: number): AsyncGenerator<{ page: Entry[]; isLast: boolean }> {
  let [page, bytes]: [Entry[], number] = [[], 0];
  let skipped = 0;
  for await (const entry of entries) {
    if (skipped++ < done) continue;
    page.push(entry);
    bytes += entry.bytes;
    if (page.length < entriesPerPage && bytes < bytesPerPage) continue;
    yield { page, isLast: false };
    [page, bytes] = [[], 0];
  }
  yield { page, isLast: true };
}

async function* unpacked(body: AsyncIterable<Uint8Array>, compression: Import['compression']): AsyncGenerator<Uint8Array> {
  if (compression === 'NONE') return yield* body;
  const unpack = compression === 'GZIP' ? createGunzip() : createZstdDecompress();
  // What goes wrong is seen by whoever reads.
  const plain = pipeline(body, unpack, () => {}) as Readable;
  try {
    for await (const bytes of plain) yield bytes as Uint8Array;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^Z(?:STD)?_|^ERR_ZSTD/.test(code)) throw error;
    throw new AwsError('InvalidCompression', `An object is not compressed with ${compression}`, { cause: error });
  }
}

async function* textOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const bytes of source) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

/** Lines that are not empty; one that is too long is told by its length alone. */
async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<{ line?: string; characters: number }> {
  let rest = '';
  let dropped = 0;
  const told = (line: string) => (dropped > 0 ? { characters: dropped + line.length } : { line, characters: line.length });
  for await (const piece of text) {
    rest += piece;
    let at = 0;
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', at)) {
      const line = rest.slice(at, end);
      at = end + 1;
      if (dropped > 0 || line.trim() !== '') yield told(line);
      dropped = 0;
    }
    rest = rest.slice(at);
    if (rest.length <= entryCharactersMax) continue;
    dropped += rest.length;
    rest = '';
  }
  if (dropped > 0 || rest.trim() !== '') yield told(rest);
}

async function* jsonEntries(lines: AsyncIterable<{ line?: string; characters: number }>): AsyncGenerator<Entry> {
  for await (const { line, characters } of lines) {
    yield { bytes: line === undefined ? characters : Buffer.byteLength(line), ...(line !== undefined && jsonEntry(line)) };
  }
}

function jsonEntry(line: string): Omit<Entry, 'bytes'> {
  try {
    const json = JSON.parse(line) as Record<string, unknown> | null;
    const item = plainItem(json?.['Item']);
    const condition = jsonCondition(json ?? {});
    return { ...(item && { item }), ...(condition && { condition }) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return {};
  }
}

function jsonCondition(json: Record<string, unknown>): Entry['condition'] {
  const { ConditionExpression: text, ExpressionAttributeNames: names, ExpressionAttributeValues: given } = json;
  if (text === undefined && names === undefined && given === undefined) return undefined;
  const values = given === undefined ? undefined : plainItem(given);
  const isSound = typeof text === 'string' && (names === undefined || isTexts(names)) && (given === undefined || values !== undefined);
  if (!isSound) return 'malformed';
  return {
    ConditionExpression: text,
    ...(names !== undefined && { ExpressionAttributeNames: names as Record<string, string> }),
    ...(values && { ExpressionAttributeValues: values }),
  };
}

const isTexts = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && !Array.isArray(json) && Object.values(json).every((one) => typeof one === 'string');

/** A value may go on over several lines. */
async function* ionEntries(lines: AsyncIterable<{ line?: string; characters: number }>): AsyncGenerator<Entry> {
  let held = '';
  for await (const { line, characters } of lines) {
    const text = line === undefined ? undefined : `${held}${line}\n`;
    const values = text === undefined ? [] : ionValues(text);
    if (values === 'cut' && text!.length <= entryCharactersMax) {
      held = text!;
      continue;
    }
    const bytes = text === undefined ? characters : Buffer.byteLength(text);
    held = '';
    yield* found(values === 'cut' ? [] : values, bytes);
  }
  if (held !== '') yield { bytes: Buffer.byteLength(held) };
}

/** A line of version markers alone is no entry. */
function* found(values: readonly AttributeValue[] | undefined, bytes: number): Generator<Entry> {
  if (values === undefined) yield { bytes };
  for (const [index, value] of (values ?? []).entries()) {
    const item = value.M?.['Item']?.M;
    const condition = ionCondition(value.M ?? {});
    yield { bytes: index === 0 ? bytes : 0, ...(item && { item }), ...(condition && { condition }) };
  }
}

function ionCondition(fields: Record<string, AttributeValue>): Entry['condition'] {
  const { ConditionExpression: text, ExpressionAttributeNames: names, ExpressionAttributeValues: values } = fields;
  if (!text && !names && !values) return undefined;
  const texts = names && Object.entries(names.M ?? {}).map(([name, value]) => [name, value.S] as const);
  const isSound =
    text?.S !== undefined && (!names || names.M) && (!values || values.M) && texts?.every(([, one]) => one !== undefined) !== false;
  if (!isSound) return 'malformed';
  return {
    ConditionExpression: text.S!,
    ...(texts && { ExpressionAttributeNames: Object.fromEntries(texts) as Record<string, string> }),
    ...(values && { ExpressionAttributeValues: values.M! }),
  };
}

function ionValues(text: string): AttributeValue[] | 'cut' | undefined {
  try {
    return parseIon(text);
  } catch (error) {
    if (!(error instanceof IonFault)) throw error;
    return error.isCut ? 'cut' : undefined;
  }
}

/** Key attributes have the types of the table; all others are texts: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html */
async function* csvEntries(made: Asked, attributes: readonly KeyAttribute[], text: AsyncIterable<string>): AsyncGenerator<Entry> {
  const { Delimiter: fieldDelimiter = ',', HeaderList } = made.options?.Csv ?? {};
  const quoting = { quote: '"', escape: '"', comment: '', quotedRecordDelimiters: true };
  const reader = newCsvReader({ recordDelimiter: '\n', fieldDelimiter, ...quoting }, entryCharactersMax);
  const types = new Map(attributes.map(({ name, type }) => [name, type]));
  let headers: readonly string[] | undefined = HeaderList;
  for await (const record of recordsOf(reader, text)) {
    if (!headers) {
      headers = record;
      continue;
    }
    const bytes = Buffer.byteLength(record.join(fieldDelimiter)) + 1;
    yield record.length > headers.length ? { bytes } : { bytes, item: csvItem(headers, record, types) };
  }
}

async function* recordsOf(reader: CsvReader, text: AsyncIterable<string>): AsyncGenerator<string[]> {
  try {
    for await (const piece of text) yield* reader.push(piece);
    yield* reader.end();
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error;
    throw new AwsError('InvalidCsv', `An object cannot be read as CSV: ${error.message}`, { cause: error });
  }
}

function csvItem(headers: readonly string[], record: readonly string[], types: ReadonlyMap<string, string>): Item {
  const item = newItem();
  for (const [index, text] of record.entries()) {
    const name = headers[index]!;
    const type = types.get(name) ?? 'S';
    // An empty field says nothing.
    if (text !== '') item[name] = type === 'B' ? { B: Buffer.from(text, 'base64') } : ({ [type]: text } as unknown as AttributeValue);
  }
  return item;
}
