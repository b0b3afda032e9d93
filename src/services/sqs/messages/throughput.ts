/** Calls a second of FIFO queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */

import { admitCalls, isHeldToQuotas } from '../../../framework/call-rate.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { requestThrottled } from '../errors.ts';
import { fifoCallsPerSecond } from '../limits.ts';
import type { Queue } from '../tables.ts';

export type Action = 'SendMessage' | 'ReceiveMessage' | 'DeleteMessage' | 'ChangeMessageVisibility';

/**
 * A batch is one call of its action. In high-throughput mode each message group has calls of its own for sending, and other calls are as
 * many as the region takes. Throws RequestThrottled, in queues that ask for it.
 */
export function requireRate(request: ServiceRequest, queue: Queue, action: Action, groups: readonly (string | undefined)[] = []): void {
  if (!queue.fifo || !isHeldToQuotas(queue.tags)) return;
  const byGroup = queue.fifoThroughputLimit === 'perMessageGroupId';
  if (byGroup && action !== 'SendMessage') return;
  const names = byGroup ? [...new Set(groups)].map((group) => `sqs ${queue.id} ${action} ${group}`) : [`sqs ${queue.id} ${action}`];
  const rates = names.map((name) => ({ name, amount: 1, perSecond: fifoCallsPerSecond }));
  if (!admitCalls(request.store, rates, request.clock.now())) throw requestThrottled();
}
