/** Messages a second of FIFO topics: https://docs.aws.amazon.com/general/latest/gr/sns.html#limits_sns */

import { admitCalls, isHeldToQuotas, type Rate } from '../../../framework/call-rate.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { throttled } from '../errors.ts';
import { fifoGroupMessagesPerSecond, fifoMessagesPerSecond } from '../limits.ts';
import type { Topic } from '../tables.ts';

/** With FifoThroughputScope MessageGroup neither is counted. Throws Throttled, of topics that ask for it. */
export function requireRate(request: ServiceRequest, topic: Topic, groups: readonly (string | undefined)[]): void {
  if (!topic.fifo || !isHeldToQuotas(topic.tags)) return;
  if (topic.attributes.some(([name, value]) => name === 'FifoThroughputScope' && value === 'MessageGroup')) return;
  const rates: Rate[] = [{ name: `sns ${topic.id}`, amount: groups.length, perSecond: fifoMessagesPerSecond }];
  for (const [group, own] of Map.groupBy(groups, (name) => name))
    rates.push({ name: `sns ${topic.id} ${group}`, amount: own.length, perSecond: fifoGroupMessagesPerSecond });
  if (!admitCalls(request.store, rates, request.clock.now())) throw throttled();
}
