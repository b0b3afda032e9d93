/** The outbox: messages on their way to web addresses, letterboxes and, when a queue was out of reach, queues; tried again by the clock. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { letterCharactersMax, type Letter } from '../../../framework/mailbox.ts';
import { outgoing, protectionOf } from '../data-protection/protection.ts';
import { loadContents, textFor, type Contents } from '../messages/contents.ts';
import { envelopeWriter } from '../messages/envelope.ts';
import { pushLetter } from '../platform-applications/operations.ts';
import { endpointKey, endpointOfArn } from '../platform-applications/platform.ts';
import { noteDelivery } from '../reports/delivery-status.ts';
import { partDollars, sendText } from '../sms/sending.ts';
import { subscriptionArn } from '../subscriptions/subscription.ts';
import { deliveries, platformEndpoints, subscriptions, topics, type Delivery, type Topic } from '../tables.ts';
import { topicArn } from '../topics/topic.ts';
import { httpSettings, retryDelay, type RetryPolicy } from './delivery-policy.ts';
import { isFinal, toDeadLetters } from './fan-out.ts';
import { archivedEnvelope, sendToDeliveryStream } from './firehose.ts';
import { sendLetter } from './letters.ts';
import { rawBody, sendToQueue } from './sqs.ts';
import { targetOf, type Target } from './targets.ts';

const inFlightMax = 64;
const answerMilliseconds = 15_000;

/** For endpoints that AWS runs itself: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html */
const ownEndpoints: RetryPolicy = {
  ...{ minDelayTarget: 1, maxDelayTarget: 20, numRetries: 100_015, numMaxDelayRetries: 100_000 },
  ...{ numNoDelayRetries: 3, numMinDelayRetries: 2, backoffFunction: 'exponential' },
};

export const outbox: Reconciler = {
  name: 'sns/deliveries',
  watches: [deliveries],
  run: async (context) => {
    for (;;) {
      context.signal.throwIfAborted();
      const page = await context.store.read((tx) => deliveries.scanIndex(tx, 'at', [], { limit: inFlightMax }));
      const due = page.filter(({ row }) => row.at <= context.now);
      if (due.length === 0) return page[0] ? { nextAt: page[0].row.at } : {};
      await Promise.all(due.map(({ row }) => attempt(context, row)));
    }
  },
};

type Parcel = { delivery: Delivery; topic: Topic; target: Target; contents: Contents; body: string };

/** One attempt: afterwards the delivery is gone or waits for its next. */
async function attempt(context: ReconcilerContext, delivery: Delivery): Promise<void> {
  const { account, region, name } = delivery.publication.topicName;
  const { topic, subscription } = await context.store.read(async (tx) => ({
    topic: await topics.get(tx, account, region, name),
    subscription: await subscriptions.get(tx, delivery.topic, delivery.subscription),
  }));
  if (topic?.id !== delivery.topic || !subscription) return crossOut(context, delivery);
  const target = targetOf(subscription);
  const stored = await loadContents(context, delivery.publication.contents);
  const protection = delivery.kind === 'Notification' ? await protectionOf(context.store, topic) : undefined;
  const contents = protection ? outgoing(protection, subscription, stored) : stored;
  if (!contents) return crossOut(context, delivery);
  const raw = target.raw && delivery.kind === 'Notification';
  const write = envelopeWriter({ ...context, now: context.now }, topic, delivery.publication, contents);
  const body = raw ? rawBody(contents, subscription) : await write(subscription, delivery.kind);
  const parcel: Parcel = { delivery, topic, target, contents, body };
  if (delivery.lost) return again(context, parcel, undefined, false, { response: 'it was refused for good' });
  if (subscription.protocol !== 'sqs' && subscription.protocol !== 'sms') meterAttempt(context, topic, subscription.protocol);
  if (subscription.protocol === 'http' || subscription.protocol === 'https') return byWeb(context, parcel, raw);
  if (subscription.protocol === 'sqs') return byQueue(context, parcel, raw);
  if (subscription.protocol === 'application') return byPush(context, parcel);
  if (subscription.protocol === 'firehose') return byDeliveryStream(context, parcel, raw);
  if (subscription.protocol === 'sms') return byText(context, parcel);
  await crossOut(context, delivery, letterOf(context, parcel), senderOf(topic), target.deadLetters !== undefined);
}

async function byText(context: ReconcilerContext, parcel: Parcel): Promise<void> {
  const { delivery, topic, contents } = parcel;
  const text = { letter: letterOf(context, parcel), sender: senderOf(topic), contents, at: delivery.publication.at };
  const parts = await context.store.write(async (tx) => {
    if (!(await removed(tx, context, delivery))) return 0;
    return sendText(tx, context, text);
  });
  if (parts > 0) meterTexts(context, topic, text.letter.to, parts);
}

async function byWeb(context: ReconcilerContext, parcel: Parcel, raw: boolean): Promise<void> {
  const { delivery, topic, target, body } = parcel;
  const { subscription } = target;
  const attribute = (list: [string, string][], name: string): string | undefined => list.find(([each]) => each === name)?.[1];
  const settings = httpSettings(attribute(topic.attributes, 'DeliveryPolicy'), attribute(subscription.attributes, 'DeliveryPolicy'));
  const headers = {
    'content-type': settings.contentType,
    'user-agent': 'Amazon Simple Notification Service Agent',
    'x-amz-sns-message-type': delivery.kind,
    'x-amz-sns-message-id': delivery.publication.id,
    'x-amz-sns-topic-arn': topicArn(topic),
    ...(delivery.kind === 'Notification' && { 'x-amz-sns-subscription-arn': subscriptionArn(subscription) }),
    ...(raw && { 'x-amz-sns-rawdelivery': 'true' }),
  };
  let permanent: boolean;
  let reason: string;
  let statusCode: number | undefined;
  try {
    const { status } = await context.host.post(subscription.endpoint, { headers, body }, { milliseconds: answerMilliseconds });
    if (status >= 200 && status < 300) return await done(context, parcel, status);
    statusCode = status;
    permanent = status >= 400 && status < 500 && status !== 429;
    reason = `it answered ${status}`;
  } catch (error) {
    permanent = false;
    reason = error instanceof Error ? error.message : String(error);
  }
  context.log(`${delivery.publication.id} did not reach ${subscription.endpoint}: ${reason}`);
  await again(context, parcel, permanent ? undefined : retryDelay(settings.retries, delivery.failures + 1), raw, {
    response: reason,
    ...(statusCode !== undefined && { statusCode }),
  });
}

async function byQueue(context: ReconcilerContext, parcel: Parcel, raw: boolean): Promise<void> {
  const { delivery, topic, target, contents, body } = parcel;
  try {
    await sendToQueue(context, topic, target.subscription.endpoint, { body, contents, raw });
    await done(context, parcel, 200);
  } catch (error) {
    context.log(`${delivery.publication.id} did not reach ${target.subscription.endpoint}: ${(error as Error).message}`);
    await again(context, parcel, isFinal(error) ? undefined : retryDelay(ownEndpoints, delivery.failures + 1), raw, {
      response: (error as Error).message,
    });
  }
}

async function byDeliveryStream(context: ReconcilerContext, parcel: Parcel, raw: boolean): Promise<void> {
  const { delivery, topic, target, body } = parcel;
  try {
    await sendToDeliveryStream(context, topic, target.subscription, raw ? body : archivedEnvelope(body));
    await done(context, parcel, 200);
  } catch (error) {
    context.log(`${delivery.publication.id} did not reach ${target.subscription.endpoint}: ${(error as Error).message}`);
    await again(context, parcel, isFinal(error) ? undefined : retryDelay(ownEndpoints, delivery.failures + 1), raw, {
      response: (error as Error).message,
    });
  }
}

/** An endpoint that is gone or disabled takes nothing. */
async function byPush(context: ReconcilerContext, parcel: Parcel): Promise<void> {
  const { delivery, topic, target, contents } = parcel;
  const name = endpointOfArn(target.subscription.endpoint);
  const row = name && (await context.store.read((tx) => platformEndpoints.get(tx, ...endpointKey(name))));
  await crossOut(context, delivery, row?.enabled ? pushLetter(row, contents, { id: delivery.id, at: context.now }) : undefined);
  const outcome = row?.enabled
    ? { ok: true, statusCode: 200, response: '' }
    : { ok: false, statusCode: 400, response: 'Endpoint is disabled' };
  await noteDelivery(context, topic, target.subscription, { ...outcomeOf(parcel), ...outcome });
}

/** Waits for its next attempt; without one it goes to the dead-letter queue, or is given up. */
async function again(
  context: ReconcilerContext,
  parcel: Parcel,
  delay: number | undefined,
  raw: boolean,
  why: { response: string; statusCode?: number },
): Promise<void> {
  const { delivery, topic, target, contents, body } = parcel;
  if (delay === undefined) {
    if (delivery.kind === 'Notification')
      await noteDelivery(context, topic, target.subscription, { ...outcomeOf(parcel), ok: false, ...why });
    if (target.deadLetters !== undefined && delivery.kind === 'Notification')
      await toDeadLetters(context, delivery.publication, target.deadLetters, { body, contents, raw });
    return crossOut(context, delivery);
  }
  const next = { ...delivery, failures: delivery.failures + 1, at: context.now + delay };
  await context.store.write((tx) => deliveries.put(tx, next));
}

const outcomeOf = ({ delivery, contents }: Parcel) => ({
  ...{ id: delivery.publication.id, at: delivery.publication.at, message: contents.message, attempts: delivery.failures + 1 },
});

/** It has arrived. */
async function done(context: ReconcilerContext, parcel: Parcel, statusCode: number): Promise<void> {
  const { delivery, topic, target } = parcel;
  await crossOut(context, delivery);
  if (delivery.kind === 'Notification')
    await noteDelivery(context, topic, target.subscription, { ...outcomeOf(parcel), ok: true, statusCode, response: '' });
}

/** Every attempt but those into queues is on the bill. */
function meterAttempt({ meter, now }: ReconcilerContext, topic: Topic, protocol: string): void {
  const usageType = `DeliveryAttempts-${protocol.startsWith('http') ? 'HTTP' : protocol.startsWith('email') ? 'SMTP' : protocol.toUpperCase()}`;
  const where = { account: topic.account, region: topic.region, service: 'sns', operation: 'Publish', at: now };
  meter.record({ usageType, quantity: 1, unit: 'Count', resource: topicArn(topic), ...where });
}

/** Text messages cost by their parts and the country of the number. */
function meterTexts({ meter, now }: ReconcilerContext, topic: Topic, phone: string, quantity: number): void {
  const where = { account: topic.account, region: topic.region, service: 'sns', operation: 'Publish', at: now };
  meter.record({ usageType: 'SMS-Messages', quantity, unit: 'Count', rate: partDollars(phone), resource: topicArn(topic), ...where });
}

/** A letter that may come back takes its delivery along. */
async function crossOut(context: ReconcilerContext, delivery: Delivery, letter?: Letter, sender = '', mayComeBack = false): Promise<void> {
  await context.store.write(async (tx) => {
    const comesBack = mayComeBack && delivery.kind === 'Notification' && context.host.messengers.email !== undefined;
    if (!(await removed(tx, context, delivery, comesBack))) return;
    if (letter) await sendLetter(tx, context.host, letter, sender, comesBack ? delivery : undefined);
  });
}

/** Takes a delivery off the list; false when it was not there. */
async function removed(tx: WriteTransaction, { blobs }: ReconcilerContext, delivery: Delivery, keepContents = false): Promise<boolean> {
  if (!(await deliveries.get(tx, delivery.id))) return false;
  await deliveries.delete(tx, delivery.id);
  if (!keepContents && 'blob' in delivery.publication.contents) await blobs.remove(tx, delivery.publication.contents.blob);
  return true;
}

const senderOf = ({ name, attributes }: Topic): string => attributes.find(([each]) => each === 'DisplayName')?.[1] ?? name;

/** E-mail or SMS as it leaves, or as it lies in the mailbox. */
function letterOf({ now }: ReconcilerContext, { delivery, topic, target, contents, body }: Parcel): Letter {
  const { protocol, endpoint } = target.subscription;
  const asks = delivery.kind === 'SubscriptionConfirmation';
  const text = protocol === 'email-json' || asks ? body : textFor(contents, protocol);
  return {
    ...{ id: delivery.id, at: now, account: topic.account, region: topic.region, service: 'sns' },
    kind: protocol === 'sms' ? 'sms' : 'email',
    to: endpoint,
    subject:
      protocol === 'sms' ? '' : (contents.subject ?? (asks ? 'AWS Notification - Subscription Confirmation' : 'AWS Notification Message')),
    body: (protocol === 'sms' ? `${senderOf(topic)}> ${text}` : text).slice(0, letterCharactersMax),
  };
}
