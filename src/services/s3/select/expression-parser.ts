/** Reads the expressions of S3 Select, by the precedence of https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-operators.html */

import { parseCall, parseCase, parseCast, parseExists } from './call-parser.ts';
import { selectError } from './errors.ts';
import type { Arithmetic, Column, Comparison, Expression, Step } from './syntax.ts';
import { parseTimestamp } from './timestamps.ts';
import { current, following, isSign, isWord, nested, takeIdentifier, takeSign, takeWords, unexpected, type Cursor } from './tokens.ts';
import { numberOf, type Value } from './values.ts';

export function parseExpression(cursor: Cursor): Expression {
  return nested(cursor, () => {
    let left = parseAnd(cursor);
    while (takeWords(cursor, 'OR')) left = { kind: 'logical', operator: 'or', left, right: parseAnd(cursor) };
    return left;
  });
}

function parseAnd(cursor: Cursor): Expression {
  let left = parseNot(cursor);
  while (takeWords(cursor, 'AND')) left = { kind: 'logical', operator: 'and', left, right: parseNot(cursor) };
  return left;
}

function parseNot(cursor: Cursor): Expression {
  if (!takeWords(cursor, 'NOT')) return parseEquality(cursor);
  return nested(cursor, () => ({ kind: 'not', of: parseNot(cursor) }));
}

function parseEquality(cursor: Cursor): Expression {
  let left = parseOrder(cursor);
  for (;;) {
    if (isSign(cursor, '=', '<>', '!=')) {
      const operator: Comparison = current(cursor).text === '=' ? '=' : '<>';
      cursor.at++;
      left = { kind: 'comparison', operator, left, right: parseOrder(cursor) };
    } else if (takeWords(cursor, 'IS')) left = parseIs(cursor, left);
    else return left;
  }
}

function parseIs(cursor: Cursor, of: Expression): Expression {
  const not = takeWords(cursor, 'NOT');
  const what = takeWords(cursor, 'NULL') ? 'null' : takeWords(cursor, 'MISSING') ? 'missing' : undefined;
  if (!what) throw unexpected(cursor);
  const test: Expression = { kind: 'is', of, what };
  return not ? { kind: 'not', of: test } : test;
}

function parseOrder(cursor: Cursor): Expression {
  let left = parseMatch(cursor);
  while (isSign(cursor, '<', '<=', '>', '>=')) {
    const operator = current(cursor).text as Comparison;
    cursor.at++;
    left = { kind: 'comparison', operator, left, right: parseMatch(cursor) };
  }
  return left;
}

/** LIKE, BETWEEN and IN. */
function parseMatch(cursor: Cursor): Expression {
  let left = parseConcatenation(cursor);
  for (;;) {
    const start = cursor.at;
    const not = takeWords(cursor, 'NOT');
    const test = parseTest(cursor, left);
    if (!test) {
      cursor.at = start;
      return left;
    }
    left = not ? { kind: 'not', of: test } : test;
  }
}

function parseTest(cursor: Cursor, of: Expression): Expression | undefined {
  if (takeWords(cursor, 'LIKE')) {
    const pattern = parseConcatenation(cursor);
    return { kind: 'like', of, pattern, escape: takeWords(cursor, 'ESCAPE') ? parseConcatenation(cursor) : undefined };
  }
  if (takeWords(cursor, 'BETWEEN')) {
    const low = parseConcatenation(cursor);
    if (!takeWords(cursor, 'AND')) throw selectError('ParseExpectedKeyword');
    return { kind: 'between', of, low, high: parseConcatenation(cursor) };
  }
  if (!takeWords(cursor, 'IN')) return undefined;
  const bracket = takeSign(cursor, '(') ? ')' : takeSign(cursor, '[') ? ']' : undefined;
  if (bracket === undefined) throw selectError('ParseExpectedLeftParenValueConstructor');
  if (isWord(cursor, 'SELECT')) throw selectError('ParseUnsupportedSelect');
  const list: Expression[] = [];
  do list.push(parseExpression(cursor));
  while (takeSign(cursor, ','));
  if (!takeSign(cursor, bracket)) throw unexpected(cursor);
  return { kind: 'in', of, list };
}

function parseConcatenation(cursor: Cursor): Expression {
  let left = parseSum(cursor);
  while (takeSign(cursor, '||')) left = { kind: 'concatenation', left, right: parseSum(cursor) };
  return left;
}

function parseSum(cursor: Cursor): Expression {
  return parseArithmetic(cursor, ['+', '-'], () => parseArithmetic(cursor, ['*', '/', '%'], () => parseSigned(cursor)));
}

function parseArithmetic(cursor: Cursor, operators: readonly Arithmetic[], parseOperand: () => Expression): Expression {
  let left = parseOperand();
  while (isSign(cursor, ...operators)) {
    const operator = current(cursor).text as Arithmetic;
    cursor.at++;
    left = { kind: 'arithmetic', operator, left, right: parseOperand() };
  }
  return left;
}

function parseSigned(cursor: Cursor): Expression {
  if (takeSign(cursor, '-')) return nested(cursor, () => ({ kind: 'negative', of: parseSigned(cursor) }));
  if (takeSign(cursor, '+')) return nested(cursor, () => parseSigned(cursor));
  return parsePrimary(cursor);
}

function parsePrimary(cursor: Cursor): Expression {
  const token = current(cursor);
  if (token.kind === 'end') throw selectError('ParseExpectedExpression');
  if (takeSign(cursor, '(')) {
    if (isWord(cursor, 'SELECT')) throw selectError('ParseUnsupportedSelect');
    const inner = parseExpression(cursor);
    if (!takeSign(cursor, ')')) throw unexpected(cursor);
    return inner;
  }
  const literal = parseLiteral(cursor);
  if (literal !== undefined) return { kind: 'literal', value: literal.value };
  if (isWord(cursor, 'CASE')) return parseCase(cursor, parseExpression);
  if (isWord(cursor, 'CAST')) return parseCast(cursor, parseExpression);
  if (isWord(cursor, 'EXISTS', 'SELECT')) return parseExists();
  if (token.kind === 'word' && following(cursor).kind === 'sign' && following(cursor).text === '(')
    return parseCall(cursor, parseExpression);
  return parseColumn(cursor);
}

function parseLiteral(cursor: Cursor): { value: Value } | undefined {
  const { kind, text } = current(cursor);
  const value = kind === 'word' ? wordLiteral(text) : literalOf(kind, text);
  if (value === undefined) return undefined;
  cursor.at++;
  return { value: value.value };
}

function wordLiteral(text: string): { value: Value } | undefined {
  switch (text.toUpperCase()) {
    case 'NULL':
      return { value: null };
    case 'MISSING':
      return { value: undefined };
    case 'TRUE':
      return { value: true };
    case 'FALSE':
      return { value: false };
    default:
      return undefined;
  }
}

function literalOf(kind: string, text: string): { value: Value } | undefined {
  if (kind === 'text') return { value: text };
  if (kind !== 'number' && kind !== 'ion') return undefined;
  const value = (kind === 'ion' ? parseTimestamp(text) : undefined) ?? numberOf(text);
  if (value === undefined) throw selectError(kind === 'ion' ? 'LexerInvalidIONLiteral' : 'LexerInvalidLiteral');
  return { value };
}

function parseColumn(cursor: Cursor): Column {
  const head = takeIdentifier(cursor);
  if (!head) throw unexpected(cursor);
  const steps: Step[] = [head];
  while (isSign(cursor, '.', '[')) steps.push(parseStep(cursor));
  return { kind: 'column', steps };
}

function parseStep(cursor: Cursor): Step {
  const isMember = takeSign(cursor, '.');
  if (!isMember) cursor.at++;
  const token = current(cursor);
  if (token.kind === 'sign' && token.text === '*') throw selectError('ParseCannotMixSqbAndWildcardInSelectList');
  cursor.at++;
  if (isMember) {
    // A name behind a dot cannot be taken for a keyword.
    if (token.kind !== 'word' && token.kind !== 'name') throw selectError('ParseInvalidPathComponent');
    return { name: token.text, quoted: token.kind === 'name' };
  }
  if (!takeSign(cursor, ']')) throw unexpected(cursor);
  if (token.kind === 'text') return { name: token.text, quoted: true };
  if (token.kind !== 'number' || !/^\d{1,9}$/.test(token.text)) throw selectError('ParseInvalidPathComponent');
  return { index: Number(token.text) };
}
