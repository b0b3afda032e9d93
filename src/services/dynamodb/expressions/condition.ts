/** Turns a parsed condition into a function over items. */

import { typeOf, type AttributeValue, type Item } from '../values/attribute-value.ts';
import { compareValues, equalValues } from '../values/compare.ts';
import { bindPath, bindValue, MentionedPaths, valueAt, type Binding } from './binding.ts';
import { boundFault, type Bound } from './condition-checks.ts';
import type { CompiledCondition } from './contract.ts';
import type { Comparator, Condition, Operand } from './syntax.ts';
import { ExpressionFault } from './tokens.ts';

export type Predicate = (item: Item) => boolean;
type Evaluator = (item: Item) => AttributeValue | undefined;

type LeafKind = Extract<Condition, { args: unknown }>['kind'];

/** A condition with names and values put in. The name of a leaf is its operator or function. */
export type BoundCondition =
  | { readonly kind: 'and' | 'or'; readonly left: BoundCondition; readonly right: BoundCondition }
  | { readonly kind: 'not'; readonly operand: BoundCondition }
  | { readonly kind: LeafKind; readonly name: string; readonly args: readonly Bound[] };

const nothing: Item = Object.freeze(Object.create(null) as Item);

/** Throws ExpressionFault for the first comparison or function that is wrong. */
export function compileCondition(condition: Condition, binding: Binding): CompiledCondition {
  const mentions = new MentionedPaths();
  return conditionOf(bindCondition(condition, binding, mentions), mentions);
}

/** The condition of a tree that needs no more checks. */
export function conditionOf(bound: BoundCondition, mentions: MentionedPaths): CompiledCondition {
  const predicate = compileBound(bound);
  return { heads: mentions.heads, nestedHeads: mentions.nestedHeads, matches: (item) => predicate(item ?? nothing) };
}

/** Throws ExpressionFault for the first comparison or function that is wrong. */
export function bindCondition(node: Condition, binding: Binding, mentions: MentionedPaths): BoundCondition {
  switch (node.kind) {
    case 'and':
    case 'or':
      return {
        kind: node.kind,
        left: bindCondition(node.left, binding, mentions),
        right: bindCondition(node.right, binding, mentions),
      };
    case 'not':
      return { kind: 'not', operand: bindCondition(node.operand, binding, mentions) };
    default: {
      const args = node.args.map((arg) => bindOperand(arg, binding, mentions));
      const name = node.kind === 'compare' ? node.operator : node.kind === 'call' ? node.name : node.kind.toUpperCase();
      const fault = boundFault(node.kind, name, args);
      if (fault !== undefined) throw new ExpressionFault(fault);
      return { kind: node.kind, name, args };
    }
  }
}

function compileBound(node: BoundCondition): Predicate {
  switch (node.kind) {
    case 'and': {
      const left = compileBound(node.left);
      const right = compileBound(node.right);
      return (item) => left(item) && right(item);
    }
    case 'or': {
      const left = compileBound(node.left);
      const right = compileBound(node.right);
      return (item) => left(item) || right(item);
    }
    case 'not': {
      const operand = compileBound(node.operand);
      return (item) => !operand(item);
    }
    default:
      return compileLeaf(node.kind, node.name, node.args.map(evaluator));
  }
}

/** Names and values in the order in which they are written. */
function bindOperand(node: Operand, binding: Binding, mentions: MentionedPaths): Bound {
  if (node.kind === 'value') return { kind: 'value', value: bindValue(node.name, binding) };
  if (node.kind === 'call') return { kind: 'call', name: node.name, args: node.args.map((arg) => bindOperand(arg, binding, mentions)) };
  const path = bindPath(node, binding);
  mentions.add(path);
  return { kind: 'path', path };
}

function evaluator(bound: Bound): Evaluator {
  if (bound.kind === 'value') return () => bound.value;
  if (bound.kind === 'path') return (item) => valueAt(item, bound.path);
  const operand = evaluator(bound.args[0]!);
  return (item) => sizeOf(operand(item));
}

/** Numbers, booleans and nulls have no size: what is compared with it is then false. */
function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (value === undefined) return undefined;
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html counts characters.
  if (value.S !== undefined) return { N: String(value.S.length) };
  if (value.B !== undefined) return { N: String(value.B.byteLength) };
  if (value.M !== undefined) return { N: String(Object.keys(value.M).length) };
  const members = value.L ?? value.SS ?? value.NS ?? value.BS;
  return members === undefined ? undefined : { N: String(members.length) };
}

function compileLeaf(kind: LeafKind, name: string, args: readonly Evaluator[]): Predicate {
  const [first, second, third] = args as [Evaluator, Evaluator, Evaluator];
  if (kind === 'between') return (item) => isBetween(first(item), second(item), third(item));
  if (kind === 'in') return (item) => isAmong(first(item), args, item);
  if (kind === 'compare') {
    const holds = comparisons[name as Comparator];
    return (item) => holds(first(item), second(item));
  }
  switch (name) {
    case 'attribute_exists':
      return (item) => first(item) !== undefined;
    case 'attribute_not_exists':
      return (item) => first(item) === undefined;
    case 'attribute_type':
      return (item) => hasType(first(item), second(item));
    case 'begins_with':
      return (item) => beginsWith(first(item), second(item));
    default:
      return (item) => contains(first(item), second(item));
  }
}

type Comparison = (one: AttributeValue | undefined, other: AttributeValue | undefined) => boolean;

const isEqual: Comparison = (one, other) => one !== undefined && other !== undefined && equalValues(one, other);

/** What is not there, or is of another type, is not in order with anything. */
const inOrder =
  (holds: (order: number) => boolean): Comparison =>
  (one, other) => {
    if (one === undefined || other === undefined) return false;
    const order = compareValues(one, other);
    return order !== undefined && holds(order);
  };

const comparisons: Readonly<Record<Comparator, Comparison>> = {
  '=': isEqual,
  '<>': (one, other) => !isEqual(one, other),
  '<': inOrder((order) => order < 0),
  '<=': inOrder((order) => order <= 0),
  '>': inOrder((order) => order > 0),
  '>=': inOrder((order) => order >= 0),
};

export function isBetween(
  value: AttributeValue | undefined,
  lower: AttributeValue | undefined,
  upper: AttributeValue | undefined,
): boolean {
  return comparisons['>='](value, lower) && comparisons['<='](value, upper);
}

function isAmong(value: AttributeValue | undefined, args: readonly Evaluator[], item: Item): boolean {
  for (let index = 1; index < args.length; index++) if (isEqual(value, args[index]!(item))) return true;
  return false;
}

function hasType(value: AttributeValue | undefined, type: AttributeValue | undefined): boolean {
  return value !== undefined && typeOf(value) === type?.S;
}

export function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value === undefined || prefix === undefined) return false;
  if (value.S !== undefined) return prefix.S !== undefined && value.S.startsWith(prefix.S);
  if (value.B === undefined || prefix.B === undefined) return false;
  return Buffer.compare(value.B.subarray(0, prefix.B.byteLength), prefix.B) === 0;
}

/** A part of a text or of bytes, a member of a set, or an element of a list. */
export function contains(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (value === undefined || part === undefined) return false;
  if (value.L !== undefined) return value.L.some((member) => equalValues(member, part));
  if (part.S !== undefined) return value.S !== undefined ? value.S.includes(part.S) : (value.SS?.includes(part.S) ?? false);
  if (part.N !== undefined) return value.NS?.includes(part.N) ?? false;
  if (part.B === undefined) return false;
  const bytes = part.B;
  if (value.B !== undefined) return Buffer.from(value.B).includes(bytes);
  return value.BS?.some((member) => Buffer.compare(member, bytes) === 0) ?? false;
}

/** The comparisons of the legacy parameters, which are the same ones under other names. */
export const compareBy = comparisons;
