/** Delivery status logs: https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html */

import { createHash } from 'node:crypto';
import type { Random } from '../../../framework/random.ts';
import type { Store } from '../../../store/store.ts';
import { notes, type Note, type Protocol, type Subscription, type Topic } from '../tables.ts';
import { topicArn } from '../topics/topic.ts';

type Attributes = readonly [name: string, value: string][];

/** What became of a message, after its last attempt. */
export type Outcome = {
  id: string;
  /** When it was published, milliseconds since the epoch. */
  at: number;
  message: string;
  destination: string;
  attempts: number;
  ok: boolean;
  statusCode?: number;
  /** What the destination said, or why it was not asked. */
  response: string;
};

/** Whose settings decide, and what the log group is called after `sns/REGION/ACCOUNT/`. */
export type Subject = { account: string; region: string; name: string; topicArn?: string };
type Means = { store: Store; random: Random; now: number };

/** What attributes of topics begin with, by protocol; e-mail and SMS have none. */
const prefixes: Partial<Record<Protocol, string>> = {
  http: 'HTTP',
  https: 'HTTP',
  sqs: 'SQS',
  firehose: 'Firehose',
  application: 'Application',
  lambda: 'Lambda',
};

/** Names of a topic's attributes that tell of delivery status. */
export const FEEDBACK =
  /^(?:HTTP|Firehose|Lambda|Application|SQS)(SuccessFeedbackRoleArn|FailureFeedbackRoleArn|SuccessFeedbackSampleRate)$/;

export type Feedback = { success?: string | undefined; failure?: string | undefined; ratePercent: number };

/** What is to be told; undefined: nothing. Platform applications name their attributes without a protocol, and so without a prefix. */
export function feedbackBy(attributes: Attributes, prefix: string): Feedback | undefined {
  const of = (name: string): string | undefined => attributes.find(([each]) => each === `${prefix}${name}`)?.[1];
  const [success, failure] = [of('SuccessFeedbackRoleArn'), of('FailureFeedbackRoleArn')];
  if (success === undefined && failure === undefined) return undefined;
  return { success, failure, ratePercent: Number(of('SuccessFeedbackSampleRate') ?? 100) };
}

/** Notes what became of a message for one subscriber of a topic, where somebody wants to know it. */
export async function noteDelivery(
  means: Means,
  topic: Topic,
  { protocol, endpoint }: Pick<Subscription, 'protocol' | 'endpoint'>,
  outcome: Omit<Outcome, 'destination'>,
): Promise<void> {
  const prefix = prefixes[protocol];
  const feedback = prefix === undefined ? undefined : feedbackBy(topic.attributes, prefix);
  if (!feedback) return;
  const note = statusNote(means, { ...topic, topicArn: topicArn(topic) }, feedback, { ...outcome, destination: endpoint });
  if (note) await means.store.write((tx) => notes.put(tx, note));
}

/** The note of an outcome; undefined when nobody asked, or chance passed it by. */
export function statusNote(
  { random, now }: Omit<Means, 'store'>,
  subject: Subject,
  feedback: Feedback,
  outcome: Outcome,
): Note | undefined {
  const role = outcome.ok ? feedback.success : feedback.failure;
  if (role === undefined || (outcome.ok && random.float() * 100 >= feedback.ratePercent)) return undefined;
  const { account, region, name } = subject;
  return {
    ...{ id: random.uuid(), at: now, account, region, topic: name.replaceAll('/', '-'), role },
    destination: { logGroup: `sns/${region}/${account}/${name}${outcome.ok ? '' : '/Failure'}` },
    text: JSON.stringify(record(subject, outcome, now, random.uuid())),
  };
}

function record({ topicArn }: Subject, outcome: Outcome, now: number, deliveryId: string): unknown {
  const { id, at, message, destination, attempts, ok, statusCode, response } = outcome;
  return {
    notification: {
      messageMD5Sum: createHash('md5').update(message).digest('hex'),
      messageId: id,
      ...(topicArn !== undefined && { topicArn }),
      timestamp: new Date(at).toISOString().replace('T', ' ').replace('Z', ''),
    },
    delivery: {
      ...{ deliveryId, destination, providerResponse: response.slice(0, 1_000), dwellTimeMs: now - at, attempts },
      ...(statusCode !== undefined && { statusCode }),
    },
    status: ok ? 'SUCCESS' : 'FAILURE',
  };
}
