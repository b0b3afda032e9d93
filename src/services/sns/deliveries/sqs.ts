/** Delivery into queues, as a customer of SQS. */

import { createHash } from 'node:crypto';
import { parseArn } from '../../../framework/arn.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { rawAttributesMax } from '../limits.ts';
import { textFor, type Contents } from '../messages/contents.ts';
import type { Subscription, TopicName } from '../tables.ts';
import { topicArn } from '../topics/topic.ts';

/** A message that its endpoint will never take. */
export class Undeliverable extends Error {
  override name = 'Undeliverable';
}

export type QueuedMessage = { body: string; contents: Contents; raw: boolean };

/** What one call of SQS takes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export const queuedAtOnceMax = 10;
export const queuedBytesMax = 1024 * 1024;

/** Puts a message into the queue of an ARN, for a topic. Rejects with what SQS says. */
export async function sendToQueue(context: Means, topic: TopicName, queue: string, message: QueuedMessage): Promise<void> {
  const { aws, QueueUrl, fifo } = queueFor(context, topic, queue);
  await aws.sqs('SendMessage', { QueueUrl, ...entryOf(message, fifo) });
}

/**
 * The same for up to `queuedAtOnceMax` messages of `queuedBytesMax` together: an error for each that did not get there. A FIFO queue gets
 * them one by one, since it refuses all for the sake of one.
 */
export async function sendAllToQueue(
  context: Means,
  topic: TopicName,
  queue: string,
  messages: readonly QueuedMessage[],
): Promise<(Error | undefined)[]> {
  const { aws, QueueUrl, fifo } = queueFor(context, topic, queue);
  const errors: (Error | undefined)[] = messages.map(() => undefined);
  const entries: (Entry & { Id: string })[] = [];
  for (const [i, message] of messages.entries()) {
    try {
      entries.push({ Id: String(i), ...entryOf(message, fifo) });
    } catch (error) {
      errors[i] = error as Error;
    }
  }
  if (fifo || entries.length < 2) {
    for (const { Id, ...entry } of entries)
      await aws.sqs('SendMessage', { QueueUrl, ...entry }).catch((error: Error) => void (errors[Number(Id)] = error));
    return errors;
  }
  try {
    const { Failed = [] } = await aws.sqs('SendMessageBatch', { QueueUrl, Entries: entries });
    for (const { Id, Code, Message } of Failed) errors[Number(Id)] = new Undeliverable(Message ?? Code);
  } catch (error) {
    for (const { Id } of entries) errors[Number(Id)] = error as Error;
  }
  return errors;
}

/** What a message counts in a queue, or a little more. */
export function bytesOf({ body, contents, raw }: QueuedMessage): number {
  const attributes = raw ? (contents.attributes ?? []) : [];
  return attributes.reduce(
    (sum, [name, { type, value }]) => sum + Buffer.byteLength(name) + Buffer.byteLength(type) + Buffer.byteLength(value),
    Buffer.byteLength(body),
  );
}

type Means = Pick<ReconcilerContext, 'awsAs'>;
type Entry = ReturnType<typeof entryOf>;

function queueFor(context: Means, topic: TopicName, queue: string): { aws: Aws; QueueUrl: string; fifo: boolean } {
  const { region, account, resource } = parseArn(queue)!;
  const QueueUrl = `https://sqs.${region}.amazonaws.com/${account}/${resource}`;
  return { aws: asSns(context, topic, account, region), QueueUrl, fifo: resource.endsWith('.fifo') };
}

/** Throws Undeliverable. */
function entryOf({ contents, raw, body }: QueuedMessage, fifo: boolean) {
  const attributes = raw ? (contents.attributes ?? []) : [];
  if (attributes.length > rawAttributesMax) throw new Undeliverable('a queue takes no more than 10 message attributes');
  return {
    MessageBody: body,
    ...(attributes.length > 0 && { MessageAttributes: Object.fromEntries(attributes.map(toSqs)) }),
    ...(contents.trace !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: contents.trace } },
    }),
    ...(contents.group !== undefined && { MessageGroupId: contents.group }),
    ...(fifo && { MessageDeduplicationId: contents.deduplication ?? createHash('sha256').update(body).digest('hex') }),
  };
}

function toSqs([name, { type, value }]: NonNullable<Contents['attributes']>[number]): [
  string,
  { DataType: string; StringValue?: string; BinaryValue?: Uint8Array },
] {
  return [
    name,
    { DataType: type, ...(type.startsWith('Binary') ? { BinaryValue: Buffer.from(value, 'base64') } : { StringValue: value }) },
  ];
}

function asSns({ awsAs }: Means, topic: TopicName, account: string, region: string): Aws {
  const principal: ServicePrincipal = {
    type: 'Service',
    account: topic.account,
    arn: '',
    id: 'sns.amazonaws.com',
    name: 'sns.amazonaws.com',
    sourceArn: topicArn(topic),
    sourceAccount: topic.account,
  };
  return awsAs(principal, { account, region });
}

/** The body of a raw delivery. */
export const rawBody = (contents: Contents, { protocol }: Subscription): string => textFor(contents, protocol);
