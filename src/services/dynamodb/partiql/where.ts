/** WHERE clauses: parsed into the same trees as condition expressions, and searched for keys. */

import { MentionedPaths } from '../expressions/binding.ts';
import { boundFault, type Bound } from '../expressions/condition-checks.ts';
import { conditionOf, type BoundCondition } from '../expressions/condition.ts';
import type { CompiledCondition, KeyRange, KeySchema } from '../expressions/contract.ts';
import { keyRange } from '../expressions/key-range.ts';
import { newItem, type AttributeValue, type Item } from '../values/attribute-value.ts';
import { bytesAsText } from '../values/compare.ts';
import { validationException } from '../values/errors.ts';
import { encodeKeyValue } from '../values/key-encoding.ts';
import { partitionKeys, sortKeys } from '../values/key-schema.ts';
import type { Where } from './contract.ts';
import { parseOperand, type Parameters } from './operands.ts';
import { current, expectSign, expectWord, isSign, malformed, nested, takeSign, takeWords, type Cursor } from './tokens.ts';

type Leaf = Extract<BoundCondition, { args: unknown }>;

const comparators: ReadonlyMap<string, string> = new Map(['=', '<>', '<', '<=', '>', '>='].map((sign) => [sign, sign])).set('!=', '<>');

/** The types that IS asks for, as `attribute_type` names them. */
const isTypes: ReadonlyMap<string, string> = new Map([
  ['NULL', 'NULL'],
  ['BOOLEAN', 'BOOL'],
  ['BLOB', 'B'],
  ['STRING', 'S'],
  ['NUMERIC', 'N'],
  ['STRUCT', 'M'],
  ['TUPLE', 'M'],
  ['LIST', 'L'],
]);

const readsMax = 50;

export function parseWhere(cursor: Cursor, parameters: Parameters): Where {
  const tree = parseOr(cursor, parameters);
  const mentions = new MentionedPaths();
  mention(tree, mentions);
  return { tree, condition: conditionOf(tree, mentions) };
}

function mention(node: BoundCondition | Bound, mentions: MentionedPaths): void {
  if (node.kind === 'path') mentions.add(node.path);
  else if ('left' in node) for (const side of [node.left, node.right]) mention(side, mentions);
  else if ('operand' in node) mention(node.operand, mentions);
  else if ('args' in node) for (const arg of node.args) mention(arg, mentions);
}

function parseOr(cursor: Cursor, parameters: Parameters): BoundCondition {
  let left = parseAnd(cursor, parameters);
  while (takeWords(cursor, 'OR')) left = { kind: 'or', left, right: parseAnd(cursor, parameters) };
  return left;
}

function parseAnd(cursor: Cursor, parameters: Parameters): BoundCondition {
  let left = parseNot(cursor, parameters);
  while (takeWords(cursor, 'AND')) left = { kind: 'and', left, right: parseNot(cursor, parameters) };
  return left;
}

function parseNot(cursor: Cursor, parameters: Parameters): BoundCondition {
  if (takeWords(cursor, 'NOT')) return { kind: 'not', operand: nested(cursor, () => parseNot(cursor, parameters)) };
  if (!takeSign(cursor, '(')) return parseLeaf(cursor, parameters);
  const inner = nested(cursor, () => parseOr(cursor, parameters));
  expectSign(cursor, ')');
  return inner;
}

function parseLeaf(cursor: Cursor, parameters: Parameters): BoundCondition {
  const first = parseOperand(cursor, parameters);
  const token = current(cursor);
  const comparator = token.kind === 'sign' ? comparators.get(token.text) : undefined;
  if (comparator !== undefined) {
    cursor.at++;
    return checked('compare', comparator, [first, parseOperand(cursor, parameters)]);
  }
  if (takeWords(cursor, 'IS')) return parseIs(cursor, first);
  const negated = takeWords(cursor, 'NOT');
  const leaf = parseRange(cursor, parameters, first);
  if (leaf === undefined && negated) throw malformed('Unexpected NOT');
  if (leaf !== undefined) return negated ? { kind: 'not', operand: leaf } : leaf;
  if (first.kind !== 'call' || first.name === 'size') {
    throw validationException('WHERE clause must contain an expression that resolves to a boolean');
  }
  return checked('call', first.name, first.args);
}

function parseRange(cursor: Cursor, parameters: Parameters, first: Bound): BoundCondition | undefined {
  if (takeWords(cursor, 'BETWEEN')) {
    const lower = parseOperand(cursor, parameters);
    expectWord(cursor, 'AND');
    return checked('between', 'BETWEEN', [first, lower, parseOperand(cursor, parameters)]);
  }
  if (!takeWords(cursor, 'IN')) return undefined;
  const end = isSign(cursor, '[') ? ']' : ')';
  expectSign(cursor, end === ']' ? '[' : '(');
  const args = [first];
  do args.push(parseOperand(cursor, parameters));
  while (takeSign(cursor, ','));
  expectSign(cursor, end);
  if (args.length > 101) {
    throw validationException(`The IN operator is provided with too many operands; number of operands: ${args.length - 1}`);
  }
  return checked('in', 'IN', args);
}

function parseIs(cursor: Cursor, operand: Bound): BoundCondition {
  const negated = takeWords(cursor, 'NOT');
  const token = current(cursor);
  const word = token.text.toUpperCase();
  cursor.at++;
  if (token.kind !== 'word') throw malformed('Expected a data type');
  if (word === 'MISSING') return checked('call', negated ? 'attribute_exists' : 'attribute_not_exists', [operand]);
  const type = isTypes.get(word);
  if (type === undefined) {
    throw validationException(
      `Unsupported data type for IS operator: ${token.text}. Supported data types are [MISSING, NULL, BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]`,
    );
  }
  const leaf = checked('call', 'attribute_type', [operand, { kind: 'value', value: { S: type } }]);
  return negated ? { kind: 'not', operand: leaf } : leaf;
}

function checked(kind: Leaf['kind'], name: string, args: readonly Bound[]): BoundCondition {
  const fault = boundFault(kind, name, args);
  if (fault !== undefined) throw validationException(fault);
  return { kind, name, args };
}

/** All conditions of which each must hold. */
function conjuncts(node: BoundCondition): BoundCondition[] {
  return node.kind === 'and' && 'left' in node ? [...conjuncts(node.left), ...conjuncts(node.right)] : [node];
}

type OnAttribute = { name: string; operator: string; values: readonly AttributeValue[] };

/** A comparison of one attribute with values, the attribute first. */
function onAttribute(node: BoundCondition): OnAttribute | undefined {
  if (!('args' in node)) return undefined;
  const turned = node.kind === 'compare' && node.args[0]!.kind === 'value' && node.args[1]!.kind === 'path';
  const [first, ...others] = turned ? node.args.toReversed() : node.args;
  if (first?.kind !== 'path' || first.path.length !== 1) return undefined;
  const values = others.flatMap((other) => (other.kind === 'value' ? [other.value] : []));
  if (values.length < others.length) return undefined;
  const operator = turned ? (mirrored.get(node.name) ?? node.name) : node.name;
  return { name: first.path[0] as string, operator, values };
}

const mirrored: ReadonlyMap<string, string> = new Map([
  ['<', '>'],
  ['<=', '>='],
  ['>', '<'],
  ['>=', '<='],
]);

/**
 * The one item that an UPDATE, DELETE or EXISTS is about. `condition` is the whole clause. Throws unless every key attribute is equal
 * to one value.
 */
export function singleItem(where: Where, schema: KeySchema): { key: Item; condition: CompiledCondition } {
  const key = newItem();
  const parts = conjuncts(where.tree).map(onAttribute);
  for (const { name, type } of schema) {
    const own = parts.filter((part) => part?.name === name);
    const equal = own.find((part) => part!.operator === '=');
    if (equal === undefined) throw validationException('Where clause does not contain a mandatory equality on all key attributes');
    if (own.length > 1) {
      throw validationException(`Multiple conditions on same key ${name}. Only single item Update/Insert/Delete are supported`);
    }
    const value = equal!.values[0]!;
    if (value[type] === undefined) {
      throw validationException(`Key attribute's data type should match its data type in table's schema: Key ${name}`);
    }
    key[name] = value;
  }
  return { key, condition: where.condition };
}

const operators: ReadonlyMap<string, string> = new Map([
  ['=', 'EQ'],
  ['<', 'LT'],
  ['<=', 'LE'],
  ['>', 'GT'],
  ['>=', 'GE'],
  ['BETWEEN', 'BETWEEN'],
  ['begins_with', 'BEGINS_WITH'],
]);

/**
 * The stretches of a table or index in which a SELECT finds all its items, in the order of their partitions in the clause; undefined when
 * only a scan does. Items must still meet the clause.
 */
export function readsOf(where: Where | undefined, schema: KeySchema): KeyRange[] | undefined {
  const named = partitionKeys(schema).map((key) => ({ key, values: where && valuesOf(where.tree, key.name) }));
  if (named.some(({ values }) => values === undefined)) return undefined;
  let partitions: AttributeValue[][] = [[]];
  for (const { key, values } of named) {
    const wanted = values!.filter((value) => value[key.type] !== undefined);
    const unique = new Map(wanted.map((value) => [bytesAsText(encodeKeyValue(value)), value])).values().toArray();
    if (partitions.length * unique.length > readsMax) throw validationException('Too many decomposed read operations for a given query.');
    partitions = partitions.flatMap((begun) => unique.map((value) => [...begun, value]));
  }
  const sorts = sortConditions(where!, schema);
  return partitions.map((values) => {
    const conditions = new Map(
      named.map(({ key }, at) => [key.name, { operator: 'EQ', values: [values[at]!] as readonly AttributeValue[] }]),
    );
    for (const { name, operator, values: bounds } of sorts) conditions.set(name, { operator: operators.get(operator)!, values: bounds });
    return keyRange(conditions, schema);
  });
}

/** The conditions that narrow the stretches: on the sort attributes from left to right, up to one that is not equality or does not fit. */
function sortConditions(where: Where, schema: KeySchema): OnAttribute[] {
  const parts = conjuncts(where.tree).map(onAttribute);
  const found: OnAttribute[] = [];
  for (const { name, type } of sortKeys(schema)) {
    const part = parts.find((one) => one?.name === name && operators.has(one.operator));
    if (part === undefined || part.values.some((value) => value[type] === undefined)) break;
    found.push(part);
    if (part.operator !== '=') break;
  }
  return found;
}

/** The values of which one must be the attribute's, when the condition says so. */
function valuesOf(node: BoundCondition, name: string): readonly AttributeValue[] | undefined {
  if ('left' in node) {
    const left = valuesOf(node.left, name);
    const right = valuesOf(node.right, name);
    if (node.kind === 'and') return left ?? right;
    return left === undefined || right === undefined ? undefined : [...left, ...right];
  }
  const part = onAttribute(node);
  return part?.name === name && (part.operator === '=' || part.operator === 'IN') ? part.values : undefined;
}
