/** What a message says: in its record or, when large, in a blob, which it may share with others of its call. */

import { BlobMissing, type BlobStore, type Staged } from '../../../store/blob-store.ts';
import { bundleBytesMax } from '../limits.ts';
import type { Contents, Message } from '../tables.ts';

/** Undefined when somebody deleted the message meanwhile, with its bytes. */
export async function contentsOf(blobs: BlobStore, { contents, blob, part }: Message): Promise<Contents | undefined> {
  if (contents) return contents;
  try {
    return JSON.parse((await blobs.bytes(blob!)).toString('utf8', part?.[0], part?.[1])) as Contents;
  } catch (error) {
    if (error instanceof BlobMissing) return undefined;
    throw error;
  }
}

/** Large contents on the disk: of which drafts of a call, and where each of them lies if they are several. */
export type Bundle = { staged: Staged; parts: ReadonlyMap<number, Message['part']> };

/** Writes the large ones of a call, together while they are short. */
export async function stageLarge(blobs: BlobStore, drafts: readonly { contents: Contents; large: boolean }[]): Promise<Bundle[]> {
  const bundles: { pieces: Buffer[]; parts: Map<number, [number, number]>; size: number }[] = [];
  for (const [i, { contents, large }] of drafts.entries()) {
    if (!large) continue;
    const piece = Buffer.from(JSON.stringify(contents));
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
