/**
 * Blobs in another S3: every blob that does not fit into its id is an object of its own, so that a delete frees its bytes at once and
 * nothing needs compaction. Who owns them, the store says, as it does of files.
 */

import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { BlobMissing, type BlobRef, type BlobStore, type ReadRange, type Staged } from '../blob-store.ts';
import { formatRemote, parseBlobId, type BlobPlace } from '../blobs/blob-id.ts';
import type { RunningBlobStore } from '../blobs/blobs.ts';
import { wholeRange, streamOf } from '../blobs/byte-range.ts';
import { forgetAll } from '../blobs/forget-all.ts';
import { digestAll } from '../hashing.ts';
import { createHotBlobs, type HotBlobs } from '../blobs/hot-blobs.ts';
import { entryAt } from '../blobs/index-records.ts';
import { adopt, keyOf, remove, share } from '../blobs/references.ts';
import { stageBytes, stageStream, type StagePlaces } from '../blobs/stage.ts';
import type { Store } from '../store.ts';
import { createRemoteClient, type RemoteClient } from './client.ts';
import { maintainRemote } from './maintain.ts';
import { claimBucket } from './owner.ts';
import type { RemotePlace } from './place.ts';
import { readBig, readSmall, type RemoteReader } from './reader.ts';
import { sha256 } from '../../framework/request-signature.ts';
import { createRemoteWriter, put } from './writer.ts';

export type OpenRemoteBlobsOptions = {
  place: RemotePlace;
  store: Store;
  /** Real time in milliseconds; only tests give another. */
  now?: () => number;
};

/** Throws StoreAway when the bucket does not answer, BlobPlaceRefused when it belongs to another cloud. */
export async function openRemoteBlobs({ place, store, now = Date.now }: OpenRemoteBlobsOptions): Promise<RunningBlobStore> {
  const client = createRemoteClient(place);
  try {
    await claimBucket(client, place, store);
  } catch (error) {
    client.close();
    throw error;
  }
  const hot = createHotBlobs();
  const underWay = new Set<string>();
  const staging = stagingIn(client, { hot, underWay, now });
  const reader: RemoteReader = { client, place };

  return {
    stage: (bytes, options = {}) =>
      bytes instanceof Uint8Array ? stageBytes(staging, bytes, options) : stageStream(staging, bytes, options),
    adopt: (tx, staged, owners) => adopt(tx, 'ref' in staged ? staged.ref : staged, now(), owners),
    share,
    remove(tx, ref) {
      hot.drop(ref.id); // nothing but memory: should the transaction fail, it is read again
      return remove(tx, ref, now());
    },
    discard: (staged) => discard(store, client, staged),
    digest: digestAll,
    ...readingFrom(reader, hot),
    keep: (ref, made) => hot.keepMade(ref.id, made),
    kept: (ref) => hot.getMade(ref.id),
    maintain: (signal) => maintainRemote({ client, place, store, now, isUnderWay: (name) => underWay.has(name) }, signal),
    forgetAll: () => forgetAll(store, 'remote', now),
    close: async () => client.close(),
  };
}

type Means = { hot: HotBlobs; underWay: Set<string>; now: () => number };

/** Names begin with the time, so that housekeeping need not list what it has seen. */
function stagingIn(client: RemoteClient, { hot, underWay, now }: Means): StagePlaces {
  const newName = (): string => `${now().toString(36).padStart(9, '0')}-${randomBytes(8).toString('hex')}`;
  const seconds = (): number => Math.floor(now() / 1000);
  return {
    hot,
    async putSmall(bytes) {
      const name = newName();
      await put(client, { name, body: { pieces: [bytes], sha256: sha256(bytes) } });
      return formatRemote(name, crc32(bytes), seconds());
    },
    async openBig() {
      const name = newName();
      underWay.add(name);
      return createRemoteWriter(
        client,
        name,
        () => formatRemote(name, undefined, seconds()),
        () => underWay.delete(name),
      );
    },
  };
}

type Remote = BlobPlace & { kind: 'remote' };

function readingFrom(reader: RemoteReader, hot: HotBlobs): Pick<BlobStore, 'read' | 'bytes'> {
  const small = async ({ name }: Remote, { id, size }: BlobRef, crc: number): Promise<Buffer> => {
    const bytes = await readSmall(reader, { name, size }, crc);
    hot.keep(id, bytes);
    return bytes;
  };
  const read = (ref: BlobRef, asked: ReadRange = {}): Readable => {
    const range = wholeRange(ref, asked);
    const place = placeOf(ref);
    if (place.kind === 'remote' && place.crc === undefined) return readBig(reader, { name: place.name, size: ref.size }, range);
    return streamOf(bytes(ref), range);
  };
  const bytes = async (ref: BlobRef): Promise<Buffer> => {
    const known = hot.get(ref.id);
    if (known) return known;
    const place = placeOf(ref);
    if (place.kind === 'inline') return place.bytes;
    if (place.crc !== undefined) return small(place, ref, place.crc);
    const parts: Buffer[] = [];
    for await (const part of read(ref)) parts.push(part as Buffer);
    return Buffer.concat(parts);
  };
  return { read, bytes };
}

function placeOf(ref: BlobRef): Exclude<BlobPlace, { kind: 'segment' | 'file' }> {
  const place = parseBlobId(ref.id);
  if (place.kind === 'segment' || place.kind === 'file') throw new BlobMissing(`the blob ${ref.id} does not lie in the bucket`);
  return place;
}

/** Deletes what was staged, unless somebody has adopted it after all. */
async function discard(store: Store, client: RemoteClient, { ref }: Staged): Promise<void> {
  const place = parseBlobId(ref.id);
  if (place.kind !== 'remote' || (await store.read((tx) => entryAt(tx, keyOf(place))))) return;
  await client.ask({ method: 'DELETE', name: place.name, takes: [404] }).catch(() => {}); // housekeeping finds it
}
