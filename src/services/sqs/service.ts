/** SQS: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { authorize } from './authorize.ts';
import { checkBatchForm } from './messages/batch.ts';
import { DeleteMessage, DeleteMessageBatch } from './messages/delete.ts';
import { peekMessages } from './messages/peek.ts';
import { ReceiveMessage } from './messages/receive.ts';
import { SendMessage, SendMessageBatch } from './messages/send.ts';
import { sweeper } from './messages/sweeper.ts';
import { ChangeMessageVisibility, ChangeMessageVisibilityBatch } from './messages/visibility.ts';
import { mover } from './message-move-tasks/mover.ts';
import { CancelMessageMoveTask, ListMessageMoveTasks, StartMessageMoveTask } from './message-move-tasks/operations.ts';
import { ListDeadLetterSourceQueues } from './queues/dead-letters.ts';
import { CreateQueue, DeleteQueue, GetQueueUrl, ListQueues, PurgeQueue } from './queues/operations.ts';
import { AddPermission, RemovePermission } from './queues/permissions.ts';
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
    ...{ AddPermission, RemovePermission, ListDeadLetterSourceQueues },
    ...{ StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask },
  },
  authorize,
  checkInput: checkBatchForm,
  reconcilers: [sweeper, mover],
  ownerPages: { messages: peekMessages },
  dataEvents: [
    ...(['SendMessage', 'SendMessageBatch', 'ReceiveMessage', 'DeleteMessage', 'DeleteMessageBatch'] as const),
    ...(['ChangeMessageVisibility', 'ChangeMessageVisibilityBatch'] as const),
  ],
});
