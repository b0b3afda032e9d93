/** What callers gave of a database or a table, kept as they gave it: JSON in as many rows as it takes. */

import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { charactersPerPiece } from '../limits.ts';
import { definitions, type Definition } from '../tables.ts';

export async function writeDefinition(tx: WriteTransaction, id: string, given: object): Promise<Definition> {
  const text = JSON.stringify(given);
  let pieces = 0;
  for (let at = 0; at < text.length; pieces++) {
    let end = Math.min(at + charactersPerPiece, text.length);
    // A pair of surrogates stays together: each piece is a text of its own.
    if (end < text.length && /[\ud800-\udbff]/.test(text[end - 1]!)) end--;
    await definitions.put(tx, { id, piece: pieces, text: text.slice(at, end) });
    at = end;
  }
  return { id, pieces };
}

/** Times are what they were before they became JSON, by these names. */
export async function readDefinition<Given>(tx: ReadTransaction, { id }: Definition, times: readonly string[] = []): Promise<Given> {
  const rows = await definitions.scan(tx, [id]);
  const given = JSON.parse(rows.map(({ row }) => row.text).join('')) as Record<string, unknown>;
  for (const name of times) if (typeof given[name] === 'string') given[name] = new Date(given[name]);
  return given as Given;
}

export async function deleteDefinition(tx: WriteTransaction, { id, pieces }: Definition): Promise<void> {
  for (let piece = 0; piece < pieces; piece++) await definitions.delete(tx, id, piece);
}
