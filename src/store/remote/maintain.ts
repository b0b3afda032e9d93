/** Housekeeping of blobs in another S3: what nobody owns any more goes, and what a crash has left. */

import type { Maintenance } from '../blobs/maintain.ts';
import { graceMilliseconds, orphanMilliseconds } from '../blobs/maintain.ts';
import { doomedKey, fileKey } from '../blobs/index-records.ts';
import { below, decodeKey, encodeKey, justAfter } from '../keys.ts';
import type { Entry, Key, Store } from '../store.ts';
import type { RemoteClient } from './client.ts';
import type { RemotePlace } from './place.ts';
import { abortUpload, unescaped } from './writer.ts';

export type RemoteHousehold = {
  client: RemoteClient;
  place: RemotePlace;
  store: Store;
  now: () => number;
  /** Whether this process is writing it just now, however slowly. */
  isUnderWay: (name: string) => boolean;
};

const pageEntries = 500;
const deletesAtOnce = 8;
const sweptKey = encodeKey('blob-swept');
const doomedPrefix = encodeKey('blob-doomed', 'remote');
/** Names are times of the node that gave them: how far its clock may be behind, and how long an upload may take there. */
const toleranceMilliseconds = 24 * 60 * 60_000;
const nameForm = /^([0-9a-z]{9})-[0-9a-f]{16}$/;

export async function maintainRemote(household: RemoteHousehold, signal: AbortSignal): Promise<Maintenance> {
  const done: Maintenance = { filesRemoved: 0, segmentsRemoved: 0, segmentsCompacted: 0, blobsDamaged: 0, bytesFreed: 0 };
  await sweepObjects(household, signal, done);
  await sweepUploads(household, signal);
  await removeDoomed(household, signal, done);
  return done;
}

type Listed = { name: string; size: number; modified: number };

/**
 * Finds objects that were staged and never adopted. All that are named by a time before the mark have been looked at by an earlier
 * pass, so listing begins there.
 */
async function sweepObjects(household: RemoteHousehold, signal: AbortSignal, done: Maintenance): Promise<void> {
  const { store, now, client, isUnderWay } = household;
  const mark = Number((await store.read((tx) => tx.get(sweptKey))) ?? 0);
  let nextMark = now() - orphanMilliseconds - toleranceMilliseconds;
  let after = nameOfTime(mark);
  for (;;) {
    signal.throwIfAborted();
    const { objects, next } = await list(household, after);
    const known = await store.read(async (tx) => {
      const owned = await tx.getMany(objects.map(({ name }) => fileKey(name)));
      const doomed = await tx.getMany(objects.map(({ name }) => doomedKey('remote', name)));
      return owned.map((entry, i) => entry !== undefined || doomed[i] !== undefined);
    });
    const left: Listed[] = [];
    for (const [i, object] of objects.entries()) {
      if (known[i]) continue;
      const young = now() - Math.max(timeOf(object.name), object.modified) < orphanMilliseconds;
      if (young || isUnderWay(object.name)) nextMark = Math.min(nextMark, timeOf(object.name));
      else left.push(object);
    }
    await deleteAll(client, left, done);
    if (next === undefined) break;
    after = next;
  }
  if (nextMark > mark) await store.write((tx) => tx.put(sweptKey, String(nextMark)));
}

/** A page of objects behind a name. */
async function list({ client, place }: RemoteHousehold, after: string): Promise<{ objects: Listed[]; next: string | undefined }> {
  const query = { 'list-type': '2', prefix: place.prefix, 'start-after': place.prefix + after };
  const { text } = await client.ask({ method: 'GET', query });
  const objects: Listed[] = [];
  let last: string | undefined;
  for (const [, contents] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
    const name = unescaped(memberOf(contents!, 'Key')).slice(place.prefix.length);
    last = name;
    if (nameForm.test(name))
      objects.push({ name, size: Number(memberOf(contents!, 'Size')), modified: Date.parse(memberOf(contents!, 'LastModified')) });
  }
  return { objects, next: memberOf(text, 'IsTruncated') === 'true' ? last : undefined };
}

/** Parts of uploads that nobody will complete: they lie in no listing, and are paid for. */
async function sweepUploads({ client, place, now, isUnderWay }: RemoteHousehold, signal: AbortSignal): Promise<void> {
  const { text } = await client.ask({ method: 'GET', query: { uploads: '', prefix: place.prefix } });
  for (const [, upload] of text.matchAll(/<Upload>(.*?)<\/Upload>/gs)) {
    signal.throwIfAborted();
    const name = unescaped(memberOf(upload!, 'Key')).slice(place.prefix.length);
    if (!nameForm.test(name) || isUnderWay(name) || now() - timeOf(name) < toleranceMilliseconds) continue;
    await abortUpload(client, name, unescaped(memberOf(upload!, 'UploadId')));
  }
}

async function removeDoomed({ client, store, now }: RemoteHousehold, signal: AbortSignal, done: Maintenance): Promise<void> {
  for (let after: Key = doomedPrefix; ;) {
    signal.throwIfAborted();
    const page: Entry[] = await store.read((tx) => tx.range({ ...below(doomedPrefix), gte: after, limit: pageEntries }));
    const due = page.filter(([, since]) => now() - Number(since) >= graceMilliseconds);
    await deleteAll(
      client,
      due.map(([key]) => ({ name: decodeKey(key)[2] as string, size: 0 })),
      done,
    );
    await store.write(async (tx) => {
      for (const [key] of due) await tx.delete(key);
    });
    if (page.length < pageEntries) return;
    after = justAfter(page.at(-1)![0]);
  }
}

/** Deleting what is gone already is no error. */
async function deleteAll(client: RemoteClient, objects: readonly Omit<Listed, 'modified'>[], done: Maintenance): Promise<void> {
  const left = [...objects];
  const work = async (): Promise<void> => {
    for (let object = left.pop(); object; object = left.pop()) {
      await client.ask({ method: 'DELETE', name: object.name, takes: [404] });
      done.filesRemoved++;
      done.bytesFreed += object.size;
    }
  };
  await Promise.all(Array.from({ length: deletesAtOnce }, work));
}

function memberOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

function timeOf(name: string): number {
  return Number.parseInt(name.slice(0, 9), 36);
}

/** All names of that time and later are behind it. */
function nameOfTime(milliseconds: number): string {
  return Math.max(0, milliseconds).toString(36).padStart(9, '0');
}
