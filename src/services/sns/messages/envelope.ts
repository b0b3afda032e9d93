/** A message as subscribers get it unless they want it raw: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */

import type { Random } from '../../../framework/random.ts';
import type { Store } from '../../../store/store.ts';
import { subscriptionArn } from '../subscriptions/subscription.ts';
import type { Delivery, Publication, Subscription, Topic } from '../tables.ts';
import { topicArn } from '../topics/topic.ts';
import { textFor, type Contents } from './contents.ts';
import { signatureOf, signerOf, stringToSign } from './signing.ts';

export const certificatePath = (fingerprint: string): string => `/_aws/sns/SimpleNotificationService-${fingerprint}.pem`;
const VERSION = 'Version=2010-03-31';

type Means = { store: Store; random: Random; now: number };
type Item = Omit<Publication, 'order'>;

/** Writes the envelopes of one message; what they share, the signature above all, is made once. */
export type EnvelopeWriter = (subscription: Subscription, kind?: Delivery['kind'], replayed?: boolean) => Promise<string>;

export function envelopeWriter(means: Means, topic: Pick<Topic, 'attributes' | 'fifo'>, item: Item, contents: Contents): EnvelopeWriter {
  const version = topic.attributes.find(([name]) => name === 'SignatureVersion')?.[1] === '2' ? '2' : '1';
  const signed = new Map<string, Promise<Record<string, string>>>();
  const seal = (members: Record<string, unknown>): Promise<Record<string, string>> => {
    const text = stringToSign(members);
    let signature = signed.get(text);
    if (!signature) signed.set(text, (signature = sign(means, version, item.base, text)));
    return signature;
  };
  return async (subscription, kind = 'Notification', replayed = false) => {
    const members = membersOf(item, contents, subscription, kind);
    const isNotification = kind === 'Notification';
    const signature = topic.fifo ? {} : await seal(members);
    const unsubscribe = `${item.base}/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn(subscription)}&${VERSION}`;
    return spaced({
      ...members,
      ...signature,
      ...(isNotification && { UnsubscribeURL: unsubscribe }),
      ...(replayed && { Replayed: 'true' }),
      ...(isNotification && contents.attributes && { MessageAttributes: attributesOf(contents) }),
    });
  };
}

async function sign(means: Means, version: '1' | '2', base: string, text: string): Promise<Record<string, string>> {
  const signer = await signerOf(means);
  return {
    SignatureVersion: version,
    Signature: await signatureOf(signer, version, text),
    SigningCertURL: `${base}${certificatePath(signer.fingerprint)}`,
  };
}

function membersOf(item: Item, contents: Contents, { protocol }: Subscription, kind: Delivery['kind']): Record<string, string> {
  const arn = topicArn(item.topicName);
  const { token } = contents;
  return {
    Type: kind,
    MessageId: item.id,
    ...(item.sequence !== undefined && { SequenceNumber: item.sequence }),
    ...(token !== undefined && { Token: token }),
    TopicArn: arn,
    ...(contents.subject !== undefined && { Subject: contents.subject }),
    Message: textFor(contents, protocol),
    ...(token !== undefined && { SubscribeURL: `${item.base}/?Action=ConfirmSubscription&TopicArn=${arn}&Token=${token}&${VERSION}` }),
    Timestamp: new Date(item.at).toISOString(),
  };
}

function attributesOf({ attributes = [] }: Contents): Record<string, { Type: string; Value: string }> {
  return Object.fromEntries(attributes.map(([name, { type, value }]) => [name, { Type: type, Value: value }]));
}

/** JSON in the lines and spaces of AWS, which some receivers compare. */
function spaced(members: Record<string, unknown>): string {
  const lines = Object.entries(members).map(([name, value]) => {
    const text = typeof value === 'string' ? JSON.stringify(value) : nested(value as Record<string, { Type: string; Value: string }>);
    return `  ${JSON.stringify(name)} : ${text}`;
  });
  return `{\n${lines.join(',\n')}\n}`;
}

function nested(attributes: Record<string, { Type: string; Value: string }>): string {
  const lines = Object.entries(attributes).map(
    ([name, { Type, Value }]) => `    ${JSON.stringify(name)} : {"Type":${JSON.stringify(Type)},"Value":${JSON.stringify(Value)}}`,
  );
  return `{\n${lines.join(',\n')}\n  }`;
}
