/** What moving messages needs: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { resourceNotFound } from '../errors.ts';
import { checkOn, find, type Found } from '../queues/lookup.ts';
import { queueOfArn } from '../queues/queue.ts';
import type { Input } from '../sdk.ts';
import { readTaskHandle } from './task.ts';

/** The queue of an ARN of this account and region, or ResourceNotFoundException naming the parameter. */
export async function requireQueueOfArn(request: ServiceRequest, arn: string, parameter: string): Promise<Found> {
  const name = queueOfArn(arn);
  const found = name && name.region === request.region ? await find(request, name) : undefined;
  if (!found || found.queue.account !== request.account)
    throw resourceNotFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`);
  return found;
}

export async function onStartMoveTask(request: ServiceRequest, input: Input<'StartMessageMoveTask'>): Promise<Check[]> {
  const source = await requireQueueOfArn(request, input.SourceArn, 'SourceArn');
  const onSource = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
  const checks = onSource.map((action) => checkOn(source, `sqs:${action}`));
  if (input.DestinationArn !== undefined)
    checks.push(checkOn(await requireQueueOfArn(request, input.DestinationArn, 'DestinationArn'), 'sqs:SendMessage'));
  return checks;
}

export async function onListMoveTasks(request: ServiceRequest, input: Input<'ListMessageMoveTasks'>): Promise<Check[]> {
  return [checkOn(await requireQueueOfArn(request, input.SourceArn, 'SourceArn'), 'sqs:ListMessageMoveTasks')];
}

export async function onCancelMoveTask(request: ServiceRequest, input: Input<'CancelMessageMoveTask'>): Promise<Check[]> {
  const { sourceArn } = readTaskHandle(input.TaskHandle);
  return [checkOn(await requireQueueOfArn(request, sourceArn, 'SourceArn'), 'sqs:CancelMessageMoveTask')];
}
