/** What a replay policy changes in a subscription, and whether the fan-out is to pass it by. */

import type { WriteTransaction } from '../../../store/store.ts';
import { invalidParameter } from '../errors.ts';
import { replays, sequences, type Subscription, type Topic } from '../tables.ts';
import { archiveMilliseconds, readReplayPolicy } from './policy.ts';

/** Throws InvalidParameter. @returns the policy as it is kept. */
export function checkReplayPolicy(topic: Topic, text: string): string | undefined {
  if (!readReplayPolicy(text)) return undefined;
  if (!topic.fifo) throw invalidParameter('ReplayPolicy: only subscriptions of FIFO topics can have a replay policy');
  return text;
}

const policyOf = (subscription: Subscription | undefined): string | undefined =>
  subscription?.attributes.find(([name]) => name === 'ReplayPolicy')?.[1];

/** The subscription with the replay that its policy asks for, from its beginning. The caller stores it. Throws InvalidParameter without an archive. */
export async function withReplay(tx: WriteTransaction, topic: Topic, subscription: Subscription, id: string): Promise<Subscription> {
  const { replay: _before, ...rest } = subscription;
  const policy = policyOf(subscription);
  const window = policy === undefined ? undefined : readReplayPolicy(policy);
  if (!window) {
    await replays.delete(tx, topic.id, subscription.id);
    return rest;
  }
  if (archiveMilliseconds(topic) === undefined) throw invalidParameter('ReplayPolicy: the topic must have an active ArchivePolicy');
  const start = (await sequences.get(tx, topic.id))?.last ?? '';
  const { account, region, name } = topic;
  await replays.put(tx, { topic: topic.id, subscription: subscription.id, topicName: { account, region, name }, id, start, ...window });
  return { ...rest, replay: { id, start, bounded: window.until !== undefined, status: 'Pending' } };
}

/** True when the fan-out leaves a message to the replay, or to nobody: after a replay with an end nothing new comes. */
export function isHeldBack({ replay }: Subscription, order: string): boolean {
  if (!replay || order <= replay.start) return false;
  return replay.bounded || replay.status === 'Pending' || replay.status === 'In progress';
}
