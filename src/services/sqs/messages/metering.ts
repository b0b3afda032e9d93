/** What a bill counts: requests in steps of 64 KiB, apart for FIFO queues. https://aws.amazon.com/sqs/pricing/ */

import type { ServiceRequest } from '../../../framework/request.ts';
import { queueArn } from '../queues/queue.ts';
import type { Queue } from '../tables.ts';

const billedBytes = 64 * 1024;

/** Notes one call that carried so many bytes of messages; the queue's owner pays. */
export function meter(request: ServiceRequest, queue: Queue, bytes = 0): void {
  request.use({
    usageType: queue.fifo ? 'Requests-FIFO-RBP' : 'Requests-RBP',
    quantity: Math.max(1, Math.ceil(bytes / billedBytes)),
    unit: 'Requests',
    resource: queueArn(queue),
    account: queue.account,
  });
}
