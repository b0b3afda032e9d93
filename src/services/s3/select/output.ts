/** How results are written: as CSV or as JSON, by the request's OutputSerialization. */

import { recordCharactersMax } from './csv-reader.ts';
import { selectError } from './errors.ts';
import type { Result } from './query.ts';
import { isAbsent, jsonText, plainText } from './values.ts';

export type Output =
  | {
      readonly type: 'csv';
      readonly always: boolean;
      readonly quote: string;
      readonly escape: string;
      readonly fieldDelimiter: string;
      readonly recordDelimiter: string;
    }
  | { readonly type: 'json'; readonly recordDelimiter: string };

/** Writes one result with its delimiter. Throws OverMaxRecordSize. */
export function resultWriter(output: Output): (result: Result) => string {
  const write = output.type === 'json' ? jsonRecord : csvRecord(output);
  return (result) => {
    const record = write(result);
    if (record.length > recordCharactersMax) throw selectError('OverMaxRecordSize');
    return record + output.recordDelimiter;
  };
}

/** What is missing is left out; two columns of one name are both there. */
function jsonRecord(result: Result): string {
  const members = result.flatMap(([name, value]) => {
    const text = jsonText(value);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
  return `{${members.join(',')}}`;
}

function csvRecord({ always, quote, escape, fieldDelimiter, recordDelimiter }: Output & { type: 'csv' }): (result: Result) => string {
  const special = [fieldDelimiter, recordDelimiter, quote, '\n', '\r'].filter((text) => text !== '');
  const write = (text: string): string => {
    if (quote === '' || !(always || special.some((mark) => text.includes(mark)))) return text;
    return quote + text.replaceAll(quote, escape + quote) + quote;
  };
  return (result) => result.map(([, value]) => write(isAbsent(value) ? '' : plainText(value))).join(fieldDelimiter);
}
