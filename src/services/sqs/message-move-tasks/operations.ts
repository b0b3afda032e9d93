/** Message move tasks: start, list, cancel. The mover does the work. */

import { invalidParameter, invalidValue, resourceNotFound } from '../errors.ts';
import { listedMoveTasksMax, movedMessagesPerSecondMax } from '../limits.ts';
import { countAll } from '../messages/counting.ts';
import { findQueue } from '../queues/lookup.ts';
import { queueOfArn } from '../queues/queue.ts';
import type { Operation } from '../sdk.ts';
import { moveTasks, queues, type MoveTask } from '../tables.ts';
import { requireQueueOfArn } from './permissions.ts';
import { readTaskHandle, taskEntry, taskHandle } from './task.ts';

export const StartMessageMoveTask: Operation<'StartMessageMoveTask'> = async (request, input) => {
  const { SourceArn: sourceArn, DestinationArn: destination, MaxNumberOfMessagesPerSecond: perSecond } = input;
  if (perSecond !== undefined && !(Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= movedMessagesPerSecondMax))
    throw invalidValue(perSecond, 'MaxNumberOfMessagesPerSecond', `Must be between 1 and ${movedMessagesPerSecondMax}, if provided.`);
  const { queue: source } = await requireQueueOfArn(request, sourceArn, 'SourceArn');
  if (destination === sourceArn) throw invalidParameter("Source queue arn and destination queue arn can't be the same.");
  const { account, region, name } = source;
  const id = request.random.uuid();
  const task = await request.store.write(async (tx): Promise<MoveTask> => {
    if ((await queues.scanIndex(tx, 'deadLetters', [sourceArn], { limit: 1 })).length === 0)
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    if (destination !== undefined && (await findQueue(tx, queueOfArn(destination)!))?.fifo !== source.fifo)
      throw invalidParameter('Source queue and destination queue must be of the same type.');
    const earlier = await moveTasks.scan(tx, [account, region, name], { limit: listedMoveTasksMax + 1 });
    if (earlier.some(({ row }) => row.status === 'RUNNING'))
      throw invalidParameter('There is already a task running. Only one active task is allowed for a source queue arn at a given time.');
    for (const { row } of earlier.slice(listedMoveTasksMax - 1)) await moveTasks.delete(tx, account, region, name, -row.started, row.id);
    const started: MoveTask = {
      ...{ account, region, source: name, id, sourceArn, started: request.now, status: 'RUNNING', moved: 0, nextAt: request.now },
      toMove: await countAll(tx, source.pile),
      ...(destination !== undefined && { destination }),
      ...(perSecond !== undefined && { perSecond }),
    };
    await moveTasks.put(tx, started);
    return started;
  });
  return { TaskHandle: taskHandle(task) };
};

export const ListMessageMoveTasks: Operation<'ListMessageMoveTasks'> = async (request, input) => {
  const limit = input.MaxResults ?? 1;
  if (limit < 1 || limit > listedMoveTasksMax)
    throw invalidValue(limit, 'MaxResults', `Must be between 1 and ${listedMoveTasksMax}, if provided.`);
  const { queue } = await requireQueueOfArn(request, input.SourceArn, 'SourceArn');
  const page = await request.store.read((tx) => moveTasks.scan(tx, [queue.account, queue.region, queue.name], { limit }));
  return { Results: page.map(({ row }) => taskEntry(row)) };
};

export const CancelMessageMoveTask: Operation<'CancelMessageMoveTask'> = async (request, input) => {
  const { id, sourceArn } = readTaskHandle(input.TaskHandle);
  const { account, region, name } = queueOfArn(sourceArn)!;
  const moved = await request.store.write(async (tx) => {
    const tasks = await moveTasks.scan(tx, [account, region, name], { limit: listedMoveTasksMax + 1 });
    const task = tasks.find(({ row }) => row.id === id)?.row;
    if (task?.status !== 'RUNNING') throw resourceNotFound('Task does not exist.');
    await moveTasks.put(tx, { ...task, status: 'CANCELLED' });
    return task.moved;
  });
  return { ApproximateNumberOfMessagesMoved: moved };
};
