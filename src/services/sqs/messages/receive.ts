/** Receiving: at once, or by a long poll that waits for a message. */

import type { KeyObject } from 'node:crypto';
import type { Message as WireMessage } from '@aws-sdk/client-sqs';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Store, WriteTransaction } from '../../../store/store.ts';
import { invalidParameter, invalidValue, overLimit, unknownAttribute } from '../errors.ts';
import { inFlightMax, receivedMessagesMax, visibilitySecondsMax, waitSecondsMax } from '../limits.ts';
import { keysOf, requireOpening } from '../queues/encryption.ts';
import { lookUp } from '../queues/lookup.ts';
import type { Input, Operation } from '../sdk.ts';
import type { Message, Queue } from '../tables.ts';
import { contentsOf } from './contents.ts';
import { countInFlight, countShards } from './counting.ts';
import { attributesMd5, chosenAttributes, wireAttributes } from './message-attributes.ts';
import { meter } from './metering.ts';
import { nextDue } from './pile.ts';
import { receiptHandle } from './receipt.ts';
import { replayed, rememberAttempt } from './receive-attempts.ts';
import { take, type Wanted } from './take.ts';
import { requireRate } from './throughput.ts';
import { waitersOf } from './waiters.ts';

type ReceiveInput = Input<'ReceiveMessage'>;
type Looked = { messages: Message[]; nextAt: number | undefined };

export const ReceiveMessage: Operation<'ReceiveMessage'> = async (request, input) => {
  const { queue } = await lookUp(request, input.QueueUrl);
  requireRate(request, queue, 'ReceiveMessage');
  const { wanted, waitSeconds } = readInput(queue, input);
  await requireOpening(request, queue);
  const room = await roomInFlight(request, queue, wanted.count);
  if (room === 0) {
    if (waitSeconds === 0 && !queue.fifo) throw overLimit();
    return {};
  }
  const messages = await receive(request, input, queue, { ...wanted, count: Math.min(wanted.count, room) }, waitSeconds);
  meter(
    request,
    queue,
    messages.reduce((sum, message) => sum + message.size, 0),
  );
  if (messages.length === 0) return {};
  // The first message of a queue may have come while this call waited.
  await requireOpening(request, queue);
  noteInFlight(request.store, queue.pile, messages.length);
  const keys = await keysOf(request, queue, messages);
  const wire = await Promise.all(messages.map((message) => wireMessage(request, input, message, keys)));
  return { Messages: wire.filter((message) => message !== undefined) };
};

function readInput(queue: Queue, input: ReceiveInput): { wanted: Wanted; waitSeconds: number } {
  const count = input.MaxNumberOfMessages ?? 1;
  const waitSeconds = input.WaitTimeSeconds ?? queue.waitSeconds;
  const hidden = input.VisibilityTimeout ?? queue.visibilitySeconds;
  const within = (value: number, min: number, max: number): boolean => Number.isInteger(value) && value >= min && value <= max;
  if (!within(count, 1, receivedMessagesMax)) throw invalidValue(count, 'MaxNumberOfMessages', 'Must be between 1 and 10, if provided.');
  if (!within(waitSeconds, 0, waitSecondsMax)) throw invalidValue(waitSeconds, 'WaitTimeSeconds', 'Must be >= 0 and <= 20, if provided.');
  if (!within(hidden, 0, visibilitySecondsMax))
    throw invalidValue(hidden, 'VisibilityTimeout', 'VisibilityTimeout must be an integer between 0 and 43200');
  if (input.ReceiveRequestAttemptId !== undefined && !queue.fifo)
    throw invalidParameter('The request include parameter ReceiveRequestAttemptId that is not valid for this queue type.');
  for (const name of [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])])
    if (!systemAttributes.has(name)) throw unknownAttribute(name);
  return { wanted: { count, hiddenMilliseconds: hidden * 1000 }, waitSeconds };
}

async function receive(
  request: ServiceRequest,
  input: ReceiveInput,
  queue: Queue,
  wanted: Wanted,
  waitSeconds: number,
): Promise<Message[]> {
  const waiters = waitersOf(request.store, request.clock);
  const first = await look(request, queue, input, wanted, request.now, waiters.isWaitedFor(queue.id));
  // Others wait for this queue, and there may be more than was taken.
  if (first.nextAt !== undefined) waiters.expect(queue.id, first.nextAt);
  if (first.messages.length > 0 || waitSeconds === 0) return first.messages;
  const deadline = request.now + waitSeconds * 1000;
  const ticket = waiters.join(queue.id);
  try {
    do {
      // A poll waits long: the queue may have changed, or be gone.
      const { queue: current } = await lookUp(request, input.QueueUrl);
      const found = await look(request, current, input, wanted, request.clock.now(), true);
      if (found.nextAt !== undefined) waiters.expect(queue.id, found.nextAt);
      if (found.messages.length > 0) return found.messages;
    } while (await ticket.called(deadline, request.signal));
    return [];
  } finally {
    ticket.leave();
  }
}

/**
 * One look into the queue. A standard queue may hand out a message twice after a power cut, so its receives do not wait for the disk
 * (a killed process loses none); FIFO queues wait.
 */
function look(request: ServiceRequest, queue: Queue, input: ReceiveInput, wanted: Wanted, now: number, asksNext: boolean): Promise<Looked> {
  const means = { blobs: request.blobs, now, shard: Math.floor(request.random.float() * countShards) };
  const run = async (tx: WriteTransaction): Promise<Looked> => {
    const attempt = input.ReceiveRequestAttemptId;
    const again = attempt === undefined ? undefined : await replayed(tx, queue, attempt, wanted, now);
    if (again) return { messages: again, nextAt: undefined };
    const messages = await take(tx, means, queue, wanted);
    if (attempt !== undefined && messages.length > 0) await rememberAttempt(tx, queue, attempt, messages, now);
    return { messages, nextAt: asksNext ? await nextDue(tx, queue) : undefined };
  };
  return request.store.write(run, queue.fifo ? 'sync' : 'relaxed');
}

/** How many more a queue may have in flight before they are counted anew: receives only use it up. In memory, for a count is cheap. */
const rooms = new WeakMap<Store, Map<string, number>>();
const roomsMax = 10_000;

async function roomInFlight({ store, now }: ServiceRequest, queue: Queue, count: number): Promise<number> {
  let known = rooms.get(store);
  if (!known) rooms.set(store, (known = new Map()));
  const room = known.get(queue.pile);
  if (room !== undefined && room >= count) return count;
  const counted = Math.max(0, inFlightMax - (await countInFlight(store, queue, now)));
  if (known.size >= roomsMax) known.clear();
  known.set(queue.pile, counted);
  return Math.min(count, counted);
}

function noteInFlight(store: Store, pile: string, count: number): void {
  const known = rooms.get(store);
  const room = known?.get(pile);
  if (room !== undefined) known!.set(pile, room - count);
}

/** Undefined when somebody deleted the message meanwhile, with its bytes. */
async function wireMessage(
  { blobs }: ServiceRequest,
  input: ReceiveInput,
  message: Message,
  keys: ReadonlyMap<string, KeyObject>,
): Promise<WireMessage | undefined> {
  const contents = await contentsOf(blobs, message, keys);
  if (!contents) return undefined;
  const all = contents.attributes ?? [];
  const chosen = all.length === 0 ? all : chosenAttributes(all, input.MessageAttributeNames ?? []);
  const system = systemAttributesOf(message, [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])]);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(message),
    MD5OfBody: message.md5,
    Body: contents.body,
    ...(system && { Attributes: system }),
    ...(chosen.length > 0 && {
      MD5OfMessageAttributes: chosen.length === all.length ? message.attributesMd5! : attributesMd5(chosen),
      MessageAttributes: wireAttributes(chosen),
    }),
  };
}

const systemAttributes: ReadonlySet<string> = new Set([
  ...['All', 'SenderId', 'SentTimestamp', 'ApproximateReceiveCount', 'ApproximateFirstReceiveTimestamp', 'SequenceNumber'],
  ...['MessageDeduplicationId', 'MessageGroupId', 'AWSTraceHeader', 'DeadLetterQueueSourceArn'],
]);

export function systemAttributesOf(message: Message, names: readonly string[]): Record<string, string> | undefined {
  if (names.length === 0) return undefined;
  const all: Record<string, string | undefined> = {
    SenderId: message.sender,
    SentTimestamp: String(Math.floor(message.sent)),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: message.firstReceived === undefined ? undefined : String(Math.floor(message.firstReceived)),
    SequenceNumber: message.sequence,
    MessageDeduplicationId: message.deduplication,
    MessageGroupId: message.group,
    AWSTraceHeader: message.trace,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
  const chosen = Object.entries(all).filter(([name, value]) => value !== undefined && (names.includes('All') || names.includes(name)));
  return chosen.length > 0 ? (Object.fromEntries(chosen) as Record<string, string>) : undefined;
}
