/** The blob store over a directory: small blobs in segments, big ones in files, and who owns them in the store. */

import { mkdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { BlobStore, Staged } from '../blob-store.ts';
import { diskError } from '../disk-errors.ts';
import { StoreUnwritable, type Store } from '../store.ts';
import { formatFile, formatSegment, parseBlobId } from './blob-id.ts';
import { fetchBytes, fetchStream, type FetchPlaces } from './fetch.ts';
import { createFileWriter, filePath } from './file-writer.ts';
import { entryAt } from './index-records.ts';
import { maintain, type Maintenance } from './maintain.ts';
import { forgetAll } from './forget-all.ts';
import { digestAll } from '../hashing.ts';
import { adopt, keyOf, remove, share } from './references.ts';
import { createHotBlobs } from './hot-blobs.ts';
import { createSegmentReader } from './segment-reader.ts';
import { createSegmentWriter } from './segment-writer.ts';
import { claimPlace } from './claim.ts';
import { stageBytes, stageStream, type StagePlaces } from './stage.ts';

export type OpenBlobsOptions = {
  directory: string;
  store: Store;
  /** Begins the names of this process's segments, so that a person can tell them apart: letters, digits and dashes, at most 32. */
  node?: string;
  /** Real time in milliseconds; only tests give another. */
  now?: () => number;
};

export type RunningBlobStore = BlobStore & {
  /** One pass of housekeeping: removes what nobody owns any more and compacts segments. For a reconciler, under its lease. */
  maintain(signal: AbortSignal): Promise<Maintenance>;
  /** Every blob loses its owners, for a store that has been emptied; the bytes go with the next passes of `maintain`. */
  forgetAll(): Promise<void>;
  close(): Promise<void>;
};

/** Does not scan anything: it opens at once, whatever a crash has left. Throws StoreUnwritable. */
export async function openBlobs({ directory, store, node = hostName(), now = Date.now }: OpenBlobsOptions): Promise<RunningBlobStore> {
  if (!/^[a-z0-9-]{1,32}$/i.test(node)) throw new TypeError(`not a name for a node: ${node}`);
  const [segmentsDirectory, filesDirectory] = [join(directory, 'segments'), join(directory, 'files')];
  await createDirectories(directory, [segmentsDirectory, filesDirectory]);
  await claimPlace(store, 'directory');
  const writer = createSegmentWriter(segmentsDirectory, node, store, now);
  const reader = createSegmentReader(segmentsDirectory);
  const hot = createHotBlobs();
  const seconds = (): number => Math.floor(now() / 1000);
  const staging: StagePlaces = {
    hot,
    async putSmall(bytes) {
      const { segment, offset, crc } = await writer.append(bytes);
      return formatSegment(segment, offset, crc, seconds());
    },
    async openBig(owned) {
      const file = await createFileWriter(filesDirectory, now(), owned);
      const finish = async () => {
        const written = await file.finish();
        return { id: formatFile(written.file, seconds()), crc32: written.crc32 };
      };
      return { ...file, finish };
    },
  };
  const fetching: FetchPlaces = { hot, segments: reader, filesDirectory, store };

  return {
    async stage(bytes, options = {}) {
      try {
        return await (bytes instanceof Uint8Array ? stageBytes(staging, bytes, options) : stageStream(staging, bytes, options));
      } catch (error) {
        throw diskError(error, directory);
      }
    },
    adopt: (tx, staged, owners) => adopt(tx, 'ref' in staged ? staged.ref : staged, now(), owners),
    share,
    remove(tx, ref) {
      hot.drop(ref.id); // nothing but memory: should the transaction fail, it is read again
      return remove(tx, ref, now());
    },
    discard: (staged) => discard(store, filesDirectory, staged),
    digest: digestAll,
    read: (ref, range = {}) => fetchStream(fetching, ref, range),
    bytes: (ref) => fetchBytes(fetching, ref),
    keep: (ref, made) => hot.keepMade(ref.id, made),
    kept: (ref) => hot.getMade(ref.id),
    maintain: (signal) => maintain({ store, segmentsDirectory, filesDirectory, writer, reader, now }, signal),
    forgetAll: () => forgetAll(store, 'file', now),
    async close() {
      await writer.close();
      await reader.close();
    },
  };
}

/** A small blob's bytes are left to compaction; a file goes at once, unless somebody has adopted it after all. */
async function discard(store: Store, filesDirectory: string, { ref }: Staged): Promise<void> {
  const place = parseBlobId(ref.id);
  if (place.kind !== 'file') return;
  if (await store.read((tx) => entryAt(tx, keyOf(place)))) return;
  await rm(filePath(filesDirectory, place.name), { force: true });
}

function hostName(): string {
  return (
    hostname()
      .replaceAll(/[^a-z0-9]/gi, '')
      .slice(0, 32) || 'node'
  );
}

async function createDirectories(directory: string, directories: readonly string[]): Promise<void> {
  try {
    for (const path of directories) await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new StoreUnwritable(`the blob directory ${directory} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
