/** The bytes that annotations hold on to. */

import type { BlobStore } from '../../../store/blob-store.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { annotations, type Annotation } from './tables.ts';

/** All annotations of an object, by name. There are 1,000 at most. */
export async function annotationsOf(tx: ReadTransaction, set: string): Promise<Annotation[]> {
  return (await annotations.scan(tx, [set])).map(({ row }) => row);
}

/** Annotations go with their version. */
export async function releaseAnnotations(tx: WriteTransaction, blobs: BlobStore, set: string): Promise<void> {
  for (const { name, blob } of await annotationsOf(tx, set)) {
    await blobs.remove(tx, blob);
    await annotations.delete(tx, set, name);
  }
}
