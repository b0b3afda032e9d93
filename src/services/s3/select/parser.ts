/** Reads a SELECT of S3 Select: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html */

import { selectError } from './errors.ts';
import { parseExpression } from './expression-parser.ts';
import type { Projection, Select, SourceStep } from './syntax.ts';
import { current, following, isSign, isWord, takeIdentifier, takeSign, takeWords, tokenize, unexpected, type Cursor } from './tokens.ts';

const otherStatements = ['INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'ALTER', 'WITH', 'MERGE'];

/** Throws in AWS's codes what is wrong with the statement. */
export function parseSelect(expression: string): Select {
  const cursor = tokenize(expression);
  if (isWord(cursor, ...otherStatements)) throw selectError('UnsupportedSqlOperation');
  if (!takeWords(cursor, 'SELECT')) throw current(cursor).kind === 'end' ? selectError('ParseExpectedKeyword') : unexpected(cursor);
  if (isWord(cursor, 'DISTINCT')) throw selectError('UnsupportedSqlStructure');
  const projections = parseProjections(cursor);
  if (!takeWords(cursor, 'FROM')) throw current(cursor).kind === 'end' ? selectError('ParseSelectMissingFrom') : unexpected(cursor);
  const { source, alias } = parseSource(cursor);
  const where = takeWords(cursor, 'WHERE') ? parseExpression(cursor) : undefined;
  if (isWord(cursor, 'GROUP', 'HAVING')) throw selectError('UnsupportedSqlStructure');
  const limit = takeWords(cursor, 'LIMIT') ? parseLimit(cursor) : undefined;
  if (current(cursor).kind !== 'end') throw unexpected(cursor);
  return { projections, source, alias, where, limit };
}

function parseProjections(cursor: Cursor): readonly Projection[] | undefined {
  if (isWord(cursor, 'FROM') || current(cursor).kind === 'end') throw selectError('ParseEmptySelect');
  if (takeSign(cursor, '*')) {
    if (isSign(cursor, ',')) throw selectError('ParseAsteriskIsNotAloneInSelectList');
    return undefined;
  }
  if (isWholeRow(cursor)) {
    cursor.at += 3;
    if (isSign(cursor, ',')) throw selectError('ParseAsteriskIsNotAloneInSelectList');
    return undefined;
  }
  const projections: Projection[] = [];
  do {
    if (isSign(cursor, '*') || isWholeRow(cursor)) throw selectError('ParseAsteriskIsNotAloneInSelectList');
    projections.push({ expression: parseExpression(cursor), alias: parseAlias(cursor) });
  } while (takeSign(cursor, ','));
  return projections;
}

/** `alias.*` */
function isWholeRow(cursor: Cursor): boolean {
  const [, dot, star] = cursor.tokens.slice(cursor.at, cursor.at + 3);
  return current(cursor).kind === 'word' && dot?.text === '.' && star?.kind === 'sign' && star.text === '*';
}

function parseAlias(cursor: Cursor): string | undefined {
  const wanted = takeWords(cursor, 'AS');
  const alias = takeIdentifier(cursor);
  if (wanted && !alias) throw selectError('ParseExpectedIdentForAlias');
  return alias?.name;
}

function parseSource(cursor: Cursor): { source: SourceStep[]; alias: string | undefined } {
  if (isSign(cursor, '(')) throw selectError('UnsupportedSqlStructure');
  const table = takeIdentifier(cursor);
  if (!table) throw unexpected(cursor);
  if (table.name.toLowerCase() !== 's3object') throw selectError('InvalidTableAlias');
  const source: SourceStep[] = [];
  while (isSign(cursor, '.', '[')) source.push(parseSourceStep(cursor));
  if (source.length > 0 && !('all' in source[0]!)) throw selectError('InvalidKeyPath');
  const alias = parseAlias(cursor);
  if (isSign(cursor, ',') || isWord(cursor, 'JOIN', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'CROSS', 'OUTER'))
    throw selectError('ParseMalformedJoin');
  return { source, alias };
}

function parseSourceStep(cursor: Cursor): SourceStep {
  if (takeSign(cursor, '.')) {
    const token = current(cursor);
    if (token.kind !== 'word' && token.kind !== 'name') throw selectError('ParseInvalidPathComponent');
    cursor.at++;
    return { name: token.text, quoted: token.kind === 'name' };
  }
  cursor.at++;
  const token = current(cursor);
  const all = token.kind === 'sign' && token.text === '*';
  if (!all && !(token.kind === 'number' && /^\d+$/.test(token.text))) throw selectError('ParseInvalidPathComponent');
  cursor.at++;
  if (!takeSign(cursor, ']')) throw unexpected(cursor);
  return all ? { all } : { index: Number(token.text) };
}

function parseLimit(cursor: Cursor): number {
  const { kind, text } = current(cursor);
  if (kind === 'sign' && text === '-' && following(cursor).kind === 'number') throw selectError('EvaluatorNegativeLimit');
  if (kind !== 'number' || !/^\d{1,15}$/.test(text)) throw selectError('ParseExpectedNumber');
  cursor.at++;
  return Number(text);
}
