/**
 * Messages and `due` rows as they lie in the store. A queue may have millions of them: what every message has stands in a list without
 * names, what few have beside it by its name, and pile and place are in the store's key alone.
 */

import type { BlobRef } from '../../../store/blob-store.ts';
import type { KeyPart } from '../../../store/keys.ts';
import type { Packing } from '../../../store/table.ts';
import type { Attribute, Due, DueKind, Message } from '../tables.ts';

type Few = Partial<Message> & { attributes?: Attribute[] };
type Packed = [
  ...[id: string, sent: number, due: number, receives: number, sender: string, md5: string, size: number],
  /** The body; body and attributes, encrypted; or where they lie. */ what: string | [by: string, sealed: string] | BlobRef,
  few?: Few,
];

export const messagePacking: Packing<Message> = {
  since: 2,
  pack: packed,
  unpack: (packed: Packed, [pile, place]) => unpacked(packed, pile as string, place as string),
};

const letters: Readonly<Record<DueKind, string>> = { ready: 'r', flight: 'f', group: 'g' };
const kinds = new Map(Object.entries(letters).map(([kind, letter]) => [letter, kind as DueKind]));

type PackedDue = string | [letter: string, of: string | Packed];

/** A kind alone, or with the name of a group or a message. */
export const duePacking: Packing<Due> = {
  since: 2,
  pack: ({ kind, group, message }): PackedDue => {
    const of = message ? packed(message) : group;
    return of === undefined ? letters[kind] : [letters[kind], of];
  },
  unpack: (packed: PackedDue, [pile, at, place]: readonly KeyPart[]) => {
    const [letter, of] = typeof packed === 'string' ? [packed] : packed;
    const row = { pile: pile as string, kind: kinds.get(letter)!, at: at as number, place: place as string };
    if (of === undefined) return row;
    return typeof of === 'string' ? { ...row, group: of } : { ...row, message: unpacked(of, row.pile, row.place) };
  },
};

function packed({ pile: _pile, place: _place, contents, sealed, sealedBy, blob, ...message }: Message): Packed {
  const { id, sent, due, receives, sender, md5, size, ...rest } = message;
  const few: Few = rest;
  if (blob && sealedBy !== undefined) few.sealedBy = sealedBy;
  if (contents?.attributes) few.attributes = contents.attributes;
  const what = sealed === undefined ? (contents?.body ?? blob!) : ([sealedBy!, sealed] as [string, string]);
  const all: Packed = [id, sent, due, receives, sender, md5, size, what];
  if (Object.keys(few).length > 0) all.push(few);
  return all;
}

function unpacked([id, sent, due, receives, sender, md5, size, what, few]: Packed, pile: string, place: string): Message {
  const { attributes, ...rest } = few ?? {};
  const message = { pile, place, id, sent, due, receives, sender, md5, size, ...rest };
  if (typeof what === 'string') return { ...message, contents: { body: what, ...(attributes && { attributes }) } };
  return Array.isArray(what) ? { ...message, sealedBy: what[0], sealed: what[1] } : { ...message, blob: what };
}
