/** What each operation of SQS asks to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html */

import type { ServiceDefinition } from '../../framework/service.ts';
import { onCancelMoveTask, onListMoveTasks, onStartMoveTask } from './message-move-tasks/permissions.ts';
import { onQueue } from './queues/lookup.ts';
import { onCreateQueue, onGetQueueUrl } from './queues/operations.ts';
import { onTagQueue, onUntagQueue } from './queues/settings.ts';
import type { Sqs } from './sdk.ts';

export const authorize: ServiceDefinition<Sqs>['authorize'] = {
  AddPermission: onQueue('sqs:AddPermission'),
  CancelMessageMoveTask: onCancelMoveTask,
  ChangeMessageVisibility: onQueue('sqs:ChangeMessageVisibility'),
  ChangeMessageVisibilityBatch: onQueue('sqs:ChangeMessageVisibility'),
  CreateQueue: onCreateQueue,
  DeleteMessage: onQueue('sqs:DeleteMessage'),
  DeleteMessageBatch: onQueue('sqs:DeleteMessage'),
  DeleteQueue: onQueue('sqs:DeleteQueue'),
  GetQueueAttributes: onQueue('sqs:GetQueueAttributes'),
  GetQueueUrl: onGetQueueUrl,
  ListDeadLetterSourceQueues: onQueue('sqs:ListDeadLetterSourceQueues'),
  ListMessageMoveTasks: onListMoveTasks,
  ListQueues: () => [{ action: 'sqs:ListQueues', resource: '*' }],
  ListQueueTags: onQueue('sqs:ListQueueTags'),
  PurgeQueue: onQueue('sqs:PurgeQueue'),
  ReceiveMessage: onQueue('sqs:ReceiveMessage'),
  RemovePermission: onQueue('sqs:RemovePermission'),
  SendMessage: onQueue('sqs:SendMessage'),
  SendMessageBatch: onQueue('sqs:SendMessage'),
  SetQueueAttributes: onQueue('sqs:SetQueueAttributes'),
  StartMessageMoveTask: onStartMoveTask,
  TagQueue: onTagQueue,
  UntagQueue: onUntagQueue,
};
