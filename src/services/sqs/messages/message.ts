/** A message as it is sent: checks of its parts, and the record that comes of them. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { traceOfCall } from '../../../framework/call-trace.ts';
import { hash } from 'node:crypto';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidContents, invalidParameter, invalidValue, messageTooLong, missingParameter } from '../errors.ts';
import { delaySecondsMax, inlineBytesMax } from '../limits.ts';
import type { Input } from '../sdk.ts';
import type { Attribute, Contents, Message, Queue } from '../tables.ts';
import { attributeBytes, attributesMd5, givenBytes, isAllowedText, readMessageAttributes } from './message-attributes.ts';

export type Entry = Omit<Input<'SendMessage'>, 'QueueUrl'>;

/** A message that is checked and has no place in the queue yet. */
export type Draft = {
  message: Omit<Message, 'pile' | 'place'>;
  contents: Contents;
  /** True when the contents are to lie in a blob. */
  large: boolean;
  /** The time part of its place: FIFO queues have their own. */
  place: string;
  systemAttributesMd5?: string;
};

let drawn = 0;

/** Sorts by time, then by the order in which this process drew them; the id's beginning tells processes apart. */
export function placeAt(now: number, id: string): string {
  drawn = (drawn + 1) % 36 ** 4;
  return Math.floor(now).toString(36).padStart(9, '0') + drawn.toString(36).padStart(4, '0') + id.slice(0, 8);
}

type Looked = { allowed: boolean; bytes: number; md5: string };

/** Bodies of late: a topic sends the same one to all its queues. */
const looked = new Map<string, Looked>();
const lookedMax = 32;
const lookedCharactersMax = 4096;

function lookAt(body: string): Looked {
  const known = looked.get(body);
  if (known) return known;
  const fresh = { allowed: isAllowedText(body), bytes: Buffer.byteLength(body), md5: hash('md5', body) };
  if (body.length > lookedCharactersMax) return fresh;
  keepNewest(looked, lookedMax, body, fresh);
  return fresh;
}

/** Throws what is wrong with the message, in AWS's order. */
export function draftMessage(request: ServiceRequest, queue: Queue, entry: Entry, inBatch = false): Draft {
  const body = entry.MessageBody ?? '';
  if (body === '') throw missingParameter('MessageBody');
  checkFifo(queue, entry);
  // FIFO queues know no delay of a message's own, and a zero there leaves the queue's.
  const delay = (queue.fifo ? undefined : entry.DelaySeconds) ?? queue.delaySeconds;
  if (!Number.isInteger(delay) || delay < 0 || delay > delaySecondsMax)
    throw invalidValue(entry.DelaySeconds, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.');
  const text = lookAt(body);
  if (!text.allowed) throw invalidContents();
  const attributes = readMessageAttributes(entry.MessageAttributes);
  const trace = readSystemAttributes(entry);
  // Messages carry the trace of their call on: https://docs.aws.amazon.com/xray/latest/devguide/xray-services-sqs.html
  const traced = trace?.[2] ?? traceOfCall(request);
  const size = attributes.reduce((sum, one) => sum + attributeBytes(one), text.bytes);
  if (size > queue.messageBytesMax) throw messageTooLong(queue.messageBytesMax, inBatch);
  const { now } = request;
  const id = request.random.uuid();
  const group = entry.MessageGroupId;
  return {
    message: {
      id,
      sent: now,
      due: now + delay * 1000,
      receives: 0,
      sender: request.principal.id,
      ...(traced !== undefined && { trace: traced }),
      ...(group !== undefined && { group }),
      ...(group !== undefined && !queue.fifo && delay === 0 && { fair: true as const }),
      ...(queue.fifo && { deduplication: entry.MessageDeduplicationId ?? hash('sha256', body) }),
      md5: text.md5,
      ...(attributes.length > 0 && { attributesMd5: attributesMd5(attributes) }),
      size,
    },
    contents: { body, ...(attributes.length > 0 && { attributes }) },
    large: size > inlineBytesMax,
    place: placeAt(now, id),
    ...(trace && { systemAttributesMd5: attributesMd5([trace]) }),
  };
}

const ID = /^[A-Za-z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;

function checkFifo(queue: Queue, { MessageGroupId: group, MessageDeduplicationId: deduplication, DelaySeconds: delay }: Entry): void {
  const rule = (name: string): string => `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`;
  if (group !== undefined && !ID.test(group)) throw invalidValue(group, 'MessageGroupId', rule('MessageGroupId'));
  const misplaced = 'The request include parameter that is not valid for this queue type.';
  if (!queue.fifo) {
    if (deduplication !== undefined) throw invalidValue(deduplication, 'MessageDeduplicationId', misplaced);
    return;
  }
  if (group === undefined) throw missingParameter('MessageGroupId');
  if (delay) throw invalidValue(delay, 'DelaySeconds', misplaced);
  if (deduplication !== undefined && !ID.test(deduplication))
    throw invalidValue(deduplication, 'MessageDeduplicationId', rule('MessageDeduplicationId'));
  if (deduplication === undefined && !queue.contentBasedDeduplication)
    throw invalidParameter('The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly');
}

/** The bytes that an entry would take, whether it is valid or not. */
export function entryBytes({ MessageBody: body = '', MessageAttributes: attributes = {} }: Partial<Entry>): number {
  return Object.entries(attributes).reduce((sum, [name, value]) => sum + givenBytes(name, value), Buffer.byteLength(body));
}

/** Only AWSTraceHeader may be sent. */
function readSystemAttributes({ MessageSystemAttributes: values }: Entry): Attribute | undefined {
  if (!values) return undefined;
  for (const name of Object.keys(values))
    if (name !== 'AWSTraceHeader')
      throw invalidParameter(
        `Message system attribute name '${name}' is invalid. Reason: Only AWSTraceHeader is supported as a message system attribute.`,
      );
  const value = values['AWSTraceHeader'];
  if (!value) return undefined;
  if (value.DataType !== 'String' || !value.StringValue)
    throw invalidParameter("Message (system) attribute 'AWSTraceHeader' must contain a non-empty value of type 'String'.");
  return ['AWSTraceHeader', 'String', value.StringValue];
}
