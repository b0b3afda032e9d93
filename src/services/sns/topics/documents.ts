/** The longer texts of a topic: its policy and its data protection policy. */

import type { WriteTransaction } from '../../../store/store.ts';
import { topicDocuments, type Topic, type TopicDocument } from '../tables.ts';

/** Writes a document and names its revision in the topic, which the caller stores. */
export async function putDocument(
  tx: WriteTransaction,
  topic: Topic,
  kind: TopicDocument['kind'],
  revision: string,
  text: string,
): Promise<void> {
  await topicDocuments.put(tx, { topic: topic.id, kind, revision, text });
  topic[kind] = revision;
}

export async function deleteDocument(tx: WriteTransaction, topic: Topic, kind: TopicDocument['kind']): Promise<void> {
  await topicDocuments.delete(tx, topic.id, kind);
  delete topic[kind];
}
