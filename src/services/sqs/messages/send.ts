/** Sending: one message or a batch, in one transaction. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Staged } from '../../../store/blob-store.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { batchTooLong, invalidParameter } from '../errors.ts';
import { deduplicationMilliseconds, messageBytesMax } from '../limits.ts';
import { requireSealing } from '../queues/encryption.ts';
import { lookUp } from '../queues/lookup.ts';
import { deduplicatesByGroup } from '../queues/queue.ts';
import type { Operation } from '../sdk.ts';
import { deduplications, type Message, type Queue } from '../tables.ts';
import { batchAnswer, checkBatch, failedEntry } from './batch.ts';
import { addToCount, countShards } from './counting.ts';
import { draftMessage, type Draft } from './message.ts';
import { meter } from './metering.ts';
import { enqueue, nextSequence } from './pile.ts';

type Sent = { id: string; sequence?: string };

export const SendMessage: Operation<'SendMessage'> = async (request, input) => {
  const { queue } = await lookUp(request, input.QueueUrl);
  await requireSealing(request, queue);
  const draft = draftMessage(request, queue, input);
  meter(request, queue, draft.message.size);
  const [sent] = await sendAll(request, queue, [draft]);
  return reply(draft, sent!);
};

export const SendMessageBatch: Operation<'SendMessageBatch'> = async (request, input) => {
  checkBatch(input.Entries, 'SendMessageBatchRequestEntry');
  const entries = input.Entries!;
  const { queue } = await lookUp(request, input.QueueUrl);
  await requireSealing(request, queue);
  const drafts: { id: string; draft: Draft }[] = [];
  const failed = [];
  if (queue.fifo) refuseIncomplete(queue, entries);
  for (const { Id: id, ...entry } of entries) {
    try {
      drafts.push({ id: id!, draft: draftMessage(request, queue, entry as typeof entry & { MessageBody: string }) });
    } catch (error) {
      failed.push(failedEntry(id!, error));
    }
  }
  const bytes = drafts.reduce((sum, { draft }) => sum + draft.message.size, 0);
  if (bytes > messageBytesMax) throw batchTooLong(bytes);
  meter(request, queue, bytes);
  const sent =
    drafts.length > 0
      ? await sendAll(
          request,
          queue,
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
async function sendAll(request: ServiceRequest, queue: Queue, drafts: readonly Draft[]): Promise<Sent[]> {
  const staged = await stageLarge(request, drafts);
  const shard = Math.floor(request.random.float() * countShards);
  const used = new Set<number>();
  try {
    return await request.store.write(async (tx) => {
      used.clear();
      const sent: Sent[] = [];
      for (const [i, draft] of drafts.entries()) {
        const blob = staged?.[i];
        const one = await sendOne(tx, request, queue, draft, blob);
        if (one.fresh) used.add(i);
        sent.push(one);
        if (one.fresh && blob) await request.blobs.adopt(tx, blob);
      }
      if (used.size > 0) await addToCount(tx, queue.pile, shard, used.size);
      return sent;
    });
  } catch (error) {
    used.clear();
    throw error;
  } finally {
    for (const [i, blob] of (staged ?? []).entries()) if (blob && !used.has(i)) await request.blobs.discard(blob);
  }
}

async function stageLarge({ blobs }: ServiceRequest, drafts: readonly Draft[]): Promise<(Staged | undefined)[] | undefined> {
  if (!drafts.some((draft) => draft.large)) return undefined;
  return Promise.all(drafts.map((draft) => (draft.large ? blobs.stage(Buffer.from(JSON.stringify(draft.contents))) : undefined)));
}

/** Puts a message into the queue, unless a FIFO queue has seen its deduplication id within five minutes. */
async function sendOne(
  tx: WriteTransaction,
  { now }: ServiceRequest,
  queue: Queue,
  draft: Draft,
  blob: Staged | undefined,
): Promise<Sent & { fresh: boolean }> {
  const message: Message = {
    ...draft.message,
    pile: queue.pile,
    place: draft.place,
    ...(blob ? { blob: blob.ref } : { contents: draft.contents }),
  };
  if (!queue.fifo) {
    await enqueue(tx, message);
    return { id: message.id, fresh: true };
  }
  const scope = deduplicatesByGroup(queue) ? message.group! : '';
  const seen = await deduplications.get(tx, queue.id, scope, message.deduplication!);
  if (seen && seen.until > now) return { id: seen.message, sequence: seen.sequence, fresh: false };
  const sequence = await nextSequence(tx, queue);
  await deduplications.put(tx, {
    ...{ queue: queue.id, scope, id: message.deduplication! },
    ...{ message: message.id, sequence, until: now + deduplicationMilliseconds },
  });
  await enqueue(tx, { ...message, place: sequence, sequence });
  return { id: message.id, sequence, fresh: true };
}
