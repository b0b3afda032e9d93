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
export function toKeyConditions(condition: BoundCondition, member = 'KeyConditionExpression'): KeyConditions {
  const found: Found = new Map();
  collect(condition, found, member);
  return found;
}

function collect(node: BoundCondition, found: Found, member: string): void {
  if (node.kind === 'and') {
    collect(node.left, found, member);
    collect(node.right, found, member);
    return;
  }
  if (!('args' in node)) throw invalidOperator(member, node.kind.toUpperCase());
  const { name, args } = node;
  if (!Object.hasOwn(operators, name)) throw invalidOperator(member, name);
  if ((node.kind === 'between' || node.kind === 'call') && args[0]!.kind !== 'path') {
    throw invalidCondition(member, `${name} operator must have the key attribute as its first operand`);
  }
  const at = keyIndex(args, member);
  const path = (args[at] as Extract<Bound, { kind: 'path' }>).path;
  const key = path[0] as string;
  if (found.has(key)) throw validationException(`${member}s must only contain one condition per key`);
  const values = args.flatMap((arg) => (arg.kind === 'value' ? [arg.value] : []));
  found.set(key, { operator: operators[at === 0 ? name : mirrored[name]!]!, values });
}

/** Which operand is the key attribute; all others must be values. */
function keyIndex(args: readonly Bound[], member: string): number {
  let at: number | undefined;
  for (const [index, arg] of args.entries()) {
    if (arg.kind === 'call') throw validationException(`${member}s cannot contain nested operations`);
    if (arg.kind === 'value') continue;
    if (at !== undefined) throw invalidCondition(member, 'Multiple attribute names used in one condition');
    if (arg.path.length > 1) throw validationException(`${member}s cannot have conditions on nested attributes`);
    at = index;
  }
  if (at === undefined) throw invalidCondition(member, 'No key attribute specified');
  return at;
}

const invalidOperator = (member: string, name: string): Error => validationException(`Invalid operator used in ${member}: ${name}`);
const invalidCondition = (member: string, message: string): Error => validationException(`Invalid condition in ${member}: ${message}`);
