/** Receipt handles: which message, and which of its receives. */

import { invalidHandle } from '../errors.ts';
import type { Message, Queue } from '../tables.ts';

export type Receipt = { pile: string; place: string; receives: number };

/** A handle is found again without a look-up: it says where the message lies. */
export function receiptHandle({ pile, place, receives, id }: Message): string {
  return Buffer.from(`${pile} ${place} ${receives} ${id}`).toString('base64');
}

/** Throws ReceiptHandleIsInvalid, also for handles of other queues. */
export function readReceipt(queue: Queue, handle: string): Receipt {
  const match = /^([0-9a-f]{12}\.\d+) ([0-9a-z]+) (\d+) [0-9a-f-]{36}$/.exec(Buffer.from(handle, 'base64').toString('latin1'));
  if (!match || !match[1]!.startsWith(`${queue.id}.`)) throw invalidHandle(handle);
  return { pile: match[1]!, place: match[2]!, receives: Number(match[3]) };
}

/** Is the message still with a receiver? In a FIFO queue the handle must be that of the latest receive; others take older ones too. */
export function isHeld({ fifo }: Queue, message: Message, receipt: Receipt, now: number): boolean {
  return (!fifo || message.receives === receipt.receives) && message.inFlight === true && message.due > now;
}
