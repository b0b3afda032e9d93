/** Filters of DescribeParameters and GetParametersByPath: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html */

import { invalidFilterKey, invalidFilterOption, invalidFilterValue, validationException } from '../errors.ts';
import type { Parameter } from '../tables.ts';
import { otherName } from './names.ts';

export type Filter = { Key: string; Option?: string; Values?: string[] };
type Matcher = (parameter: Parameter) => boolean;

const valuesMax = 50;
const filtersMax = 50;
/** Where values are out of a list. */
const known: Readonly<Record<string, readonly string[]>> = {
  Type: ['String', 'StringList', 'SecureString'],
  Tier: ['Standard', 'Advanced', 'Intelligent-Tiering'],
  DataType: ['text', 'aws:ec2:image', 'aws:ssm:integration'],
};

function optionsOf(key: string): readonly string[] {
  if (key === 'Path') return ['OneLevel', 'Recursive'];
  if (key === 'Label') return ['Equals'];
  if (key === 'Name') return ['BeginsWith', 'Equals', 'Contains'];
  return ['BeginsWith', 'Equals'];
}

/** Throws InvalidFilterKey, InvalidFilterOption or InvalidFilterValue. */
export function matcherOf(filters: readonly Filter[], keys: readonly string[]): Matcher {
  if (filters.length > filtersMax) throw validationException(`There can be ${filtersMax} filters at most.`);
  const seen = new Set<string>();
  for (const { Key } of filters) {
    if (seen.has(Key)) throw invalidFilterKey(Key, keys);
    seen.add(Key);
  }
  const all = filters.map((filter) => oneMatcher(filter, keys));
  return (parameter) => all.every((matches) => matches(parameter));
}

function oneMatcher({ Key: key, Option: given, Values: values = [] }: Filter, keys: readonly string[]): Matcher {
  const isTag = key.startsWith('tag:') && key.length > 4 && keys.includes('tag:');
  if (!isTag && !keys.filter((one) => one !== 'tag:').includes(key)) throw invalidFilterKey(key, keys);
  const options = optionsOf(key);
  const option = given ?? (key === 'Path' ? 'OneLevel' : 'Equals');
  if (!options.includes(option)) throw invalidFilterOption(option, options);
  if (values.length === 0 && !isTag) throw invalidFilterValue(`The following filter values are missing : null for filter key ${key}.`);
  if (values.length > valuesMax) throw invalidFilterValue(`There can be ${valuesMax} values at most for filter key ${key}.`);
  const wrong = known[key] && values.find((value) => !known[key]!.includes(value));
  if (wrong !== undefined)
    throw invalidFilterValue(`The following filter value is not valid: ${wrong}. Valid values include: [${known[key]!.join(', ')}].`);
  if (key === 'Path') return pathMatcher(values, option === 'Recursive');
  if (key === 'Label') return () => true;
  const compare = (text: string): boolean => values.some((value) => compares[option]!(text, value));
  if (isTag) {
    const name = key.slice(4);
    return ({ tags }) => tags.some(({ Key, Value }) => Key === name && (values.length === 0 || compare(Value)));
  }
  if (key === 'Name') return ({ name }) => compare(name) || compare(otherName(name) ?? name);
  return (parameter) => compare(memberOf(parameter, key));
}

const compares: Readonly<Record<string, (text: string, value: string) => boolean>> = {
  Equals: (text, value) => text === value,
  BeginsWith: (text, value) => text.startsWith(value),
  Contains: (text, value) => text.includes(value),
};

function memberOf({ type, keyId = '', tier, dataType }: Parameter, key: string): string {
  return { Type: type, KeyId: keyId, Tier: tier, DataType: dataType }[key] ?? '';
}

function pathMatcher(paths: readonly string[], recursive: boolean): Matcher {
  for (const path of paths)
    if (!path.startsWith('/'))
      throw validationException(
        'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
      );
  const folders = paths.map((path) => (path.endsWith('/') ? path : `${path}/`));
  return ({ name }) => folders.some((folder) => name.startsWith(folder) && (recursive || !name.slice(folder.length).includes('/')));
}
