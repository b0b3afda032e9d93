/** Cuts a PartiQL statement into tokens. */

import { validationException } from '../values/errors.ts';

/** `word`: bare, a keyword or an identifier; `name`: in double quotes; `text`: in single quotes; `end`: after the last token. */
export type Token = { readonly kind: 'word' | 'name' | 'text' | 'number' | 'sign' | 'end'; readonly text: string };

export type Cursor = {
  readonly tokens: readonly Token[];
  at: number;
  /** How deep lists, maps and brackets lie in each other here. */
  depth: number;
};

const nestingMax = 100;

export const malformed = (reason: string): Error => validationException(`Statement wasn't well formed, can't be processed: ${reason}`);

const pattern =
  /(?:\s|--[^\n]*(?:\n|$))*(?:([A-Za-z_$][A-Za-z0-9_$]*)|"((?:[^"]|"")*)"|'((?:[^']|'')*)'|(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(<<|>>|<=|>=|<>|!=|-(?!-)|[+*?=<>()[\]{},.:;]))/uy;

export function tokenize(statement: string): Cursor {
  const tokens: Token[] = [];
  let end = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(statement); match !== null; match = pattern.exec(statement)) {
    end = pattern.lastIndex;
    tokens.push(tokenOf(match));
  }
  if (
    statement
      .slice(end)
      .replace(/--[^\n]*/g, '')
      .trim() !== ''
  )
    throw malformed('Unexpected character');
  if (tokens.at(-1)?.text === ';' && tokens.at(-1)!.kind === 'sign') tokens.pop();
  tokens.push({ kind: 'end', text: '' });
  return { tokens, at: 0, depth: 0 };
}

function tokenOf([, word, name, text, number, sign]: RegExpExecArray): Token {
  if (word !== undefined) return { kind: 'word', text: word };
  if (name !== undefined) return { kind: 'name', text: name.replaceAll('""', '"') };
  if (text !== undefined) return { kind: 'text', text: text.replaceAll("''", "'") };
  if (number !== undefined) return { kind: 'number', text: number };
  return { kind: 'sign', text: sign! };
}

export const current = (cursor: Cursor): Token => cursor.tokens[cursor.at]!;

export function isSign(cursor: Cursor, sign: string): boolean {
  const token = current(cursor);
  return token.kind === 'sign' && token.text === sign;
}

export function isWord(cursor: Cursor, word: string): boolean {
  const token = current(cursor);
  return token.kind === 'word' && token.text.toUpperCase() === word;
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

export function expectSign(cursor: Cursor, sign: string): void {
  if (!takeSign(cursor, sign)) throw malformed(`Expected ${sign}`);
}

export function expectWord(cursor: Cursor, word: string): void {
  if (!takeWords(cursor, word)) throw malformed(`Expected ${word}`);
}

/** Runs a parser one level deeper; refuses what lies too deep before the stack ends. */
export function nested<T>(cursor: Cursor, parse: () => T): T {
  if (++cursor.depth > nestingMax) throw malformed('Expression is nested too deeply');
  const parsed = parse();
  cursor.depth--;
  return parsed;
}
