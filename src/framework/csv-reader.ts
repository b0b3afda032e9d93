/** Cuts CSV text into records, whatever its delimiters are, as the text comes. */

export type CsvOptions = {
  readonly recordDelimiter: string;
  readonly fieldDelimiter: string;
  /** Empty where fields are never quoted. */
  readonly quote: string;
  readonly escape: string;
  /** Empty where there are no comments. */
  readonly comment: string;
  readonly quotedRecordDelimiters: boolean;
};

export type CsvReader = {
  /** The records that end in what has come so far. */
  push(text: string): string[][];
  /** The last record, which needs no delimiter. */
  end(): string[][];
};

/** The text is no CSV that these options read: a quotation has no end, or a record is too long. */
export class CsvFault extends Error {
  override name = 'CsvFault';
  readonly what: 'quote' | 'length';

  constructor(what: 'quote' | 'length') {
    super(what === 'quote' ? 'A quotation is not closed' : 'A record is too long');
    this.what = what;
  }
}

/** Throws CsvFault. */
export function newCsvReader(options: CsvOptions, recordCharactersMax: number): CsvReader {
  let rest = '';
  const take = (final: boolean): string[][] => {
    const records: string[][] = [];
    let at = 0;
    for (let next = 0; at < rest.length; at = next) {
      const end = recordEnd(rest, at, options);
      if (end === -1 && !final) break;
      const record = rest.slice(at, end === -1 ? rest.length : end);
      next = end === -1 ? rest.length : end + options.recordDelimiter.length;
      if (record.length > recordCharactersMax) throw new CsvFault('length');
      if (isRecord(record, options)) records.push(fieldsOf(record, options));
    }
    rest = rest.slice(at);
    if (rest.length > recordCharactersMax) throw new CsvFault('length');
    return records;
  };
  return {
    push: (text) => {
      rest += text;
      return take(false);
    },
    end: () => take(true),
  };
}

/** Empty lines and comments are no records. */
function isRecord(record: string, { comment }: CsvOptions): boolean {
  return record !== '' && record !== '\r' && (comment === '' || !record.startsWith(comment));
}

/** Where the record that begins at `from` ends; -1 when its end has not come yet. */
function recordEnd(text: string, from: number, { recordDelimiter, quote, escape, quotedRecordDelimiters, comment }: CsvOptions): number {
  const end = text.indexOf(recordDelimiter, from);
  if (end === -1 || !quotedRecordDelimiters || quote === '' || (comment !== '' && text.startsWith(comment, from))) return end;
  let firstQuote = text.indexOf(quote, from);
  if (firstQuote === -1 || firstQuote > end) return end;
  for (let at = from; ;) {
    const next = text.indexOf(recordDelimiter, at);
    if (next === -1) return -1;
    if (firstQuote === -1 || next < firstQuote) return next;
    const close = closingQuote(text, firstQuote, quote, escape);
    if (close === -1) return -1;
    at = close + quote.length;
    firstQuote = text.indexOf(quote, at);
  }
}

/** Where the quotation that begins at `open` ends. */
function closingQuote(text: string, open: number, quote: string, escape: string): number {
  for (let at = open + 1; at < text.length; at++) {
    const character = text[at];
    if (character === escape && text[at + 1] === quote) at++;
    else if (character === escape && escape !== quote && text[at + 1] === escape) at++;
    else if (character === quote) return at;
  }
  return -1;
}

function fieldsOf(record: string, options: CsvOptions): string[] {
  // Windows ends lines with two characters.
  const text = options.recordDelimiter === '\n' && record.endsWith('\r') ? record.slice(0, -1) : record;
  if (options.quote === '' || !text.includes(options.quote)) return text.split(options.fieldDelimiter);
  return quotedFields(text, options);
}

function quotedFields(text: string, { fieldDelimiter, quote, escape }: CsvOptions): string[] {
  const fields: string[] = [];
  for (let at = 0; ;) {
    let field = '';
    if (text[at] === quote) {
      const close = closingQuote(text, at, quote, escape);
      if (close === -1) throw new CsvFault('quote');
      field = unescaped(text.slice(at + 1, close), quote, escape);
      at = close + 1;
    }
    const end = text.indexOf(fieldDelimiter, at);
    // What follows a quotation belongs to its field.
    fields.push(field + text.slice(at, end === -1 ? text.length : end));
    if (end === -1) return fields;
    at = end + fieldDelimiter.length;
  }
}

function unescaped(text: string, quote: string, escape: string): string {
  if (escape === '') return text;
  const plain = text.replaceAll(escape + quote, quote);
  return escape === quote ? plain : plain.replaceAll(escape + escape, escape);
}
