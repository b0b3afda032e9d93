/** The outbox: events on their way to queues and topics, tried again by the clock. */

import { serviceName } from '../buckets/bucket.ts';
import { parseArn } from '../../../framework/arn.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import { bucketArn } from '../buckets/bucket.ts';
import { pendingEvents, type PendingEvent } from '../tables.ts';
import { messageOf } from './event.ts';

const pageSize = 64;
const firstDelayMilliseconds = 1_000;
const delayMillisecondsMax = 15 * 60_000;
/** About a day; then an event is given up. */
const failuresMax = 100;

export const deliveries: Reconciler = {
  name: 's3/notifications',
  watches: [pendingEvents],
  run: async (context) => {
    for (;;) {
      context.signal.throwIfAborted();
      const page = await context.store.read((tx) => pendingEvents.scanIndex(tx, 'at', [], { limit: pageSize }));
      const due = page.map(({ row }) => row).filter((event) => event.at <= context.now);
      if (due.length === 0) return page[0] ? { nextAt: page[0].row.at } : {};
      await Promise.all([...byDestination(due).values()].map((events) => deliver(context, events)));
    }
  },
};

function byDestination(events: readonly PendingEvent[]): Map<string, PendingEvent[]> {
  const groups = new Map<string, PendingEvent[]>();
  for (const event of events) {
    const group = groups.get(event.destination);
    if (group) group.push(event);
    else groups.set(event.destination, [event]);
  }
  return groups;
}

/** In the order in which they happened. What was sent and is not crossed out when a crash comes is sent twice. */
async function deliver(context: ReconcilerContext, events: readonly PendingEvent[]): Promise<void> {
  const sent: PendingEvent[] = [];
  const again: PendingEvent[] = [];
  for (const event of events) {
    context.signal.throwIfAborted();
    try {
      await sendTo(context, { name: event.bucket, account: event.account }, event.destination, messageOf(event), event.trace);
      sent.push(event);
    } catch (error) {
      context.log(`${event.name} of ${event.bucket} did not reach ${event.destination}: ${(error as Error).message}`);
      if (event.failures + 1 >= failuresMax) sent.push(event);
      else again.push({ ...event, failures: event.failures + 1, at: context.now + delayAfter(event.failures) });
    }
  }
  await context.store.write(async (tx) => {
    for (const { bucket, sequencer, destination } of sent) await pendingEvents.delete(tx, bucket, sequencer, destination);
    for (const event of again) await pendingEvents.put(tx, event);
  });
}

function delayAfter(failures: number): number {
  return Math.min(firstDelayMilliseconds * 2 ** Math.min(failures, 20), delayMillisecondsMax);
}

/** Sends a message to a queue or topic, for a bucket. Rejects with what SQS or SNS says. */
export async function sendTo(
  context: Pick<ReconcilerContext, 'awsAs'>,
  bucket: { name: string; account: string },
  destination: string,
  message: string,
  trace?: string,
): Promise<void> {
  const { service, region, account, resource } = parseArn(destination)!;
  const aws = asS3(context, bucket, account, region);
  if (service === 'sns') await aws.sns('Publish', { TopicArn: destination, Message: message, Subject: 'Amazon S3 Notification' });
  else
    await aws.sqs('SendMessage', {
      QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${resource}`,
      MessageBody: message,
      ...(trace !== undefined && { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } } }),
    });
}

function asS3(context: Pick<ReconcilerContext, 'awsAs'>, bucket: { name: string; account: string }, account: string, region: string): Aws {
  const principal: ServicePrincipal = {
    ...{ type: 'Service', account: bucket.account, arn: '', id: serviceName, name: serviceName },
    ...{ sourceArn: bucketArn(bucket.name), sourceAccount: bucket.account },
  };
  return context.awsAs(principal, { account, region });
}
