/** A part of a blob, as readers ask for it. */

import { Readable } from 'node:stream';
import type { BlobRef, ReadRange } from '../blob-store.ts';

export type WholeRange = ReadRange & { start: number; end: number };

/** A range with both of its ends. Throws RangeError for one that is not in the blob. */
export function wholeRange({ size }: BlobRef, range: ReadRange): WholeRange {
  const { start = 0, end = size } = range;
  if (!(start >= 0 && start <= end && end <= size)) throw new RangeError(`a blob of ${size} bytes has no range ${start} to ${end}`);
  return { ...range, start, end };
}

/** A part of bytes that are read whole. */
export function streamOf(whole: Promise<Buffer>, { start, end }: WholeRange): Readable {
  whole.catch(() => {}); // the stream may be destroyed before it is read
  return new Readable({
    highWaterMark: 1 << 20,
    read() {
      whole.then(
        (bytes) => {
          if (end > start) this.push(bytes.subarray(start, end));
          this.push(null);
        },
        (error: Error) => this.destroy(error),
      );
    },
  });
}
