/** Changes of visibility: a receiver asks for more time, or gives a message back. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { invalidValue, messageGone } from '../errors.ts';
import { visibilitySecondsMax } from '../limits.ts';
import { lookUp } from '../queues/lookup.ts';
import type { Operation } from '../sdk.ts';
import { messages, type Message, type Queue } from '../tables.ts';
import { batchAnswer, checkBatch, failedEntry } from './batch.ts';
import { meter } from './metering.ts';
import { renewHead, reschedule } from './pile.ts';
import { isHeld, readReceipt, type Receipt } from './receipt.ts';
import { requireRate } from './throughput.ts';

type Given = { receipt: Receipt; handle: string; seconds: number };

export const ChangeMessageVisibility: Operation<'ChangeMessageVisibility'> = async (request, input) => {
  const { queue } = await lookUp(request, input.QueueUrl);
  requireRate(request, queue, 'ChangeMessageVisibility');
  meter(request, queue);
  const given = read(queue, input.ReceiptHandle, input.VisibilityTimeout);
  const [outcome] = await changeAll(request, queue, [given]);
  if (outcome) throw outcome;
  return {};
};

export const ChangeMessageVisibilityBatch: Operation<'ChangeMessageVisibilityBatch'> = async (request, input) => {
  checkBatch(input.Entries, 'ChangeMessageVisibilityBatchRequestEntry');
  const { queue } = await lookUp(request, input.QueueUrl);
  requireRate(request, queue, 'ChangeMessageVisibility');
  meter(request, queue);
  const failed = [];
  const entries = [];
  for (const { Id: id, ReceiptHandle: handle, VisibilityTimeout: seconds } of input.Entries!) {
    try {
      entries.push({ id: id!, ...read(queue, handle!, seconds) });
    } catch (error) {
      failed.push(failedEntry(id!, error));
    }
  }
  const outcomes = entries.length > 0 ? await changeAll(request, queue, entries) : [];
  const successful = entries.filter((_, i) => outcomes[i] === undefined).map(({ id }) => ({ Id: id }));
  for (const [i, error] of outcomes.entries()) if (error) failed.push(failedEntry(entries[i]!.id, error));
  return batchAnswer(successful, failed);
};

function read(queue: Queue, handle: string, seconds: number | undefined): Given {
  if (seconds === undefined || !Number.isInteger(seconds) || seconds < 0 || seconds > visibilitySecondsMax)
    throw invalidValue(seconds, 'VisibilityTimeout', 'VisibilityTimeout must be an integer between 0 and 43200');
  return { receipt: readReceipt(queue, handle), handle, seconds };
}

function changeAll(request: ServiceRequest, queue: Queue, given: readonly Given[]): Promise<(Error | undefined)[]> {
  return request.store.write(async (tx) => {
    const outcomes: (Error | undefined)[] = [];
    for (const one of given) outcomes.push(await change(tx, queue, one, request.now));
    return outcomes;
  });
}

/** A handle of a message that is back changes nothing, and that is no error; a message that is gone is one. */
async function change(tx: WriteTransaction, queue: Queue, { receipt, handle, seconds }: Given, now: number): Promise<Error | undefined> {
  const message = receipt.pile === queue.pile ? await messages.get(tx, receipt.pile, receipt.place) : undefined;
  if (!message) return messageGone(handle);
  if (!isHeld(queue, message, receipt, now)) return undefined;
  if (seconds * 1000 + now - (message.firstReceived ?? now) > visibilitySecondsMax * 1000 && message.receives === 1)
    return invalidValue(seconds, 'VisibilityTimeout', 'Total VisibilityTimeout for the message is beyond the limit [43200 seconds]');
  const { inFlight: _held, ...back } = message;
  const next: Message = seconds === 0 ? { ...back, due: now } : { ...message, due: now + seconds * 1000 };
  await reschedule(tx, message, next);
  if (queue.fifo) await renewHead(tx, queue.pile, message.group!);
  return undefined;
}
