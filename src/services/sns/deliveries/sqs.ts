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

/** Puts a message into the queue of an ARN, for a topic. Rejects with what SQS says. */
export async function sendToQueue(
  context: Pick<ReconcilerContext, 'awsAs'>,
  topic: TopicName,
  queue: string,
  message: { body: string; contents: Contents; raw: boolean },
): Promise<void> {
  const { region, account, resource } = parseArn(queue)!;
  const { contents, raw, body } = message;
  const attributes = raw ? (contents.attributes ?? []) : [];
  if (attributes.length > rawAttributesMax) throw new Undeliverable('a queue takes no more than 10 message attributes');
  const fifo = resource.endsWith('.fifo');
  await asSns(context, topic, account, region).sqs('SendMessage', {
    QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${resource}`,
    MessageBody: body,
    ...(attributes.length > 0 && { MessageAttributes: Object.fromEntries(attributes.map(toSqs)) }),
    ...(contents.group !== undefined && { MessageGroupId: contents.group }),
    ...(fifo && { MessageDeduplicationId: contents.deduplication ?? createHash('sha256').update(body).digest('hex') }),
  });
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

function asSns({ awsAs }: Pick<ReconcilerContext, 'awsAs'>, topic: TopicName, account: string, region: string): Aws {
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
