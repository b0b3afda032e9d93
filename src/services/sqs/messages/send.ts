/** Sending: one message or a batch, in one transaction. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { batchTooLong, invalidParameter } from '../errors.ts';
import { deduplicationMilliseconds, messageBytesMax } from '../limits.ts';
import { sealFor, type Seal } from '../queues/encryption.ts';
import { lookUp } from '../queues/lookup.ts';
import { deduplicatesByGroup, deduplicationOwner } from '../queues/queue.ts';
import type { Operation } from '../sdk.ts';
import { deduplications, type Message, type Queue } from '../tables.ts';
import { batchAnswer, checkBatch, failedEntry } from './batch.ts';
import { addToCount, countShards } from './counting.ts';
import { recorded, stageLarge, type Bundle } from './contents.ts';
import { draftMessage, entryBytes, type Draft } from './message.ts';
import { meter } from './metering.ts';
import { enqueue, nextSequence } from './pile.ts';
import { requireRate } from './throughput.ts';

type Sent = { id: string; sequence?: string };
type Stored = Pick<Message, 'contents' | 'sealed' | 'sealedBy' | 'blob' | 'part'>;

export const SendMessage: Operation<'SendMessage'> = async (request, input) => {
  const { queue } = await lookUp(request, input.QueueUrl);
  requireRate(request, queue, 'SendMessage', [input.MessageGroupId]);
  const seal = await sealFor(request, queue);
  const draft = draftMessage(request, queue, input);
  meter(request, queue, draft.message.size);
  const [sent] = await sendAll(request, queue, seal, [draft]);
  return reply(draft, sent!);
};

export const SendMessageBatch: Operation<'SendMessageBatch'> = async (request, input) => {
  checkBatch(input.Entries, 'SendMessageBatchRequestEntry');
  const entries = input.Entries!;
  const { queue } = await lookUp(request, input.QueueUrl);
  const groups = entries.map(({ MessageGroupId }) => MessageGroupId);
  requireRate(request, queue, 'SendMessage', groups);
  const seal = await sealFor(request, queue);
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  if (bytes > messageBytesMax) throw batchTooLong(bytes);
  const drafts: { id: string; draft: Draft }[] = [];
  const failed = [];
  if (queue.fifo) refuseIncomplete(queue, entries);
  for (const { Id: id, ...entry } of entries) {
    try {
      drafts.push({ id: id!, draft: draftMessage(request, queue, entry as typeof entry & { MessageBody: string }, true) });
    } catch (error) {
      failed.push(failedEntry(id!, error));
    }
  }
  meter(
    request,
    queue,
    drafts.reduce((sum, { draft }) => sum + draft.message.size, 0),
  );
  const sent =
    drafts.length > 0
      ? await sendAll(
          request,
          queue,
          seal,
          drafts.map(({ draft }) => draft),
        )
      : [];
  const successful = drafts.map(({ id, draft }, i) => ({ Id: id, ...reply(draft, sent[i]!) }));
  return batchAnswer(successful, failed);
};

/** What a FIFO queue cannot do without fails the whole batch. */
function refuseIncomplete(
  queue: Queue,
  entries: readonly { MessageGroupId?: string | undefined; MessageDeduplicationId?: string | undefined }[],
): void {
  for (const { MessageGroupId, MessageDeduplicationId } of entries) {
    if (MessageGroupId === undefined) throw invalidParameter('The request must contain the parameter MessageGroupId.');
    if (MessageDeduplicationId === undefined && !queue.contentBasedDeduplication)
      throw invalidParameter(
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      );
  }
}

function reply({ message, systemAttributesMd5 }: Draft, { id, sequence }: Sent) {
  return {
    MessageId: id,
    MD5OfMessageBody: message.md5,
    ...(message.attributesMd5 !== undefined && { MD5OfMessageAttributes: message.attributesMd5 }),
    ...(systemAttributesMd5 !== undefined && { MD5OfMessageSystemAttributes: systemAttributesMd5 }),
    ...(sequence !== undefined && { SequenceNumber: sequence }),
  };
}

/** Large contents are on disk before the transaction that makes the messages exist. */
async function sendAll(request: ServiceRequest, queue: Queue, seal: Seal | undefined, drafts: readonly Draft[]): Promise<Sent[]> {
  const bundles = await stageLarge(request, drafts, seal);
  const small = drafts.map(({ large, contents }) => (large ? {} : recorded(request.random, contents, seal)));
  const shard = Math.floor(request.random.float() * countShards);
  /** How many messages of a bundle came into the queue. */
  const owners = new Map<Bundle, number>();
  try {
    return await request.store.write(async (tx) => {
      owners.clear();
      let count = 0;
      const sent: Sent[] = [];
      for (const [i, draft] of drafts.entries()) {
        const bundle = bundles.find(({ parts }) => parts.has(i));
        const one = await sendOne(tx, request, queue, draft, bundle ? placeIn(bundle, i, seal) : small[i]!);
        sent.push(one);
        if (!one.fresh) continue;
        count++;
        if (bundle) owners.set(bundle, (owners.get(bundle) ?? 0) + 1);
      }
      for (const [{ staged }, shares] of owners) await request.blobs.adopt(tx, staged, shares);
      if (count > 0) await addToCount(tx, queue.pile, shard, count);
      return sent;
    });
  } catch (error) {
    owners.clear();
    throw error;
  } finally {
    for (const bundle of bundles) if (!owners.has(bundle)) await request.blobs.discard(bundle.staged);
  }
}

function placeIn({ staged, parts }: Bundle, draft: number, seal: Seal | undefined): Stored {
  const part = parts.get(draft);
  return { blob: staged.ref, ...(part && { part }), ...(seal && { sealedBy: seal.by }) };
}

/** Puts a message into the queue, unless a FIFO queue has seen its deduplication id within five minutes. */
async function sendOne(
  tx: WriteTransaction,
  { now }: ServiceRequest,
  queue: Queue,
  draft: Draft,
  stored: Stored,
): Promise<Sent & { fresh: boolean }> {
  const message: Message = {
    ...draft.message,
    pile: queue.pile,
    place: draft.place,
    ...stored,
  };
  if (!queue.fifo) {
    await enqueue(tx, message);
    return { id: message.id, fresh: true };
  }
  const scope = deduplicatesByGroup(queue) ? message.group! : '';
  const owner = deduplicationOwner(queue);
  const seen = await deduplications.get(tx, owner, scope, message.deduplication!);
  if (seen && seen.until > now) return { id: seen.message, sequence: seen.sequence, fresh: false };
  const sequence = await nextSequence(tx, queue);
  await deduplications.put(tx, {
    ...{ queue: owner, scope, id: message.deduplication! },
    ...{ message: message.id, sequence, until: now + deduplicationMilliseconds },
  });
  await enqueue(tx, { ...message, place: sequence, sequence });
  return { id: message.id, sequence, fresh: true };
}
