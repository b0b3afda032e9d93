/** Cuts an expression of S3 Select's SQL into tokens. */

import { invalidCharacter, selectError, unexpectedToken } from './errors.ts';
import { reservedWords } from './reserved-words.ts';

/** `word`: bare; `name`: in double quotes; `text`: in single quotes; `ion`: in backticks; `end`: after the last token. */
export type Token = {
  readonly kind: 'word' | 'name' | 'text' | 'ion' | 'number' | 'sign' | 'end';
  readonly text: string;
  /** Where it begins in the expression. */
  readonly at: number;
};

export type Cursor = {
  readonly expression: string;
  readonly tokens: readonly Token[];
  at: number;
  /** How deep brackets and calls lie in each other here. */
  depth: number;
};

const nestingMax = 100;

const pattern =
  /([A-Za-z_$][A-Za-z0-9_$]*)|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|`([^`]*)`|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(\|\||<=|>=|<>|!=|[-+*/%?=<>()[\]{},.;])/uy;
const blank = /(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/uy;

/** Throws LexerInvalidChar at the first character that begins no token. */
export function tokenize(expression: string): Cursor {
  const tokens: Token[] = [];
  let at = skipBlank(expression, 0);
  while (at < expression.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(expression);
    if (!match) throw invalidCharacter(placeOf(expression, at));
    tokens.push(tokenOf(match, at));
    at = skipBlank(expression, pattern.lastIndex);
  }
  if (tokens.at(-1)?.text === ';' && tokens.at(-1)!.kind === 'sign') tokens.pop();
  tokens.push({ kind: 'end', text: '', at: expression.length });
  return { expression, tokens, at: 0, depth: 0 };
}

function skipBlank(expression: string, at: number): number {
  blank.lastIndex = at;
  return blank.test(expression) ? blank.lastIndex : at;
}

function tokenOf([, word, name, text, ion, number, sign]: RegExpExecArray, at: number): Token {
  if (word !== undefined) return { kind: 'word', text: word, at };
  if (name !== undefined) return { kind: 'name', text: name.replaceAll('""', '"'), at };
  if (text !== undefined) return { kind: 'text', text: text.replaceAll("''", "'"), at };
  if (ion !== undefined) return { kind: 'ion', text: ion, at };
  if (number !== undefined) return { kind: 'number', text: number, at };
  return { kind: 'sign', text: sign!, at };
}

function placeOf(expression: string, at: number): { line: number; column: number } {
  const before = expression.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

export const current = (cursor: Cursor): Token => cursor.tokens[cursor.at]!;
export const following = (cursor: Cursor): Token => cursor.tokens[Math.min(cursor.at + 1, cursor.tokens.length - 1)]!;

const isKeyword = (token: Token): boolean => token.kind === 'word' && reservedWords.has(token.text.toLowerCase());

/** ParseUnexpectedToken for where the cursor stands. */
export function unexpected(cursor: Cursor): Error {
  const token = current(cursor);
  const place = placeOf(cursor.expression, token.at);
  return unexpectedToken(describe(token), place);
}

function describe(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'EOF:<EOF>';
    case 'word':
      return `${isKeyword(token) ? 'KEYWORD' : 'IDENTIFIER'}:${token.text.toLowerCase()}`;
    case 'name':
      return `QUOTED_IDENTIFIER:${token.text}`;
    case 'sign':
      return `OPERATOR:${token.text}`;
    default:
      return `LITERAL:${token.text}`;
  }
}

export function isSign(cursor: Cursor, ...signs: readonly string[]): boolean {
  const token = current(cursor);
  return token.kind === 'sign' && signs.includes(token.text);
}

export function isWord(cursor: Cursor, ...words: readonly string[]): boolean {
  const token = current(cursor);
  return token.kind === 'word' && words.includes(token.text.toUpperCase());
}

export function takeSign(cursor: Cursor, sign: string): boolean {
  if (!isSign(cursor, sign)) return false;
  cursor.at++;
  return true;
}

/** Steps over the words when all of them are there, in either case. */
export function takeWords(cursor: Cursor, ...words: readonly string[]): boolean {
  const start = cursor.at;
  for (const word of words) {
    if (!isWord(cursor, word)) {
      cursor.at = start;
      return false;
    }
    cursor.at++;
  }
  return true;
}

/** A bare word that is not reserved, or a quoted name. */
export function takeIdentifier(cursor: Cursor): { name: string; quoted: boolean } | undefined {
  const token = current(cursor);
  if (token.kind !== 'name' && (token.kind !== 'word' || isKeyword(token))) return undefined;
  cursor.at++;
  return { name: token.text, quoted: token.kind === 'name' };
}

/** Runs a parser one level deeper; refuses what lies too deep before the stack ends. */
export function nested<T>(cursor: Cursor, parse: () => T): T {
  if (++cursor.depth > nestingMax) throw selectError('UnsupportedSqlStructure');
  const parsed = parse();
  cursor.depth--;
  return parsed;
}
