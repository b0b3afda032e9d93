/** Reads CASE, CAST and the calls of functions, some of which have a grammar of their own. */

import { selectError } from './errors.ts';
import { functionNames } from './functions.ts';
import type { AggregateName, DatePart, Expression, TypeName } from './syntax.ts';
import { current, isWord, takeSign, takeWords, unexpected, type Cursor } from './tokens.ts';

/** Handed in, since expressions hold calls and calls hold expressions. */
type ParseExpression = (cursor: Cursor) => Expression;

const aggregates: ReadonlySet<string> = new Set(['AVG', 'COUNT', 'MAX', 'MIN', 'SUM']);
const dateParts: ReadonlySet<string> = new Set(['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND']);
const zoneParts: ReadonlySet<string> = new Set(['TIMEZONE_HOUR', 'TIMEZONE_MINUTE']);

const types: Readonly<Record<string, TypeName>> = {
  __proto__: null as never,
  ...{ BOOL: 'bool', BOOLEAN: 'bool', INT: 'int', INTEGER: 'int', STRING: 'string', FLOAT: 'float' },
  ...{ DECIMAL: 'decimal', NUMERIC: 'decimal', TIMESTAMP: 'timestamp' },
};

/** What is selected from within a SELECT is not there. */
export function parseExists(): never {
  throw selectError('ParseUnsupportedSelect');
}

export function parseCase(cursor: Cursor, parseExpression: ParseExpression): Expression {
  cursor.at++;
  const of = isWord(cursor, 'WHEN') ? undefined : parseExpression(cursor);
  const whens: { when: Expression; result: Expression }[] = [];
  while (takeWords(cursor, 'WHEN')) {
    const when = parseExpression(cursor);
    if (!takeWords(cursor, 'THEN')) throw selectError('ParseExpectedKeyword');
    whens.push({ when, result: parseExpression(cursor) });
  }
  if (whens.length === 0) throw selectError('ParseExpectedWhenClause');
  const otherwise = takeWords(cursor, 'ELSE') ? parseExpression(cursor) : undefined;
  if (!takeWords(cursor, 'END')) throw selectError('ParseExpectedKeyword');
  return { kind: 'case', of, whens, otherwise };
}

export function parseCast(cursor: Cursor, parseExpression: ParseExpression): Expression {
  cursor.at++;
  if (!takeSign(cursor, '(')) throw selectError('ParseExpectedLeftParenAfterCast');
  const of = parseExpression(cursor);
  if (!takeWords(cursor, 'AS')) throw selectError('ParseExpectedKeyword');
  const { kind, text } = current(cursor);
  if (kind !== 'word') throw selectError('ParseExpectedTypeName');
  const type = types[text.toUpperCase()];
  if (!type) throw selectError('InvalidDataType');
  cursor.at++;
  if (type === 'decimal') takeTypeParameters(cursor);
  closeCall(cursor);
  return { kind: 'cast', of, type };
}

/** Digits and scale of DECIMAL, which are checked and no more: results are as exact as they come. */
function takeTypeParameters(cursor: Cursor): void {
  if (!takeSign(cursor, '(')) return;
  let count = 0;
  do {
    const { kind, text } = current(cursor);
    if (kind !== 'number' || !/^\d{1,2}$/.test(text) || Number(text) > 38) throw selectError('ParseInvalidTypeParam');
    cursor.at++;
    count++;
  } while (takeSign(cursor, ','));
  if (count > 2) throw selectError('ParseCastArity');
  closeCall(cursor);
}

export function parseCall(cursor: Cursor, parseExpression: ParseExpression): Expression {
  const name = current(cursor).text.toUpperCase();
  if (!aggregates.has(name) && !functionNames.has(name)) throw selectError('UnsupportedFunction');
  cursor.at += 2;
  if (aggregates.has(name)) return parseAggregate(cursor, parseExpression, name as AggregateName);
  switch (name) {
    case 'EXTRACT':
      return parseExtract(cursor, parseExpression);
    case 'DATE_ADD':
    case 'DATE_DIFF':
      return parseDateCall(cursor, parseExpression, name);
    case 'SUBSTRING':
      return parseSubstring(cursor, parseExpression);
    case 'TRIM':
      return parseTrim(cursor, parseExpression);
    default:
      return { kind: 'call', name, args: takeArguments(cursor, parseExpression) };
  }
}

function parseAggregate(cursor: Cursor, parseExpression: ParseExpression, name: AggregateName): Expression {
  if (takeSign(cursor, '*')) {
    if (name !== 'COUNT') throw selectError('ParseUnsupportedCallWithStar');
    closeCall(cursor);
    return { kind: 'aggregate', name, of: undefined };
  }
  if (isWord(cursor, 'DISTINCT', 'ALL')) throw selectError('UnsupportedSqlStructure');
  const args = takeArguments(cursor, parseExpression);
  if (args.length !== 1) throw selectError('ParseNonUnaryAgregateFunctionCall');
  return { kind: 'aggregate', name, of: args[0]! };
}

function parseExtract(cursor: Cursor, parseExpression: ParseExpression): Expression {
  const part = takePart(cursor, true);
  if (!takeWords(cursor, 'FROM')) throw selectError('ParseExpectedKeyword');
  const args = [parseExpression(cursor)];
  closeCall(cursor);
  return { kind: 'call', name: 'EXTRACT', part, args };
}

function parseDateCall(cursor: Cursor, parseExpression: ParseExpression, name: string): Expression {
  const part = takePart(cursor, false);
  if (!takeSign(cursor, ',')) throw unexpected(cursor);
  return { kind: 'call', name, part, args: takeArguments(cursor, parseExpression) };
}

function takePart(cursor: Cursor, zones: boolean): DatePart {
  const { kind, text } = current(cursor);
  const part = text.toUpperCase();
  if (kind !== 'word' || !(dateParts.has(part) || (zones && zoneParts.has(part)))) throw selectError('ParseExpectedDatePart');
  cursor.at++;
  return part as DatePart;
}

/** `SUBSTRING(text, start, length)` or `SUBSTRING(text FROM start FOR length)` */
function parseSubstring(cursor: Cursor, parseExpression: ParseExpression): Expression {
  const args = [parseExpression(cursor)];
  const words = takeWords(cursor, 'FROM');
  if (words || takeSign(cursor, ',')) args.push(parseExpression(cursor));
  if (words ? takeWords(cursor, 'FOR') : takeSign(cursor, ',')) args.push(parseExpression(cursor));
  closeCall(cursor);
  return { kind: 'call', name: 'SUBSTRING', args };
}

/** `TRIM([[LEADING | TRAILING | BOTH] [characters] FROM] text)` */
function parseTrim(cursor: Cursor, parseExpression: ParseExpression): Expression {
  const side = ['LEADING', 'TRAILING', 'BOTH'].find((word) => takeWords(cursor, word));
  const name = side === 'LEADING' ? 'TRIM_LEADING' : side === 'TRAILING' ? 'TRIM_TRAILING' : 'TRIM';
  const first = side !== undefined && takeWords(cursor, 'FROM') ? undefined : parseExpression(cursor);
  if (first === undefined || takeWords(cursor, 'FROM')) {
    const text = parseExpression(cursor);
    closeCall(cursor);
    return { kind: 'call', name, args: first === undefined ? [text] : [text, first] };
  }
  closeCall(cursor);
  return { kind: 'call', name, args: [first] };
}

/** What stands between the brackets of a call, which it closes. */
function takeArguments(cursor: Cursor, parseExpression: ParseExpression): Expression[] {
  if (takeSign(cursor, ')')) return [];
  const args: Expression[] = [];
  do args.push(parseExpression(cursor));
  while (takeSign(cursor, ','));
  closeCall(cursor);
  return args;
}

function closeCall(cursor: Cursor): void {
  if (!takeSign(cursor, ')'))
    throw current(cursor).kind === 'end' ? selectError('ParseExpectedRightParenBuiltinFunctionCall') : unexpected(cursor);
}
