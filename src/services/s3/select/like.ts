/** LIKE: `%` for any run of characters, `_` for one. */

import { selectError } from './errors.ts';
import { isAbsent, type Value } from './values.ts';

/** A test that keeps the pattern of the row before: it is nearly always the same. */
export function likeMatcher(): (text: Value, pattern: Value, escape?: { character: Value }) => boolean | null {
  let known: { pattern: string; escape: string | undefined; matches: (text: string) => boolean } | undefined;
  return (text, pattern, escape) => {
    if (isAbsent(text) || isAbsent(pattern) || (escape && isAbsent(escape.character))) return null;
    if (typeof text !== 'string' || typeof pattern !== 'string') throw selectError('LikeInvalidInputs');
    const character = escape?.character as string | undefined;
    if (known?.pattern !== pattern || known.escape !== character)
      known = { pattern, escape: character, matches: compileLike(pattern, character) };
    return known.matches(text);
  };
}

const anyRun = Symbol('%');
const anyOne = Symbol('_');
type Piece = string | typeof anyRun | typeof anyOne;

/** Time grows with the product of both lengths at worst: no pattern makes it run away as a regular expression would. */
function compileLike(pattern: string, escape: string | undefined): (text: string) => boolean {
  const pieces = piecesOf(pattern, escape);
  return (text) => {
    const characters = [...text];
    let [at, piece, resumeAt, resumePiece] = [0, 0, -1, -1];
    while (at < characters.length) {
      const wanted = pieces[piece];
      if (wanted === anyRun) [resumePiece, resumeAt] = [piece++, at];
      else if (wanted === anyOne || wanted === characters[at]) [at, piece] = [at + 1, piece + 1];
      else if (resumePiece >= 0) [piece, at] = [resumePiece + 1, ++resumeAt];
      else return false;
    }
    return pieces.slice(piece).every((rest) => rest === anyRun);
  };
}

function piecesOf(pattern: string, escape: string | undefined): Piece[] {
  if (escape !== undefined && (typeof escape !== 'string' || [...escape].length !== 1))
    throw selectError('EvaluatorLikePatternInvalidEscapeSequence');
  const pieces: Piece[] = [];
  const characters = [...pattern];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === escape) {
      const next = characters[++at];
      if (next !== '%' && next !== '_' && next !== escape) throw selectError('EvaluatorLikePatternInvalidEscapeSequence');
      pieces.push(next);
    } else pieces.push(character === '%' ? anyRun : character === '_' ? anyOne : character);
  }
  return pieces;
}
