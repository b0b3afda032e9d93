/** Reads a KeyConditionExpression as one condition for each key attribute. */

import type { AttributeValue } from '../values/attribute-value.ts';
import { validationException } from '../values/errors.ts';
import type { BoundCondition } from './condition.ts';
import type { Bound } from './condition-checks.ts';
import type { KeyConditions } from './contract.ts';

type Found = Map<string, { operator: string; values: readonly AttributeValue[] }>;

const operators: Readonly<Record<string, string>> = {
  '=': 'EQ',
  '<': 'LT',
  '<=': 'LE',
  '>': 'GT',
  '>=': 'GE',
  BETWEEN: 'BETWEEN',
  begins_with: 'BEGINS_WITH',
};

/** The operator when its operands change places. */
const mirrored: Readonly<Record<string, string>> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** Throws a ValidationException for what a key condition may not say. */
export function toKeyConditions(condition: BoundCondition): KeyConditions {
  const found: Found = new Map();
  collect(condition, found);
  return found;
}

function collect(node: BoundCondition, found: Found): void {
  if (node.kind === 'and') {
    collect(node.left, found);
    collect(node.right, found);
    return;
  }
  if (!('args' in node)) throw invalidOperator(node.kind.toUpperCase());
  const { name, args } = node;
  if (!Object.hasOwn(operators, name)) throw invalidOperator(name);
  if ((node.kind === 'between' || node.kind === 'call') && args[0]!.kind !== 'path') {
    throw invalidCondition(`${name} operator must have the key attribute as its first operand`);
  }
  const at = keyIndex(args);
  const path = (args[at] as Extract<Bound, { kind: 'path' }>).path;
  const key = path[0] as string;
  if (found.has(key)) throw validationException('KeyConditionExpressions must only contain one condition per key');
  const values = args.flatMap((arg) => (arg.kind === 'value' ? [arg.value] : []));
  found.set(key, { operator: operators[at === 0 ? name : mirrored[name]!]!, values });
}

/** Which operand is the key attribute; all others must be values. */
function keyIndex(args: readonly Bound[]): number {
  let at: number | undefined;
  for (const [index, arg] of args.entries()) {
    if (arg.kind === 'call') throw validationException('KeyConditionExpressions cannot contain nested operations');
    if (arg.kind === 'value') continue;
    if (at !== undefined) throw invalidCondition('Multiple attribute names used in one condition');
    if (arg.path.length > 1) throw validationException('KeyConditionExpressions cannot have conditions on nested attributes');
    at = index;
  }
  if (at === undefined) throw invalidCondition('No key attribute specified');
  return at;
}

const invalidOperator = (name: string): Error => validationException(`Invalid operator used in KeyConditionExpression: ${name}`);
const invalidCondition = (message: string): Error => validationException(`Invalid condition in KeyConditionExpression: ${message}`);
