/** The archive of a FIFO topic: every message that it acknowledged, in order, for as long as its policy says. */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { BlobStore } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { archivedMessages, archives, topics, type Publication, type Topic } from '../tables.ts';
import { archiveMilliseconds } from './policy.ts';

const pageRows = 200;

/** Inside the transaction that acknowledges a message. */
export async function archiveMessage(tx: WriteTransaction, blobs: BlobStore, publication: Publication): Promise<void> {
  if ('blob' in publication.contents) await blobs.share(tx, publication.contents.blob);
  await archivedMessages.put(tx, publication);
}

/** Writes down that a topic's archive begins, or goes on. */
export async function keepArchive(tx: WriteTransaction, { id, account, region, name }: Topic, now: number): Promise<void> {
  const present = await archives.get(tx, id);
  if (!present || present.ended) await archives.put(tx, { topic: id, topicName: { account, region, name }, since: now });
}

/** Writes down that a topic keeps nothing any more. What is there goes later. */
export async function endArchive(tx: WriteTransaction, topic: string): Promise<void> {
  const present = await archives.get(tx, topic);
  if (present) await archives.put(tx, { ...present, ended: true });
}

/** Housekeeping: messages whose time is over go, and archives that ended. */
export async function trimArchives(context: ReconcilerContext): Promise<void> {
  const { store, now } = context;
  for await (const { topic, topicName, ended } of archives.each(store)) {
    const { account, region, name } = topicName;
    const present = await store.read((tx) => topics.get(tx, account, region, name));
    const kept = !ended && present?.id === topic ? archiveMilliseconds(present) : undefined;
    await trim(context, topic, kept === undefined ? Infinity : now - kept);
  }
}

async function trim({ store, blobs, signal }: ReconcilerContext, topic: string, before: number): Promise<void> {
  for (let more = true; more;) {
    signal.throwIfAborted();
    more = await store.write(async (tx) => {
      const page = await archivedMessages.scan(tx, [topic], { limit: pageRows });
      for (const { row } of page) {
        if (row.at > before) return false;
        if ('blob' in row.contents) await blobs.remove(tx, row.contents.blob);
        await archivedMessages.delete(tx, topic, row.order);
      }
      if (page.length === pageRows) return true;
      if (before === Infinity && (await archives.get(tx, topic))?.ended) await archives.delete(tx, topic);
      return false;
    });
  }
}
