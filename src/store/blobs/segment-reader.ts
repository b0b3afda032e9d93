/** Reads from the segments of every node, keeping the files open that are in use. */

import { join } from 'node:path';
import { closeFile, openFile, readAt } from './descriptors.ts';

const openFilesMax = 128;
const idleMillisecondsMax = 60_000;
const missingMax = 10_000;

type OpenSegment = { descriptor: Promise<number>; users: number; usedAt: number };

export type SegmentReader = {
  /** The bytes there are in that place (fewer at the end of the file), or undefined when the segment is gone. */
  read(segment: string, offset: number, length: number): Promise<Buffer | undefined>;
  /** Closes a file that is to be removed, or that has been: a descriptor would keep its blocks. */
  forget(segment: string): void;
  close(): Promise<void>;
};

export function createSegmentReader(directory: string): SegmentReader {
  const files = new Map<string, OpenSegment>(); // the least recently used first
  const missing = new Set<string>(); // names are never used again

  const drop = (name: string, file: OpenSegment): void => {
    files.delete(name);
    if (file.users === 0) void file.descriptor.then(closeFile, () => {});
  };
  const trim = (): void => {
    const now = performance.now();
    for (const [name, file] of files) {
      if (files.size <= openFilesMax && now - file.usedAt < idleMillisecondsMax) return;
      drop(name, file);
    }
  };
  const timer = setInterval(trim, idleMillisecondsMax).unref();

  const use = (name: string): OpenSegment => {
    let file = files.get(name);
    if (file) files.delete(name);
    else file = { descriptor: openFile(join(directory, name), 'r'), users: 0, usedAt: 0 };
    file.users++;
    file.usedAt = performance.now();
    files.set(name, file);
    if (files.size > openFilesMax) trim();
    return file;
  };

  return {
    async read(segment, offset, length) {
      if (missing.has(segment)) return undefined;
      const file = use(segment);
      try {
        return await readAt(await file.descriptor, length, offset);
      } catch (error) {
        files.delete(segment);
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        if (missing.size < missingMax) missing.add(segment);
        return undefined;
      } finally {
        file.users--;
        if (file.users === 0 && files.get(segment) !== file) void file.descriptor.then(closeFile, () => {});
      }
    },
    forget(segment) {
      const file = files.get(segment);
      if (file) drop(segment, file);
    },
    async close() {
      clearInterval(timer);
      const open = [...files];
      files.clear();
      await Promise.all(open.map(([, file]) => (file.users === 0 ? file.descriptor.then(closeFile, () => {}) : undefined)));
    },
  };
}
