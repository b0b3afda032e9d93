/** Queues with a KMS key: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */

import { AwsError } from '../../../framework/aws-error.ts';
import { makeDataKey, openDataKey, type DataKeyUse } from '../../../framework/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { fromKms } from '../errors.ts';
import { kmsReuseSecondsDefault } from '../limits.ts';
import { dataKeys, type Queue } from '../tables.ts';
import { queueArn } from './queue.ts';

const useOf = (queue: Queue): DataKeyUse => ({
  keyId: queue.kmsKey!,
  owner: queue,
  context: { 'aws:sqs:arn': queueArn(queue) },
  reuseMilliseconds: (queue.kmsReuseSeconds ?? kmsReuseSecondsDefault) * 1000,
});

async function asking<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof AwsError ? fromKms(error) : error;
  }
}

/** Who sends into such a queue needs its key to make data keys with, and to open them. Throws what KMS refuses, as SQS words it. */
export async function requireSealing(request: ServiceRequest, queue: Queue): Promise<void> {
  if (queue.kmsKey === undefined) return;
  const use = useOf(queue);
  const made = await asking(makeDataKey(request, use));
  await asking(openDataKey(request, use, made));
  const present = await request.store.read((tx) => dataKeys.get(tx, queue.id));
  if (present?.keyArn !== made.keyArn) await request.store.write((tx) => dataKeys.put(tx, { queue: queue.id, ...made }));
}

/** Who receives from such a queue needs its key to open data keys, once there are messages. Throws what KMS refuses, as SQS words it. */
export async function requireOpening(request: ServiceRequest, queue: Queue): Promise<void> {
  if (queue.kmsKey === undefined) return;
  const sealed = await request.store.read((tx) => dataKeys.get(tx, queue.id));
  if (sealed) await asking(openDataKey(request, useOf(queue), sealed));
}
