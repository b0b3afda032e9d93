/** Filter policies: read, checked against AWS's limits, and asked whether a message passes. Pure. */

import { isObject } from '../json.ts';
import { FilterFault } from './fault.ts';
import { isScalar, operatorNames, readRule, type Rule, type Scalar } from './rule.ts';

export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** Every key must be satisfied, and one alternative of every `$or`. */
type Node = { keys: [name: string, test: Rule[] | Node][]; alternatives: Node[][] };
export type FilterPolicy = { scope: FilterScope; root: Node };

const combinationsMax = 150;
const keysMax = 5;
const depthMax = 32;

/** Reads a filter policy; `{}` lets everything pass. Throws FilterFault. */
export function readFilterPolicy(text: string, scope: FilterScope): FilterPolicy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new FilterFault('failed to parse JSON.') : error;
  }
  if (!isObject(json)) throw new FilterFault('Filter policy must be a JSON object');
  const root = readNode(json, scope, 1);
  const { keys, combinations } = complexity(root, 1);
  if (keys > keysMax) throw new FilterFault('Filter policy can not have more than 5 keys');
  if (combinations > combinationsMax) throw new FilterFault('Filter policy is too complex');
  return { scope, root };
}

function readNode(json: Record<string, unknown>, scope: FilterScope, depth: number): Node {
  if (depth > depthMax) throw new FilterFault('Filter policy is too complex');
  const node: Node = { keys: [], alternatives: [] };
  for (const [name, value] of Object.entries(json)) {
    if (name === '$or' && isAlternatives(value)) node.alternatives.push(value.map((each) => readNode(each, scope, depth)));
    else node.keys.push([name, readKey(name, value, scope, depth)]);
  }
  return node;
}

/** `$or` is a key like any other unless it lists two or more objects none of whose keys is an operator. */
function isAlternatives(value: unknown): value is Record<string, unknown>[] {
  return (
    Array.isArray(value) &&
    value.length >= 2 &&
    value.every((each) => isObject(each) && Object.keys(each).length > 0 && !Object.keys(each).some((key) => operatorNames.has(key)))
  );
}

function readKey(name: string, value: unknown, scope: FilterScope, depth: number): Rule[] | Node {
  if (Array.isArray(value)) {
    if (value.length === 0) throw new FilterFault('Empty arrays are not allowed');
    return value.map(readRule);
  }
  if (!isObject(value)) throw new FilterFault(`"${name}" must be an object or an array`);
  if (Object.keys(value).length === 0) throw new FilterFault('Empty objects are not allowed');
  const node = readNode(value, scope, depth + 1);
  if (scope === 'MessageAttributes')
    throw new FilterFault('Filter policy scope MessageAttributes does not support nested filter policy', true);
  return node;
}

/** Values of a key times its depth, multiplied over keys, added over alternatives: https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
function complexity(node: Node, depth: number): { keys: number; combinations: number } {
  let keys = 0;
  let combinations = 1;
  for (const [, test] of node.keys) {
    const own = Array.isArray(test) ? { keys: 1, combinations: test.length * depth } : complexity(test, depth + 1);
    keys += own.keys;
    combinations *= own.combinations;
  }
  for (const list of node.alternatives) {
    const each = list.map((one) => complexity(one, depth));
    keys += Math.max(...each.map((one) => one.keys));
    combinations *= each.reduce((sum, one) => sum + one.combinations, 0);
  }
  return { keys, combinations };
}

/** What filters see of a message attribute: numbers for Number, each element for String.Array. */
export function attributeValues(type: string, value: string | undefined): Scalar[] {
  if (value === undefined) return [];
  if (type === 'String.Array') {
    const list = parsed(value);
    return Array.isArray(list) ? list.filter(isScalar) : [];
  }
  if (type === 'Number' || type.startsWith('Number.')) return [Number(value)];
  return type === 'String' || type.startsWith('String.') ? [value] : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Does a message with these attributes pass? */
export function passesAttributes({ root }: FilterPolicy, attributes: ReadonlyMap<string, readonly Scalar[]>): boolean {
  return passesNode(root, (name) => attributes.get(name));
}

/** Does a message with this body pass? One that is no JSON object passes only an empty policy. */
export function passesBody({ root }: FilterPolicy, body: string): boolean {
  if (root.keys.length === 0 && root.alternatives.length === 0) return true;
  const json = parsed(body);
  return isObject(json) && passesObject(root, json);
}

function passesObject(node: Node, object: Record<string, unknown>): boolean {
  return passesNode(
    node,
    (name) => (Object.hasOwn(object, name) ? scalarsOf(object[name]) : undefined),
    (name, inner) => {
      const value = Object.hasOwn(object, name) ? object[name] : undefined;
      const candidates = objectsOf(value);
      // Rules for what is absent hold where the parent is absent too.
      return candidates.length === 0 ? passesObject(inner, {}) : candidates.some((each) => passesObject(inner, each));
    },
  );
}

function passesNode(
  node: Node,
  read: (name: string) => readonly Scalar[] | undefined,
  descend: (name: string, inner: Node) => boolean = () => false,
): boolean {
  for (const [name, test] of node.keys) {
    if (!(Array.isArray(test) ? passesRules(test, read(name)) : descend(name, test))) return false;
  }
  return node.alternatives.every((list) => list.some((one) => passesNode(one, read, descend)));
}

function passesRules(rules: readonly Rule[], values: readonly Scalar[] | undefined): boolean {
  return rules.some((rule) => (rule.absent ? values === undefined : (values?.some((value) => rule.accepts(value)) ?? false)));
}

/** Arrays within arrays count as one; deeper ones than anybody nests are passed over, so that no message exhausts the stack. */
function scalarsOf(value: unknown, depth = 0): Scalar[] {
  if (isScalar(value)) return [value];
  return Array.isArray(value) && depth < depthMax ? (value as unknown[]).flatMap((each) => scalarsOf(each, depth + 1)) : [];
}

function objectsOf(value: unknown, depth = 0): Record<string, unknown>[] {
  if (isObject(value)) return [value];
  return Array.isArray(value) && depth < depthMax ? (value as unknown[]).flatMap((each) => objectsOf(each, depth + 1)) : [];
}
