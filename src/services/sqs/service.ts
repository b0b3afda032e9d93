/** SQS: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { authorize } from './authorize.ts';
import { DeleteMessage, DeleteMessageBatch } from './messages/delete.ts';
import { ReceiveMessage } from './messages/receive.ts';
import { SendMessage, SendMessageBatch } from './messages/send.ts';
import { sweeper } from './messages/sweeper.ts';
import { ChangeMessageVisibility, ChangeMessageVisibilityBatch } from './messages/visibility.ts';
import { CreateQueue, DeleteQueue, GetQueueUrl, ListQueues, PurgeQueue } from './queues/operations.ts';
import { GetQueueAttributes, ListQueueTags, SetQueueAttributes, TagQueue, UntagQueue } from './queues/settings.ts';
import type { Sqs } from './sdk.ts';
import { tables } from './tables.ts';

export const service = defineService<Sqs>({
  name: 'sqs',
  tables,
  operations: {
    ...{ CreateQueue, DeleteQueue, GetQueueUrl, ListQueues, PurgeQueue },
    ...{ GetQueueAttributes, SetQueueAttributes, ListQueueTags, TagQueue, UntagQueue },
    ...{ SendMessage, SendMessageBatch, ReceiveMessage, DeleteMessage, DeleteMessageBatch },
    ...{ ChangeMessageVisibility, ChangeMessageVisibilityBatch },
  },
  authorize,
  reconcilers: [sweeper],
  dataEvents: [
    ...(['SendMessage', 'SendMessageBatch', 'ReceiveMessage', 'DeleteMessage', 'DeleteMessageBatch'] as const),
    ...(['ChangeMessageVisibility', 'ChangeMessageVisibilityBatch'] as const),
  ],
});
