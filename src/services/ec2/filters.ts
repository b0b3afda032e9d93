/** Filters of Describe calls: names with values, of which any may fit; `*` and `?` are wildcards; all filters must fit. */

import type { Tag } from '../../framework/tags.ts';
import { filterInvalid, invalidParameterValue, limitExceeded } from './errors.ts';

type FilterInput = { Name?: string | undefined; Values?: string[] | undefined };
type Found = string | number | boolean | undefined | readonly (string | undefined)[];

/** How the values of a row are found, by filter name. `tag:KEY` and `tag-key` come by themselves. */
export type Filters<Row> = Readonly<Record<string, (row: Row) => Found>>;

const filtersMax = 50;
const valuesMax = 200;

/** Gives the test that rows must pass. Throws InvalidParameterValue for a filter that is not known. */
export function compileFilters<Row extends object>(given: readonly FilterInput[] | undefined, known: Filters<Row>): (row: Row) => boolean {
  if ((given?.length ?? 0) > filtersMax)
    throw limitExceeded('FilterLimitExceeded', `The maximum number of filters on this API call is ${filtersMax}`);
  const tests = (given ?? []).map((filter) => compileOne(filter, known));
  return (row) => tests.every((test) => test(row));
}

function compileOne<Row extends object>({ Name: name, Values }: FilterInput, known: Filters<Row>): (row: Row) => boolean {
  if (name === undefined) throw invalidParameterValue('The filter name is missing');
  const values = Values ?? [];
  if (values.length > valuesMax)
    throw limitExceeded('FilterLimitExceeded', `The maximum number of filter values specified on a single call is ${valuesMax}`);
  const valueOf = finderOf(name, known);
  const fits = values.map(pattern);
  return (row) => {
    const found = valueOf(row);
    const list = Array.isArray(found) ? (found as readonly (string | undefined)[]) : [found as string | number | boolean | undefined];
    return list.some((value) => value !== undefined && fits.some((fit) => fit(String(value))));
  };
}

function finderOf<Row extends object>(name: string, known: Filters<Row>): (row: Row) => Found {
  if (name === 'tag-key') return (row) => tagsIn(row).map((tag) => tag.Key);
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (row) => tagsIn(row).find((tag) => tag.Key === key)?.Value;
  }
  if (!Object.hasOwn(known, name)) throw filterInvalid(name);
  return known[name]!;
}

const tagsIn = (row: { tags?: Tag[] }): Tag[] => row.tags ?? [];

/** `*` is any text, `?` any one character; a backslash takes the meaning from what follows. */
export function pattern(text: string): (value: string) => boolean {
  if (!/[*?\\]/.test(text)) return (value) => value === text;
  const source = text.replaceAll(/\\(.)|[*?]|[.+^${}()|[\]\\]/gsu, (match, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
    if (match === '*') return '.*';
    return match === '?' ? '.' : `\\${match}`;
  });
  const expression = new RegExp(`^${source.replaceAll(/(?:\.\*)+/g, '.*')}$`, 'su');
  return (value) => expression.test(value);
}
