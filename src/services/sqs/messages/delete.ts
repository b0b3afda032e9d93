/** Deletion of messages by their receipt handles. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { handleExpired } from '../errors.ts';
import { lookUp } from '../queues/lookup.ts';
import type { Operation } from '../sdk.ts';
import { messages, type Queue } from '../tables.ts';
import { batchAnswer, checkBatch, failedEntry } from './batch.ts';
import { addToCount, countShards } from './counting.ts';
import { meter } from './metering.ts';
import { remove, renewHead } from './pile.ts';
import { isHeld, readReceipt, type Receipt } from './receipt.ts';
import { requireRate } from './throughput.ts';

export const DeleteMessage: Operation<'DeleteMessage'> = async (request, input) => {
  const { queue } = await lookUp(request, input.QueueUrl);
  requireRate(request, queue, 'DeleteMessage');
  meter(request, queue);
  const receipt = readReceipt(queue, input.ReceiptHandle);
  const [outcome] = await deleteAll(request, queue, [{ receipt, handle: input.ReceiptHandle }]);
  if (outcome) throw outcome;
  return {};
};

export const DeleteMessageBatch: Operation<'DeleteMessageBatch'> = async (request, input) => {
  checkBatch(input.Entries, 'DeleteMessageBatchRequestEntry');
  const { queue } = await lookUp(request, input.QueueUrl);
  requireRate(request, queue, 'DeleteMessage');
  meter(request, queue);
  const failed = [];
  const entries = [];
  for (const { Id: id, ReceiptHandle: handle } of input.Entries!) {
    try {
      entries.push({ id: id!, handle: handle!, receipt: readReceipt(queue, handle!) });
    } catch (error) {
      failed.push(failedEntry(id!, error));
    }
  }
  const outcomes = entries.length > 0 ? await deleteAll(request, queue, entries) : [];
  const successful = entries.filter((_, i) => outcomes[i] === undefined).map(({ id }) => ({ Id: id }));
  for (const [i, error] of outcomes.entries()) if (error) failed.push(failedEntry(entries[i]!.id, error));
  return batchAnswer(successful, failed);
};

type Given = { receipt: Receipt; handle: string };

async function deleteAll(request: ServiceRequest, queue: Queue, given: readonly Given[]): Promise<(Error | undefined)[]> {
  const shard = Math.floor(request.random.float() * countShards);
  return request.store.write(async (tx) => {
    const outcomes: (Error | undefined)[] = [];
    let gone = 0;
    for (const one of given) {
      const outcome = await deleteOne(tx, request, queue, one);
      outcomes.push(outcome instanceof Error ? outcome : undefined);
      if (outcome === true) gone++;
    }
    if (gone > 0) await addToCount(tx, queue.pile, shard, -gone);
    return outcomes;
  });
}

/**
 * True when the message went. One that is gone already is no error. The handle of an earlier receive deletes too, except in FIFO queues,
 * which refuse handles that have run out.
 */
async function deleteOne(
  tx: WriteTransaction,
  { blobs, now }: ServiceRequest,
  queue: Queue,
  { receipt, handle }: Given,
): Promise<boolean | Error> {
  if (receipt.pile !== queue.pile) return false; // purged
  const message = await messages.get(tx, receipt.pile, receipt.place);
  if (!message) return false;
  if (queue.fifo && !isHeld(queue, message, receipt, now)) return handleExpired(handle);
  await remove(tx, { blobs }, message);
  if (queue.fifo) await renewHead(tx, queue.pile, message.group!);
  return true;
}
