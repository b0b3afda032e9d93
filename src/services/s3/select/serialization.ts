/** What a request says of its formats, checked. */

import type { Input as RequestInput } from '../sdk.ts';
import { selectError } from './errors.ts';
import type { Compression, ScanRange } from './object-bytes.ts';
import type { Output } from './output.ts';
import type { Input } from './rows.ts';

type Request = RequestInput<'SelectObjectContent'>;

const compressions: readonly string[] = ['NONE', 'GZIP', 'BZIP2'];
const delimiterLengthMax = 2;

/** Throws MissingRequiredParameter, ObjectSerializationConflict and what fits no format. */
export function readInput({ InputSerialization: given }: Request): Input {
  const named = [given.CSV, given.JSON, given.Parquet].filter((format) => format !== undefined);
  if (named.length === 0) throw selectError('InvalidDataSource');
  if (named.length > 1) throw selectError('ObjectSerializationConflict');
  const compression: string = given.CompressionType || 'NONE';
  if (!compressions.includes(compression)) throw selectError('InvalidCompressionFormat');
  if (given.Parquet) {
    if (compression !== 'NONE') throw selectError('InvalidCompressionFormat');
    return { type: 'parquet' };
  }
  if (given.JSON) {
    const type: string | undefined = given.JSON.Type;
    if (!type) throw selectError('MissingRequiredParameter');
    if (type !== 'LINES' && type !== 'DOCUMENT') throw selectError('InvalidJsonType');
    return { type: 'json', lines: type === 'LINES', compression: compression as Compression };
  }
  return readCsv(given.CSV!, compression as Compression);
}

function readCsv(csv: NonNullable<Request['InputSerialization']['CSV']>, compression: Compression): Input {
  const header: string = csv.FileHeaderInfo || 'NONE';
  if (header !== 'NONE' && header !== 'USE' && header !== 'IGNORE') throw selectError('InvalidFileHeaderInfo');
  const quote = character(csv.QuoteCharacter, '"');
  const options = {
    recordDelimiter: delimiter(csv.RecordDelimiter, '\n'),
    fieldDelimiter: delimiter(csv.FieldDelimiter, ','),
    quote,
    escape: character(csv.QuoteEscapeCharacter, '"'),
    comment: character(csv.Comments, '#'),
    quotedRecordDelimiters: csv.AllowQuotedRecordDelimiter === true,
  };
  if (options.recordDelimiter === options.fieldDelimiter || quote === options.fieldDelimiter || quote === options.recordDelimiter)
    throw selectError('InvalidRequestParameter');
  return { type: 'csv', options, header, compression };
}

export function readOutput({ OutputSerialization: given }: Request): Output {
  if (given.CSV && given.JSON) throw selectError('ObjectSerializationConflict');
  if (given.JSON) return { type: 'json', recordDelimiter: given.JSON.RecordDelimiter || '\n' };
  if (!given.CSV) throw selectError('MissingRequiredParameter');
  const { CSV: csv } = given;
  const quoteFields: string = csv.QuoteFields || 'ASNEEDED';
  if (quoteFields !== 'ALWAYS' && quoteFields !== 'ASNEEDED') throw selectError('InvalidQuoteFields');
  return {
    type: 'csv',
    always: quoteFields === 'ALWAYS',
    quote: character(csv.QuoteCharacter, '"'),
    escape: character(csv.QuoteEscapeCharacter, '"'),
    fieldDelimiter: csv.FieldDelimiter || ',',
    recordDelimiter: csv.RecordDelimiter || '\n',
  };
}

/** Throws InvalidScanRange, and UnsupportedScanRangeInput where records cannot be told apart from the middle: https://docs.aws.amazon.com/AmazonS3/latest/userguide/selecting-content-from-objects.html#selecting-content-from-objects-scan-range-request */
export function readScanRange({ ScanRange: given }: Request, input: Input, size: number): ScanRange | undefined {
  if (!given) return undefined;
  const { Start: start, End: end } = given;
  if (start === undefined && end === undefined) throw selectError('MissingRequiredParameter');
  const isWhole =
    input.type === 'parquet' ||
    (input.compression === 'NONE' && (input.type === 'json' ? input.lines : !input.options.quotedRecordDelimiters));
  if (!isWhole) throw selectError('UnsupportedScanRangeInput');
  if ([start, end].some((place) => place !== undefined && (!Number.isSafeInteger(place) || place < 0)))
    throw selectError('InvalidScanRange');
  // The end alone counts from behind.
  if (start === undefined) return { first: Math.max(0, size - end!), last: size - 1 };
  if (end !== undefined && end < start) throw selectError('InvalidScanRange');
  if (start >= size && size > 0) throw selectError('InvalidScanRange');
  return { first: start, last: Math.min(end ?? size - 1, size - 1) };
}

/** The default where nothing is said; an empty text where nothing is wanted. */
function character(given: string | undefined, standard: string): string {
  if (given === undefined) return standard;
  if ([...given].length > 1) throw selectError('InvalidRequestParameter');
  return given;
}

function delimiter(given: string | undefined, standard: string): string {
  if (!given) return standard;
  if ([...given].length > delimiterLengthMax) throw selectError('InvalidRequestParameter');
  return given;
}
