/** Rows of JSON as S3 Select sees them. */

import type { Evaluate } from './evaluate.ts';
import { chosenName, isNameOf } from './names.ts';
import type { Format } from './query.ts';
import type { Column, SourceStep, Step } from './syntax.ts';
import { fromJson, isRawJson } from './values.ts';

/** A value of JSON; undefined where the path of FROM led nowhere. */
export type JsonRow = { readonly value: unknown };

/** The last member of the path in FROM names the row where no alias does. */
export function jsonFormat(source: readonly SourceStep[]): Format<JsonRow> {
  const last = source.findLast((step): step is Step & { name: string } => 'name' in step)?.name ?? 's3object';
  return {
    column: (column, alias) => jsonColumn(column, alias ?? last),
    all: ({ value }) => {
      if (value === undefined) return [];
      const whole = fromJson(value);
      if (typeof whole !== 'object' || whole?.kind !== 'json' || Array.isArray(whole.json)) return [['_1', whole]];
      return Object.entries(whole.json).map(([name, member]) => [name, fromJson(member)] as const);
    },
  };
}

function jsonColumn({ steps }: Column, alias: string): Evaluate<JsonRow> {
  const [head, ...more] = steps;
  const namesRow = isNameOf(head!, alias);
  const isFirst = 'name' in head! && head.name === '_1';
  return ({ value }) => {
    if (namesRow) return fromJson(follow(value, more));
    const found = follow(value, [head!]);
    // `_1` is the row itself, unless it has a member of that name.
    return fromJson(found === undefined && isFirst ? follow(value, more) : follow(found, more));
  };
}

/** Where the steps lead within a value of JSON; undefined where they lead nowhere. */
export function follow(value: unknown, steps: readonly Step[]): unknown {
  let at = value;
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || isRawJson(at)) return undefined;
    if ('index' in step) at = Array.isArray(at) ? at[step.index] : undefined;
    else at = Array.isArray(at) ? undefined : member(at as Record<string, unknown>, step);
  }
  return at;
}

function member(object: Record<string, unknown>, step: Step & { name: string }): unknown {
  if (Object.hasOwn(object, step.name)) return object[step.name];
  const name = chosenName(step, Object.keys(object));
  return name === undefined ? undefined : object[name];
}
