/** Rows of CSV as S3 Select sees them: by position, and by the names of a header. */

import { selectError } from './errors.ts';
import type { Evaluate } from './evaluate.ts';
import { isNameOf } from './names.ts';
import type { Format } from './query.ts';
import type { Column, Step } from './syntax.ts';

export type CsvRow = readonly string[];

/** `header` tells the names once the first record is there; undefined where the object has none to use. */
export function csvFormat(header: () => readonly string[] | undefined): Format<CsvRow> {
  return {
    column: (column, alias) => csvColumn(column, alias, header),
    all: (row) => {
      const names = header();
      return row.map((field, index) => [names?.[index] ?? `_${index + 1}`, field] as const);
    },
  };
}

function csvColumn({ steps }: Column, alias: string | undefined, header: () => readonly string[] | undefined): Evaluate<CsvRow> {
  const [head, ...more] = steps;
  const path = more.length > 0 && isNameOf(head!, alias ?? 's3object') ? more : steps;
  if (path.length !== 1) throw selectError('InvalidKeyPath');
  const step = path[0]!;
  let index = positionOf(step);
  if (index !== undefined) {
    const at = index;
    return (row) => row[at];
  }
  // Which column it is shows the header, which comes with the first row.
  return (row) => row[(index ??= headerPosition(step, header()))];
}

/** `_1` is the first. Throws InvalidColumnIndex for `_0`. */
function positionOf(step: Step): number | undefined {
  if ('index' in step) throw selectError('InvalidKeyPath');
  const position = /^_(\d{1,6})$/.exec(step.name)?.[1];
  if (position === undefined) return undefined;
  if (Number(position) === 0) throw selectError('InvalidColumnIndex');
  return Number(position) - 1;
}

function headerPosition(step: Step, header: readonly string[] | undefined): number {
  const found = (header ?? []).flatMap((name, index) => (isNameOf(step, name) ? [index] : []));
  if (found.length === 0) throw selectError('MissingHeaders');
  if (found.length > 1) throw selectError('AmbiguousFieldName');
  return found[0]!;
}
