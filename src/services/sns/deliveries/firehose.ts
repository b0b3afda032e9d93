/** Delivery into delivery streams, as the role that the subscription names: https://docs.aws.amazon.com/sns/latest/dg/sns-firehose-as-subscriber.html */

import { parseArn } from '../../../framework/arn.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { asServiceRole } from '../../../framework/service-role.ts';
import type { Subscription, TopicName } from '../tables.ts';
import { Undeliverable } from './sqs.ts';

/** The envelope as it is archived: in one line, and unsigned. */
export function archivedEnvelope(envelope: string): string {
  const {
    SignatureVersion: _version,
    Signature: _signature,
    SigningCertURL: _url,
    ...kept
  } = JSON.parse(envelope) as Record<string, unknown>;
  return JSON.stringify(kept);
}

/** Puts one message, a line of its own. Rejects with what Firehose says, or Undeliverable when the role does not trust SNS. */
export async function sendToDeliveryStream(
  context: ReconcilerContext,
  topic: TopicName,
  { endpoint, attributes }: Subscription,
  body: string,
): Promise<void> {
  const { account, region, resource } = parseArn(endpoint)!;
  const roleArn = attributes.find(([name]) => name === 'SubscriptionRoleArn')![1];
  const aws = await asServiceRole(context, { roleArn, service: 'sns.amazonaws.com', account, region, session: `sns-${topic.name}` });
  if (!aws) throw new Undeliverable(`the role ${roleArn} cannot be assumed`);
  const DeliveryStreamName = resource.slice(resource.indexOf('/') + 1);
  await aws.firehose('PutRecord', { DeliveryStreamName, Record: { Data: Buffer.from(`${body}\n`) } });
}
