/** Cuts an expression into tokens, and says in AWS's words where it makes no sense. */

/**
 * `word`: a bare identifier; `name`: `#…`; `value`: `:…`; `number`: digits; `sign`: punctuation; `end`: after the last token.
 */
export type TokenKind = 'word' | 'name' | 'value' | 'number' | 'sign' | 'end';

export type Token = { readonly kind: TokenKind; readonly text: string; readonly start: number; readonly end: number };

/** A fault found while parsing; the caller puts the name of the expression before it. */
export class ExpressionFault extends Error {
  override name = 'ExpressionFault';
}

/** One token after blanks; a word begins with a letter; what is none of ours is one token of one character, which no rule accepts. */
const pattern = /[ \t\r\n]*(?:([A-Za-z][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|([0-9]+)|(<=|>=|<>|[^ \t\r\n]))/uy;

const kinds: readonly TokenKind[] = ['word', 'name', 'value', 'number', 'sign'];

/** Where a parser stands in an expression. */
export type Cursor = { readonly text: string; readonly tokens: readonly Token[]; at: number };

export function tokenize(text: string): Cursor {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  let end = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const group = match.findIndex((part, index) => index > 0 && part !== undefined);
    end = pattern.lastIndex;
    tokens.push({ kind: kinds[group - 1]!, text: match[group]!, start: end - match[group]!.length, end });
  }
  tokens.push({ kind: 'end', text: '<EOF>', start: end, end });
  return { text, tokens, at: 0 };
}

export const current = (cursor: Cursor): Token => cursor.tokens[cursor.at]!;

export function isSign(cursor: Cursor, sign: string): boolean {
  const token = current(cursor);
  return token.kind === 'sign' && token.text === sign;
}

/** Keywords are written in either case. */
export function isKeyword(cursor: Cursor, keyword: string): boolean {
  const token = current(cursor);
  return token.kind === 'word' && token.text.length === keyword.length && token.text.toUpperCase() === keyword;
}

/** Steps over the sign when it is there. */
export function takeSign(cursor: Cursor, sign: string): boolean {
  if (!isSign(cursor, sign)) return false;
  cursor.at++;
  return true;
}

export function takeKeyword(cursor: Cursor, keyword: string): boolean {
  if (!isKeyword(cursor, keyword)) return false;
  cursor.at++;
  return true;
}

export function expectSign(cursor: Cursor, sign: string): void {
  if (!takeSign(cursor, sign)) throw syntaxError(cursor);
}

export function expectEnd(cursor: Cursor): void {
  if (current(cursor).kind !== 'end') throw syntaxError(cursor);
}

/** AWS shows the token that it did not expect, with the token before and the one after it. */
export function syntaxError(cursor: Cursor): ExpressionFault {
  const { text, tokens, at } = cursor;
  const from = tokens[Math.max(0, at - 1)]!.start;
  const to = tokens[Math.min(tokens.length - 1, at + 1)]!.end;
  return new ExpressionFault(`Syntax error; token: "${tokens[at]!.text}", near: "${text.slice(from, to)}"`);
}
