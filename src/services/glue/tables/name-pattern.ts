/** The expression of GetTables: AWS takes regular expressions; of a stranger's we take names, wildcards and alternatives, which never run long. */

import { notImplemented } from '../../../framework/aws-error.ts';

/** Whether a name matches as a whole. Throws NotImplemented for what is beyond names, `.`, `*`, `.*` and `|`. */
export function namePattern(expression: string | undefined): (name: string) => boolean {
  if (expression === undefined || expression === '') return () => true;
  if (!/^[\w\-.*|^$ ]+$/.test(expression)) throw notImplemented(`glue:GetTables with Expression ${expression}`);
  const alternatives = expression.split('|').map((one) => one.replace(/^\^/, '').replace(/\$$/, '').toLowerCase());
  if (alternatives.some((one) => /[$^]/.test(one))) throw notImplemented(`glue:GetTables with Expression ${expression}`);
  const patterns = alternatives.map((one) => one.replaceAll('.*', '*').split('*').map(literal));
  return (name) => patterns.some((pieces) => matches(name, pieces));
}

type Piece = { text: string };
const literal = (text: string): Piece => ({ text });

const fits = (name: string, at: number, { text }: Piece): boolean => {
  if (at < 0 || at + text.length > name.length) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== '.' && text[i] !== name[at + i]) return false;
  return true;
};

/** Pieces in their order, the first at the beginning and the last at the end, with anything between them. */
function matches(name: string, pieces: readonly Piece[]): boolean {
  const [first, ...rest] = pieces;
  if (rest.length === 0) return name.length === first!.text.length && fits(name, 0, first!);
  if (!fits(name, 0, first!)) return false;
  let at = first!.text.length;
  for (const piece of rest.slice(0, -1)) {
    while (at <= name.length && !fits(name, at, piece)) at++;
    if (at > name.length) return false;
    at += piece.text.length;
  }
  const last = rest.at(-1)!;
  return name.length - last.text.length >= at && fits(name, name.length - last.text.length, last);
}
