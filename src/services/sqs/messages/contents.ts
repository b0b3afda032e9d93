/**
 * What a message says: in its record or, when large, in a blob, which it may share with others of its call; encrypted where its queue
 * says so.
 */

import { openBytes, sealBytes } from '../../../framework/sealed-bytes.ts';
import type { KeyObject } from 'node:crypto';
import type { Random } from '../../../framework/random.ts';
import { BlobMissing, type BlobStore, type Staged } from '../../../store/blob-store.ts';
import { bundleBytesMax } from '../limits.ts';
import type { Seal } from '../queues/encryption.ts';
import type { Contents, Message } from '../tables.ts';

type Means = { blobs: BlobStore; random: Random };

/** `keys` open what is encrypted. Undefined when somebody deleted the message meanwhile, with its bytes. */
export function contentsOf(
  blobs: BlobStore,
  message: Message,
  keys: ReadonlyMap<string, KeyObject>,
): Contents | Promise<Contents | undefined> {
  const { contents, sealed, sealedBy } = message;
  if (contents) return contents;
  if (sealed === undefined) return fromBlob(blobs, message, keys);
  return parse(openBytes(keys.get(sealedBy!)!, Buffer.from(sealed, 'base64')));
}

async function fromBlob(
  blobs: BlobStore,
  { blob, part, sealedBy }: Message,
  keys: ReadonlyMap<string, KeyObject>,
): Promise<Contents | undefined> {
  try {
    const bytes = (await blobs.bytes(blob!)).subarray(part?.[0], part?.[1]);
    return parse(sealedBy === undefined ? bytes : openBytes(keys.get(sealedBy)!, bytes));
  } catch (error) {
    if (error instanceof BlobMissing) return undefined;
    throw error;
  }
}

const parse = (bytes: Buffer): Contents => JSON.parse(bytes.toString('utf8')) as Contents;

/** Contents as they stand in a record. */
export function recorded(random: Random, contents: Contents, seal: Seal | undefined): Pick<Message, 'contents' | 'sealed' | 'sealedBy'> {
  if (!seal) return { contents };
  return { sealed: sealBytes(seal.key, JSON.stringify(contents), random).toString('base64'), sealedBy: seal.by };
}

/** Large contents on the disk: of which drafts of a call, and where each of them lies if they are several. */
export type Bundle = { staged: Staged; parts: ReadonlyMap<number, Message['part']> };

/** Writes the large ones of a call, together while they are short. */
export async function stageLarge(
  { blobs, random }: Means,
  drafts: readonly { contents: Contents; large: boolean }[],
  seal: Seal | undefined,
): Promise<Bundle[]> {
  const bundles: { pieces: Buffer[]; parts: Map<number, [number, number]>; size: number }[] = [];
  for (const [i, { contents, large }] of drafts.entries()) {
    if (!large) continue;
    const text = JSON.stringify(contents);
    const piece = seal ? sealBytes(seal.key, text, random) : Buffer.from(text);
    let last = bundles.at(-1);
    if (!last || last.size + piece.length > bundleBytesMax) bundles.push((last = { pieces: [], parts: new Map(), size: 0 }));
    last.parts.set(i, [last.size, last.size + piece.length]);
    last.pieces.push(piece);
    last.size += piece.length;
  }
  return Promise.all(
    bundles.map(async ({ pieces, parts }) => {
      if (pieces.length > 1) return { staged: await blobs.stage(Buffer.concat(pieces)), parts };
      return { staged: await blobs.stage(pieces[0]!), parts: new Map([...parts.keys()].map((i) => [i, undefined])) };
    }),
  );
}
