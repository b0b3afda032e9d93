/** Finds and verifies the bytes of blobs. */

import { crc32 } from 'node:zlib';
import type { Readable } from 'node:stream';
import { BlobCorrupt, BlobMissing, type BlobRef, type ReadRange } from '../blob-store.ts';
import type { Store } from '../store.ts';
import { wholeRange, streamOf } from './byte-range.ts';
import { parseBlobId, type BlobPlace } from './blob-id.ts';
import { readFileRange } from './file-reader.ts';
import { filePath } from './file-writer.ts';
import { entryAt, homeKey } from './index-records.ts';
import type { HotBlobs } from './hot-blobs.ts';
import type { SegmentReader } from './segment-reader.ts';

export type FetchPlaces = { hot: HotBlobs; segments: SegmentReader; filesDirectory: string; store: Store };

/** All bytes of a blob that is known to be small. Not to be written to: they may be everybody's. */
export async function fetchBytes(places: FetchPlaces, ref: BlobRef): Promise<Buffer> {
  const hot = places.hot.get(ref.id);
  if (hot) return hot;
  const place = parseBlobId(ref.id);
  if (place.kind === 'inline') return place.bytes;
  if (place.kind === 'segment') return fetchFromSegment(places, place, ref);
  const parts: Buffer[] = [];
  for await (const part of fetchStream(places, ref, {})) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Throws RangeError for a range that is not in the blob. */
export function fetchStream(places: FetchPlaces, ref: BlobRef, asked: ReadRange): Readable {
  const range = wholeRange(ref, asked);
  const place = parseBlobId(ref.id);
  if (place.kind === 'remote') throw missing(ref);
  if (place.kind === 'file') return readFileRange(filePath(places.filesDirectory, place.name), ref.size, range, () => missing(ref));
  const whole = place.kind === 'inline' ? Promise.resolve(place.bytes) : fetchFromSegment(places, place, ref);
  return streamOf(whole, range);
}

async function fetchFromSegment(places: FetchPlaces, place: BlobPlace & { kind: 'segment' }, ref: BlobRef): Promise<Buffer> {
  const bytes = (await places.segments.read(place.segment, place.offset, ref.size)) ?? (await fetchMoved(places, place, ref));
  if (bytes.length !== ref.size || crc32(bytes) !== place.crc)
    throw new BlobCorrupt(`segment ${place.segment} is damaged at ${place.offset}`);
  places.hot.keep(ref.id, bytes);
  return bytes;
}

/** Compaction may move a blob again while we look: each move leaves a newer location. */
async function fetchMoved({ store, segments }: FetchPlaces, place: BlobPlace & { kind: 'segment' }, ref: BlobRef): Promise<Buffer> {
  for (let tried: string | undefined; ;) {
    const entry = await store.read((tx) => entryAt(tx, homeKey(place)));
    if (!entry?.moved || entry.moved.segment === tried) throw missing(ref);
    const bytes = await segments.read(entry.moved.segment, entry.moved.offset, ref.size);
    if (bytes) return bytes;
    tried = entry.moved.segment;
  }
}

function missing(ref: BlobRef): BlobMissing {
  return new BlobMissing(`the bytes of the blob ${ref.id} are gone`);
}
