/** Parses UpdateExpression, and the list of paths that ProjectionExpression is. */

import {
  checkNesting,
  parseBareOperand,
  parsePath,
  parseValue,
  type Action,
  type Grammar,
  type Operand,
  type PathNode,
  type Section,
  type SetValue,
} from './syntax.ts';
import { current, expectEnd, expectSign, isSign, syntaxError, takeSign, tokenize, type Cursor } from './tokens.ts';

const sectionNames: ReadonlySet<string> = new Set(['SET', 'REMOVE', 'ADD', 'DELETE']);
const grammar: Grammar = { isKeyword: (word) => sectionNames.has(word.toUpperCase()) };

/** Throws ExpressionFault for a syntax error. */
export function parseUpdate(text: string): Section[] {
  const cursor = tokenize(text);
  const sections: Section[] = [];
  do sections.push(parseSection(cursor));
  while (current(cursor).kind !== 'end');
  return sections;
}

function parseSection(cursor: Cursor): Section {
  const token = current(cursor);
  const name = token.text.toUpperCase() as Section['name'];
  if (token.kind !== 'word' || !sectionNames.has(name)) throw syntaxError(cursor);
  cursor.at++;
  const actions: Action[] = [];
  do actions.push(parseAction(cursor, name));
  while (takeSign(cursor, ','));
  return { name, actions };
}

function parseAction(cursor: Cursor, section: Section['name']): Action {
  const path = parsePath(cursor, grammar);
  if (section === 'REMOVE') return { kind: 'remove', path };
  if (section === 'ADD') return { kind: 'add', path, value: parseValue(cursor) };
  if (section === 'DELETE') return { kind: 'delete', path, value: parseValue(cursor) };
  expectSign(cursor, '=');
  return { kind: 'set', path, value: parseSetValue(cursor) };
}

/** `(a + b)` is a bracketed sum, `(a) + b` a sum of which one operand is bracketed: the first bracket alone does not tell. */
function parseSetValue(cursor: Cursor): SetValue {
  const start = cursor.at;
  if (!takeSign(cursor, '(')) return parseSum(cursor);
  const inner = parseSum(cursor);
  expectSign(cursor, ')');
  if (inner.kind === 'sum' || !(isSign(cursor, '+') || isSign(cursor, '-'))) return inner;
  cursor.at = start;
  return parseSum(cursor);
}

function parseSum(cursor: Cursor): SetValue {
  const left = parseOperand(cursor, 0);
  if (!isSign(cursor, '+') && !isSign(cursor, '-')) return left;
  const operator = current(cursor).text as '+' | '-';
  cursor.at++;
  return { kind: 'sum', operator, args: [left, parseOperand(cursor, 0)] };
}

function parseOperand(cursor: Cursor, depth: number): Operand {
  checkNesting(depth, cursor);
  const bracketed = takeSign(cursor, '(');
  const operand = parseBareOperand(cursor, grammar, () => parseOperand(cursor, depth + 1));
  if (bracketed) expectSign(cursor, ')');
  return operand;
}

/** A projection has no keywords of its own. */
const projectionGrammar: Grammar = { isKeyword: () => false };

/** Throws ExpressionFault for a syntax error. */
export function parseProjection(text: string): PathNode[] {
  const cursor = tokenize(text);
  const paths = [parsePath(cursor, projectionGrammar)];
  while (takeSign(cursor, ',')) paths.push(parsePath(cursor, projectionGrammar));
  expectEnd(cursor);
  return paths;
}
