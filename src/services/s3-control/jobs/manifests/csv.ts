/** CSV as S3 reads and writes it: quotes around fields where they need them, doubled inside: https://www.rfc-editor.org/rfc/rfc4180 */

import { StringDecoder } from 'node:string_decoder';

/** A stranger's line is not to fill the memory: keys have 1,024 bytes, three times that when they are encoded. */
const lineCharactersMax = 64 * 1024;

/** The rows of a file, read as it comes. Empty lines are none. Throws RangeError for a line that is too long, SyntaxError for an open quote. */
export async function* csvRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[], void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const { rows, left } = split(rest + decoder.write(Buffer.from(chunk)), false);
    if (left.length > lineCharactersMax) throw new RangeError('a line is too long');
    yield* rows;
    rest = left;
  }
  yield* split(rest + decoder.end(), true).rows;
}

/** Rows that are whole, and what is left of the text behind them. */
function split(text: string, atEnd: boolean): { rows: string[][]; left: string } {
  const rows: string[][] = [];
  let from = 0;
  for (;;) {
    const end = endOfLine(text, from);
    if (end < 0 && !atEnd) return { rows, left: text.slice(from) };
    const line = text.slice(from, end < 0 ? undefined : end).replace(/\r$/, '');
    if (line !== '') rows.push(fieldsOf(line));
    if (end < 0) return { rows, left: '' };
    from = end + 1;
  }
}

/** The next line break outside of quotes; -1 where there is none yet. */
function endOfLine(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === '\n' && !quoted) return at;
  }
  return -1;
}

function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  for (let at = 0; ;) {
    const [, quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^",]*))(?=,|$)/.exec(line.slice(at)) ?? [];
    if (quoted === undefined && plain === undefined) throw new SyntaxError('a quote is not closed');
    fields.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'));
    at += quoted === undefined ? plain!.length : quoted.length + 2;
    if (at >= line.length) return fields;
    at += 1;
  }
}

/** One line, with its line break. */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')}\n`;
}

/** Keys in manifests and reports are encoded like forms. Throws URIError. */
export function decodedKey(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

export function encodedKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}
