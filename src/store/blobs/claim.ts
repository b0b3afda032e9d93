/** A store's blobs lie in one place for ever: bytes that were kept elsewhere would not be found. */

import { BlobPlaceRefused } from '../blob-store.ts';
import { below, encodeKey } from '../keys.ts';
import type { Store } from '../store.ts';
import { segmentsPrefix } from './index-records.ts';

const placeKey = encodeKey('blob-place');

/** `directory`, or the name by which the bucket of another S3 knows this store. Throws BlobPlaceRefused. */
export async function claimPlace(store: Store, place: string): Promise<void> {
  const claimed = await store.read((tx) => tx.get(placeKey));
  const known = claimed === undefined ? undefined : (JSON.parse(claimed) as string);
  if (known === place) return;
  // Stores of early releases have said nothing of their directory.
  const before = known ?? ((await hasSegments(store)) ? 'directory' : place);
  if (before !== place)
    throw new BlobPlaceRefused(
      before === 'directory'
        ? 'the bytes of this cloud lie in a directory, so it cannot keep blobs in a bucket; begin a new cloud for that'
        : 'the bytes of this cloud lie in a bucket; start it with --blobs as before',
    );
  await store.write((tx) => tx.put(placeKey, JSON.stringify(place)));
}

async function hasSegments(store: Store): Promise<boolean> {
  return (await store.read((tx) => tx.range({ ...below(segmentsPrefix), limit: 1 }))).length > 0;
}
