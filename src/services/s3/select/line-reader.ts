/** JSON of which each line is a row. */

import { recordCharactersMax } from './csv-reader.ts';
import { selectError } from './errors.ts';
import type { JsonRow } from './json-format.ts';
import type { JsonReader } from './json-reader.ts';
import { parseJson } from './values.ts';

/** Throws JSONParsingError and OverMaxRecordSize. */
export function newLineReader(): JsonReader {
  let rest = '';
  const take = (final: boolean): JsonRow[] => {
    const rows: JsonRow[] = [];
    let at = 0;
    while (at < rest.length) {
      const end = rest.indexOf('\n', at);
      if (end === -1 && !final) break;
      const line = rest.slice(at, end === -1 ? rest.length : end);
      at += line.length + 1;
      if (line.length > recordCharactersMax) throw selectError('OverMaxRecordSize');
      if (line.trim() !== '') rows.push({ value: parsed(line) });
    }
    rest = rest.slice(at);
    if (rest.length > recordCharactersMax) throw selectError('OverMaxRecordSize');
    return rows;
  };
  return {
    push: (text) => {
      rest += text;
      return take(false);
    },
    end: () => take(true),
  };
}

function parsed(line: string): unknown {
  try {
    return parseJson(line);
  } catch (error) {
    throw selectError('JSONParsingError', error);
  }
}
