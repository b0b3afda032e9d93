/** What AWS finds wrong with a condition that parses: first what the text alone shows, then what names and values show. */

import { typeOf, type AttributeValue, type ValueType } from '../values/attribute-value.ts';
import { compareValues } from '../values/compare.ts';
import { reservedFault, reservedWord, showPath } from './binding.ts';
import type { ParsedCondition } from './condition-syntax.ts';
import type { Path } from './contract.ts';
import type { Condition, Operand } from './syntax.ts';

/** An operand with names and values put in. */
export type Bound =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Bound[] };

/** The functions of conditions and how many operands each takes. */
export const operandCounts: ReadonlyMap<string, number> = new Map([
  ['attribute_exists', 1],
  ['attribute_not_exists', 1],
  ['attribute_type', 2],
  ['begins_with', 2],
  ['contains', 2],
  ['size', 1],
]);

/** The functions of updates. */
export const updateFunctions: ReadonlySet<string> = new Set(['if_not_exists', 'list_append']);

const typeNames: readonly string[] = ['B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'N', 'NS', 'S', 'M'];
const inOperandsMax = 100;
/** Operators and functions of one expression, conditions and updates alike. */
export const operatorsMax = 300;

/** The faults that the text alone shows, the first of each sort; AWS answers with them in this order. */
type TextFaults = { size?: string; unknown?: string; misused?: string; reserved?: string; operators: number };

/** What is wrong with the text of a condition, if anything. */
export function textFault({ condition, hasRedundantParentheses }: ParsedCondition): string | undefined {
  if (hasRedundantParentheses) return 'The expression has redundant parentheses;';
  const faults: TextFaults = { operators: 0 };
  visit(condition, faults);
  checkStandsAlone(condition, faults);
  if (faults.operators > operatorsMax) faults.size ??= `The expression contains too many operators; operator count: ${faults.operators}`;
  return faults.size ?? faults.unknown ?? faults.misused ?? faults.reserved;
}

function visit(node: Condition | Operand, faults: TextFaults): void {
  switch (node.kind) {
    case 'and':
    case 'or':
      faults.operators++;
      visit(node.left, faults);
      visit(node.right, faults);
      checkStandsAlone(node.left, faults);
      checkStandsAlone(node.right, faults);
      return;
    case 'not':
      faults.operators++;
      visit(node.operand, faults);
      checkStandsAlone(node.operand, faults);
      return;
    case 'path': {
      const word = reservedWord(node);
      if (word !== undefined) faults.reserved ??= reservedFault(word);
      return;
    }
    case 'value':
      return;
    default:
      faults.operators++;
      for (const arg of node.args) visit(arg, faults);
      for (const arg of node.args) checkIsOperand(arg, faults);
      if (node.kind === 'call' && !operandCounts.has(node.name)) {
        faults.unknown ??= updateFunctions.has(node.name)
          ? `The function is not allowed in a condition expression; function: ${node.name}`
          : `Invalid function name; function: ${node.name}`;
      }
      if (node.kind === 'in' && node.args.length - 1 > inOperandsMax) {
        faults.size ??= `The IN operator is provided with too many operands; number of operands: ${node.args.length - 1}`;
      }
  }
}

export const misused = (name: string): string => `The function is not allowed to be used this way in an expression; function: ${name}`;

/** Among the functions only size gives something to compare. */
function checkIsOperand(node: Operand, faults: TextFaults): void {
  if (node.kind === 'call' && node.name !== 'size') faults.misused ??= misused(node.name);
}

/** All functions but size are conditions. */
function checkStandsAlone(node: Condition, faults: TextFaults): void {
  if (node.kind === 'call' && node.name === 'size') faults.misused ??= misused(node.name);
}

/** What is wrong with one comparison or function, operands in place: their number, then sameness, then types. */
export function boundFault(kind: 'compare' | 'between' | 'in' | 'call', name: string, args: readonly Bound[]): string | undefined {
  const calls = kind === 'call' ? [{ name, args }] : args.filter((arg) => arg.kind === 'call');
  // Inner functions were parsed first, and are found wrong first.
  const all = [...calls.flatMap(innerCalls), ...calls];
  for (const call of all) {
    if (operandCounts.get(call.name) === call.args.length) continue;
    return `Incorrect number of operands for operator or function; operator or function: ${call.name}, number of operands: ${call.args.length}`;
  }
  const same = all.map((call) => sameOperands(call.name, call.args)).find((fault) => fault !== undefined);
  if (same !== undefined) return same;
  if (kind === 'compare' || kind === 'in') {
    const fault = sameOperands(name, args);
    if (fault !== undefined) return fault;
  }
  for (const call of all) {
    const fault = callFault(call.name, call.args);
    if (fault !== undefined) return fault;
  }
  return kind === 'between' ? betweenFault(args) : orderFault(name, args);
}

type Call = { readonly name: string; readonly args: readonly Bound[] };

function innerCalls(call: Call): Call[] {
  return call.args.flatMap((arg) => (arg.kind === 'call' ? [...innerCalls(arg), arg] : []));
}

function sameOperands(name: string, args: readonly Bound[]): string | undefined {
  const [first, ...others] = args;
  if (first?.kind !== 'path') return undefined;
  const shown = showPath(first.path);
  const isSame = (other: Bound): boolean =>
    other.kind === 'path' && other.path.length === first.path.length && other.path.every((step, index) => step === first.path[index]);
  if (!others.some(isSame)) return undefined;
  return `The first operand must be distinct from the remaining operands for this operator or function; operator: ${name}, first operand: ${shown}`;
}

export const wrongType = (name: string, type: string): string =>
  `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`;

/** The type that an operand has whatever the item. */
export function typeOfBound(bound: Bound | undefined): ValueType | undefined {
  if (bound?.kind === 'value') return typeOf(bound.value);
  return bound?.kind === 'call' && bound.name === 'size' ? 'N' : undefined;
}

function callFault(name: string, args: readonly Bound[]): string | undefined {
  const types = args.map(typeOfBound);
  switch (name) {
    case 'attribute_exists':
    case 'attribute_not_exists':
      return args[0]!.kind === 'path' ? undefined : `Operator or function requires a document path; operator or function: ${name}`;
    case 'begins_with': {
      const wrong = types.find((type) => type !== undefined && type !== 'S' && type !== 'B');
      return wrong === undefined ? undefined : wrongType(name, wrong);
    }
    case 'attribute_type': {
      if (types[1] !== 'S') return wrongType(name, types[1] ?? '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}');
      const type = (args[1] as { value: AttributeValue }).value.S!;
      if (typeNames.includes(type)) return undefined;
      return `Invalid attribute type name found; type: ${type}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`;
    }
    case 'size':
      return types[0] === 'N' || types[0] === 'BOOL' || types[0] === 'NULL' ? wrongType(name, types[0]) : undefined;
    default:
      return undefined;
  }
}

/** Only texts, numbers and bytes have an order. */
function orderFault(operator: string, args: readonly Bound[]): string | undefined {
  if (operator !== '<' && operator !== '<=' && operator !== '>' && operator !== '>=' && operator !== 'BETWEEN') return undefined;
  const wrong = args.map(typeOfBound).find((type) => type !== undefined && type !== 'S' && type !== 'N' && type !== 'B');
  return wrong === undefined ? undefined : wrongType(operator, wrong);
}

function betweenFault(args: readonly Bound[]): string | undefined {
  const [, lower, upper] = args;
  if (lower?.kind === 'value' && upper?.kind === 'value') {
    const bounds = `lower bound operand: AttributeValue: ${showValue(lower.value)}, upper bound operand: AttributeValue: ${showValue(upper.value)}`;
    if (typeOf(lower.value) !== typeOf(upper.value)) {
      return `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`;
    }
    if ((compareValues(lower.value, upper.value) ?? 0) > 0) {
      return `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`;
    }
  }
  return orderFault('BETWEEN', args);
}

function showValue(value: AttributeValue): string {
  const type = typeOf(value)!;
  const shown = value.B === undefined ? String(value[type]) : Buffer.from(value.B).toString('base64');
  return `{${type}:${shown}}`;
}
