/** Parses conditions: ConditionExpression, FilterExpression and KeyConditionExpression. */

import {
  checkNesting,
  parseBareOperand,
  parseSteps,
  type Comparator,
  type Condition,
  type Grammar,
  type Operand,
  type Step,
} from './syntax.ts';
import { current, expectEnd, expectSign, isSign, syntaxError, takeKeyword, takeSign, tokenize, type Cursor } from './tokens.ts';

const keywords = new Set(['AND', 'OR', 'NOT', 'IN', 'BETWEEN']);
const comparators: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);
const grammar: Grammar = { isKeyword: (word) => keywords.has(word.toUpperCase()) };

export type ParsedCondition = {
  readonly condition: Condition;
  /** Something lay in two pairs of brackets. */
  readonly hasRedundantParentheses: boolean;
};

/** What was parsed, and whether it came out of brackets with nothing added since. */
type Parsed = { readonly node: Condition | Operand; readonly bracketed: boolean };
type State = { readonly cursor: Cursor; hasRedundantParentheses: boolean; depth: number };

/** Throws ExpressionFault for a syntax error. */
export function parseCondition(text: string): ParsedCondition {
  const state: State = { cursor: tokenize(text), hasRedundantParentheses: false, depth: 0 };
  const condition = asCondition(state, parseOr(state));
  expectEnd(state.cursor);
  return { condition, hasRedundantParentheses: state.hasRedundantParentheses };
}

function parseOr(state: State): Parsed {
  const first = parseAnd(state);
  if (!takesKeyword(state, 'OR', first)) return first;
  let left = first.node as Condition;
  do left = { kind: 'or', left, right: asCondition(state, parseAnd(state)) };
  while (takeKeyword(state.cursor, 'OR'));
  return { node: left, bracketed: false };
}

function parseAnd(state: State): Parsed {
  const first = parseNot(state);
  if (!takesKeyword(state, 'AND', first)) return first;
  let left = first.node as Condition;
  do left = { kind: 'and', left, right: asCondition(state, parseNot(state)) };
  while (takeKeyword(state.cursor, 'AND'));
  return { node: left, bracketed: false };
}

function takesKeyword(state: State, keyword: 'AND' | 'OR', left: Parsed): boolean {
  if (!takeKeyword(state.cursor, keyword)) return false;
  state.cursor.at--;
  asCondition(state, left);
  state.cursor.at++;
  return true;
}

function parseNot(state: State): Parsed {
  if (!takeKeyword(state.cursor, 'NOT')) return parseComparison(state);
  checkNesting(++state.depth, state.cursor);
  const operand = asCondition(state, parseNot(state));
  state.depth--;
  return { node: { kind: 'not', operand }, bracketed: false };
}

function parseComparison(state: State): Parsed {
  const { cursor } = state;
  const left = parsePrimary(state);
  const token = current(cursor);
  if (token.kind === 'sign' && comparators.has(token.text)) {
    const first = asOperand(state, left);
    cursor.at++;
    const args = [first, parseOperand(state)] as const;
    return { node: { kind: 'compare', operator: token.text as Comparator, args }, bracketed: false };
  }
  if (takeKeyword(cursor, 'BETWEEN')) {
    const lower = parseOperand(state);
    if (!takeKeyword(cursor, 'AND')) throw syntaxError(cursor);
    return { node: { kind: 'between', args: [asOperand(state, left), lower, parseOperand(state)] }, bracketed: false };
  }
  if (takeKeyword(cursor, 'IN')) {
    expectSign(cursor, '(');
    const args = [asOperand(state, left), parseOperand(state)];
    while (takeSign(cursor, ',')) args.push(parseOperand(state));
    expectSign(cursor, ')');
    return { node: { kind: 'in', args }, bracketed: false };
  }
  return left;
}

/** Brackets hold a condition or an operand; which of them shows only inside. */
function parsePrimary(state: State): Parsed {
  const { cursor } = state;
  if (!isSign(cursor, '(')) {
    return { node: parseBareOperand(cursor, grammar, () => parseOperand(state)), bracketed: false };
  }
  checkNesting(++state.depth, cursor);
  cursor.at++;
  const inner = parseOr(state);
  expectSign(cursor, ')');
  state.depth--;
  if (inner.bracketed) state.hasRedundantParentheses = true;
  if (inner.node.kind !== 'path' || !(isSign(cursor, '.') || isSign(cursor, '['))) return { node: inner.node, bracketed: true };
  const steps: Step[] = [...inner.node.steps];
  parseSteps(cursor, grammar, steps);
  return { node: { kind: 'path', steps }, bracketed: false };
}

function parseOperand(state: State): Operand {
  checkNesting(++state.depth, state.cursor);
  const operand = asOperand(state, parsePrimary(state));
  state.depth--;
  return operand;
}

function asOperand(state: State, { node }: Parsed): Operand {
  if (node.kind === 'path' || node.kind === 'value' || node.kind === 'call') return node;
  throw syntaxError(state.cursor);
}

function asCondition(state: State, { node }: Parsed): Condition {
  if (node.kind === 'path' || node.kind === 'value') throw syntaxError(state.cursor);
  return node;
}
