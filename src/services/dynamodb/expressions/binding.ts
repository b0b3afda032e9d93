/** The names and values that a request gives to its expressions: checked, put in, and counted as used. */

import { admitAttributeName, admitValue } from '../values/admit.ts';
import { attributeOf, type AttributeValue, type Item, type ValueType } from '../values/attribute-value.ts';
import { validationException } from '../values/errors.ts';
import type { ExpressionInput, Path } from './contract.ts';
import { isReserved } from './reserved-words.ts';
import type { PathNode } from './syntax.ts';
import { ExpressionFault } from './tokens.ts';

export type Binding = {
  readonly names: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, AttributeValue>;
  readonly unusedNames: Set<string>;
  readonly unusedValues: Set<string>;
};

/** Checks the keys of the names, then those of the values, then the values, as AWS does. */
export function bindParameters(input: Pick<ExpressionInput, 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>): Binding {
  const names = new Map<string, string>();
  if (input.ExpressionAttributeNames !== undefined) {
    for (const [key, name] of Object.entries(input.ExpressionAttributeNames)) names.set(key, name);
    checkKeys('ExpressionAttributeNames', names, /^#[0-9a-zA-Z_]+$/);
    for (const [key, name] of names) admitted('ExpressionAttributeNames', key, () => admitAttributeName(name));
  }
  const values = new Map<string, AttributeValue>();
  if (input.ExpressionAttributeValues !== undefined) {
    for (const [key, value] of Object.entries(input.ExpressionAttributeValues)) values.set(key, value);
    checkKeys('ExpressionAttributeValues', values, /^:[0-9a-zA-Z_]+$/);
    for (const [key, value] of values)
      values.set(
        key,
        admitted('ExpressionAttributeValues', key, () => admitValue(value)),
      );
  }
  return { names, values, unusedNames: new Set(names.keys()), unusedValues: new Set(values.keys()) };
}

function checkKeys(parameter: string, given: ReadonlyMap<string, unknown>, form: RegExp): void {
  if (given.size === 0) throw validationException(`${parameter} must not be empty`);
  for (const key of given.keys()) {
    if (!form.test(key)) throw validationException(`${parameter} contains invalid key: Syntax error; key: "${key}"`);
  }
}

function admitted<T>(parameter: string, key: string, admit: () => T): T {
  try {
    return admit();
  } catch (error) {
    const reason = (error as Error).message;
    throw validationException(`${parameter} contains invalid value: ${reason} for key ${key}`);
  }
}

/** Throws when a name or value was given that no expression uses. */
export function checkAllUsed({ unusedNames, unusedValues }: Binding): void {
  for (const [parameter, unused] of [
    ['ExpressionAttributeNames', unusedNames],
    ['ExpressionAttributeValues', unusedValues],
  ] as const) {
    if (unused.size === 0) continue;
    throw validationException(`Value provided in ${parameter} unused in expressions: keys: {${[...unused].join(', ')}}`);
  }
}

/** The path with its names put in. Throws ExpressionFault for a name that was not given. */
export function bindPath(path: PathNode, binding: Binding): Path {
  return path.steps.map((step) => (typeof step === 'object' ? bindName(step.name, binding) : step));
}

function bindName(key: string, binding: Binding): string {
  const name = binding.names.get(key);
  if (name === undefined) {
    throw new ExpressionFault(`An expression attribute name used in the document path is not defined; attribute name: ${key}`);
  }
  binding.unusedNames.delete(key);
  return name;
}

/** Throws ExpressionFault for a value that was not given. */
export function bindValue(key: string, binding: Binding): AttributeValue {
  const value = binding.values.get(key);
  if (value === undefined) {
    throw new ExpressionFault(`An expression attribute value used in expression is not defined; attribute value: ${key}`);
  }
  binding.unusedValues.delete(key);
  return value;
}

/** The first bare word of the path that is reserved. */
export function reservedWord(path: PathNode): string | undefined {
  return path.steps.find((step): step is string => typeof step === 'string' && isReserved(step));
}

export const reservedFault = (word: string): string => `Attribute name is a reserved keyword; reserved keyword: ${word}`;

/** A path as AWS shows it: `[a, [0], b]`. */
export function showPath(path: Path): string {
  return `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;
}

/** What lies at the path; undefined where it leads nowhere. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  let value = attributeOf(item, path[0] as string);
  for (let index = 1; index < path.length && value !== undefined; index++) value = valueIn(value, path[index]!);
  return value;
}

/** What lies in a map or list one step further. */
export function valueIn(value: AttributeValue, step: string | number): AttributeValue | undefined {
  if (typeof step === 'number') return value.L?.[step];
  return value.M === undefined ? undefined : attributeOf(value.M, step);
}

/** AWS's long names of types, which some sentences use. */
export const longTypeNames: Readonly<Partial<Record<ValueType, string>>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};

/** The attributes that paths begin with, and those of them that paths reach into. */
export class MentionedPaths {
  readonly heads = new Set<string>();
  readonly nestedHeads = new Set<string>();

  add(path: Path): void {
    const head = path[0] as string;
    this.heads.add(head);
    if (path.length > 1) this.nestedHeads.add(head);
  }
}
