/** A message move task: its handle, and its look on the wire. */

import type { ListMessageMoveTasksResultEntry } from '@aws-sdk/client-sqs';
import { invalidParameter } from '../errors.ts';
import type { MoveTask } from '../tables.ts';

export const taskHandle = ({ id, sourceArn }: MoveTask): string =>
  Buffer.from(JSON.stringify({ taskId: id, sourceArn })).toString('base64');

/** Throws InvalidParameterValue for what is no handle. */
export function readTaskHandle(handle: string): { id: string; sourceArn: string } {
  const match = /^\{"taskId":"([\w-]{1,64})","sourceArn":"(arn:[\w:.-]{1,200})"\}$/.exec(Buffer.from(handle, 'base64').toString());
  if (!match) throw invalidParameter('Value for parameter TaskHandle is invalid.');
  return { id: match[1]!, sourceArn: match[2]! };
}

/** Only a task that runs can be cancelled, and only it shows its handle. */
export function taskEntry(task: MoveTask): ListMessageMoveTasksResultEntry {
  return {
    ...(task.status === 'RUNNING' && { TaskHandle: taskHandle(task) }),
    Status: task.status,
    SourceArn: task.sourceArn,
    ...(task.destination !== undefined && { DestinationArn: task.destination }),
    ...(task.perSecond !== undefined && { MaxNumberOfMessagesPerSecond: task.perSecond }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failure !== undefined && { FailureReason: task.failure }),
    StartedTimestamp: Math.floor(task.started),
  };
}
