/** Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, `${*}`. */

import { readerOf, type Context, type Reader } from './context.ts';

/** A piece of a policy's text. `wild` says that `*` and `?` in it are wildcards where the element knows any. */
export type Piece = { literal: string; wild: boolean } | Variable;
export type Variable = { read: Reader; fallback: string | undefined };

/** Stops at the next `$`, so that its time grows with the text and not with its square. */
const VARIABLE = /\$\{([*?$]|[^${}]*)\}/g;

/**
 * Takes a text apart at its variables. Policies of version 2008-10-17 know none: there the text stays one piece.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function piecesOf(text: string, variables: boolean): Piece[] {
  if (!variables || !text.includes('${')) return [{ literal: text, wild: true }];
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    if (match.index > end) pieces.push({ literal: text.slice(end, match.index), wild: true });
    pieces.push(pieceOf(match[1]!));
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ literal: text.slice(end), wild: true });
  return pieces;
}

function pieceOf(inside: string): Piece {
  if (inside === '*' || inside === '?' || inside === '$') return { literal: inside, wild: false };
  const comma = inside.indexOf(',');
  const fallback = comma < 0 ? '' : inside.slice(comma + 1).trim();
  if (fallback.length < 2 || !fallback.startsWith("'") || !fallback.endsWith("'"))
    return { read: readerOf(inside.trim()), fallback: undefined };
  return { read: readerOf(inside.slice(0, comma).trim()), fallback: fallback.slice(1, -1) };
}

/** What a variable stands for. Undefined (no such key, or one with several values) makes the text around it match nothing. */
export function valueOf({ read, fallback }: Variable, context: Context): string | undefined {
  const value = read(context);
  return typeof value === 'string' ? value : fallback;
}
