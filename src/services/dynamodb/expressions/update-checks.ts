/** What AWS finds wrong with an update that parses: first what the text alone shows, then what names and values show. */

import { typeOf, type AttributeValue, type ValueType } from '../values/attribute-value.ts';
import { bindPath, bindValue, longTypeNames, reservedFault, reservedWord, type Binding } from './binding.ts';
import { misused, operandCounts, operatorsMax, updateFunctions, wrongType, type Bound } from './condition-checks.ts';
import type { Path } from './contract.ts';
import { pathFault } from './paths.ts';
import type { Action, CallNode, Operand, PathNode, Section, SetValue } from './syntax.ts';
import { ExpressionFault } from './tokens.ts';

export type BoundSetValue = Bound | { readonly kind: 'sum'; readonly operator: '+' | '-'; readonly args: readonly [Bound, Bound] };

/** An action with names and values put in. */
export type BoundAction =
  | { readonly kind: 'set'; readonly path: Path; readonly value: BoundSetValue }
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'add' | 'delete'; readonly path: Path; readonly value: AttributeValue };

/** What is wrong with the text of an update, if anything. */
export function updateTextFault(sections: readonly Section[]): string | undefined {
  const actions = sections.flatMap((section) => section.actions);
  const { paths, calls, operators } = partsOf(actions);
  if (operators > operatorsMax) return `The expression contains too many operators; operator count: ${operators}`;
  for (const path of paths) {
    const word = reservedWord(path);
    if (word !== undefined) return reservedFault(word);
  }
  const unknown = calls.find((call) => !updateFunctions.has(call.name));
  if (unknown !== undefined) {
    return operandCounts.has(unknown.name)
      ? `The function is not allowed in an update expression; function: ${unknown.name}`
      : `Invalid function name; function: ${unknown.name}`;
  }
  const isAppend = (node: SetValue): boolean => node.kind === 'call' && node.name === 'list_append';
  if (calls.some((call) => isAppend(call) && call.args.some(isAppend))) return misused('list_append');
  const names = sections.map((section) => section.name);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  return repeated === undefined ? undefined : `The "${repeated}" section can only be used once in an update expression;`;
}

/** All paths and calls in the order in which they are parsed: inner calls before outer ones. */
function partsOf(actions: readonly Action[]): { paths: PathNode[]; calls: CallNode[]; operators: number } {
  const paths: PathNode[] = [];
  const calls: CallNode[] = [];
  let operators = 0;
  const visit = (node: SetValue): void => {
    if (node.kind === 'path') paths.push(node);
    if (node.kind === 'path' || node.kind === 'value') return;
    operators++;
    for (const arg of node.args) visit(arg);
    if (node.kind === 'call') calls.push(node);
  };
  for (const action of actions) {
    operators++;
    paths.push(action.path);
    if (action.kind === 'set') visit(action.value);
  }
  return { paths, calls, operators };
}

/** Throws ExpressionFault: for names, then values, then paths, then operands of ADD and DELETE, then those of functions. */
export function bindUpdate(sections: readonly Section[], binding: Binding): BoundAction[] {
  const actions = sections.flatMap((section) => section.actions);
  const paths = new Map(partsOf(actions).paths.map((node) => [node, bindPath(node, binding)]));
  const bound = actions.map((action) => bindAction(action, paths, binding));
  const fault = pathFault(bound.map((action) => action.path)) ?? firstFault(bound, setOperandFault) ?? firstFault(bound, functionFault);
  if (fault !== undefined) throw new ExpressionFault(fault);
  return bound;
}

function bindAction(action: Action, paths: ReadonlyMap<PathNode, Path>, binding: Binding): BoundAction {
  const path = paths.get(action.path)!;
  if (action.kind === 'remove') return { kind: 'remove', path };
  if (action.kind !== 'set') return { kind: action.kind, path, value: bindValue(action.value.name, binding) };
  const bind = (node: Operand): Bound => {
    if (node.kind === 'path') return { kind: 'path', path: paths.get(node)! };
    if (node.kind === 'value') return { kind: 'value', value: bindValue(node.name, binding) };
    return { kind: 'call', name: node.name, args: node.args.map(bind) };
  };
  const { value } = action;
  if (value.kind !== 'sum') return { kind: 'set', path, value: bind(value) };
  return { kind: 'set', path, value: { kind: 'sum', operator: value.operator, args: [bind(value.args[0]), bind(value.args[1])] } };
}

function firstFault(actions: readonly BoundAction[], faultOf: (action: BoundAction) => string | undefined): string | undefined {
  for (const action of actions) {
    const fault = faultOf(action);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** ADD takes numbers and sets, DELETE takes sets. */
function setOperandFault(action: BoundAction): string | undefined {
  if (action.kind !== 'add' && action.kind !== 'delete') return undefined;
  const type = typeOf(action.value)!;
  const name = longTypeNames[type];
  if (name === undefined || (action.kind === 'add' && type === 'N')) return undefined;
  return `Incorrect operand type for operator or function; operator: ${action.kind.toUpperCase()}, operand type: ${name}`;
}

function functionFault(action: BoundAction): string | undefined {
  return action.kind === 'set' ? valueFault(action.value) : undefined;
}

function valueFault(value: BoundSetValue): string | undefined {
  if (value.kind === 'path' || value.kind === 'value') return undefined;
  for (const arg of value.args) {
    const fault = valueFault(arg);
    if (fault !== undefined) return fault;
  }
  if (value.kind === 'sum') return argumentFault(value.operator, value.args, 'N');
  if (value.args.length !== 2) {
    return `Incorrect number of operands for operator or function; operator or function: ${value.name}, number of operands: ${value.args.length}`;
  }
  if (value.name === 'list_append') return argumentFault(value.name, value.args, 'L');
  return value.args[0]!.kind === 'path' ? undefined : `Operator or function requires a document path; operator or function: ${value.name}`;
}

function argumentFault(name: string, args: readonly Bound[], wanted: ValueType): string | undefined {
  for (const arg of args) {
    const type = arg.kind === 'value' ? typeOf(arg.value) : undefined;
    if (type !== undefined && type !== wanted) return wrongType(name, type);
  }
  return undefined;
}

/** The type that a SET gives, where the text and the values alone tell it. */
export function typeOfSetValue(value: BoundSetValue): ValueType | undefined {
  if (value.kind === 'path') return undefined;
  if (value.kind === 'value') return typeOf(value.value);
  if (value.kind === 'sum') return 'N';
  return value.name === 'list_append' ? 'L' : typeOfSetValue(value.args[1]!);
}
