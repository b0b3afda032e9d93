/**
 * What lies in an encrypted queue: under the cloud's own key (SSE-SQS, the default), or under a data key that KMS has sealed with the
 * customer's: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
 */

import type { KeyObject } from 'node:crypto';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import { askKms, makeDataKey, openDataKey, type DataKeyUse, type SealedDataKey } from '../../../framework/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { fromKms } from '../errors.ts';
import { kmsReuseSecondsDefault } from '../limits.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { dataKeys, messageKeys, type DataKey, type Message, type Queue } from '../tables.ts';
import { queueArn } from './queue.ts';

/** The key under which messages are encrypted, and what they say of it. */
export type Seal = { by: string; key: KeyObject };

/** Names the cloud's own key. */
export const ownKey = '';
const service = 'sqs';

const useOf = (queue: Queue, keyId: string, arn = queueArn(queue)): DataKeyUse => ({
  keyId,
  owner: queue,
  context: { 'aws:sqs:arn': arn },
  reuseMilliseconds: (queue.kmsReuseSeconds ?? kmsReuseSecondsDefault) * 1000,
});

const asking = <T>(call: Promise<T>): Promise<T> => askKms(call, fromKms);

/**
 * What is sent into a queue is encrypted under this; undefined where the queue has no encryption. Who sends into one with a KMS key needs
 * that key to make data keys with, and to open them. Throws what KMS refuses, as SQS words it.
 */
export async function sealFor(request: ServiceRequest, queue: Queue): Promise<Seal | undefined> {
  if (queue.kmsKey === undefined) return queue.managedSse ? { by: ownKey, key: await cloudKey(request, service) } : undefined;
  const use = useOf(queue, queue.kmsKey);
  const { sealed: made } = await asking(makeDataKey(request, use));
  const { by, sealed } = await currentKey(request, queue, made);
  return { by, key: await asking(openDataKey(request, use, sealed)) };
}

/** One data key serves all senders for as long as the queue keeps its KMS key. */
async function currentKey(request: ServiceRequest, queue: Queue, made: SealedDataKey): Promise<{ by: string; sealed: SealedDataKey }> {
  const present = await request.store.read((tx) => dataKeys.get(tx, queue.id));
  if (present?.id !== undefined && present.keyArn === made.keyArn) return { by: present.id, sealed: present };
  const id = request.random.uuid();
  return request.store.write(async (tx) => {
    const other = await dataKeys.get(tx, queue.id);
    if (other?.id !== undefined && other.keyArn === made.keyArn) return { by: other.id, sealed: other };
    if (other) await retireKey(tx, other, request.now);
    await dataKeys.put(tx, { queue: queue.id, id, ...made });
    await messageKeys.put(tx, { id, queueArn: queueArn(queue), ...made });
    return { by: id, sealed: made };
  });
}

/** Inside the transaction that takes a data key from its queue: messages may lie under it for another retention. */
export async function retireKey(tx: WriteTransaction, { id }: DataKey, now: number): Promise<void> {
  const row = id === undefined ? undefined : await messageKeys.get(tx, id);
  if (row && row.retired === undefined) await messageKeys.put(tx, { ...row, retired: now });
}

/** Who receives from such a queue needs its key to open data keys, once there are messages. Throws what KMS refuses, as SQS words it. */
export async function requireOpening(request: ServiceRequest, queue: Queue): Promise<void> {
  if (queue.kmsKey === undefined) return;
  const sealed = await request.store.read((tx) => dataKeys.get(tx, queue.id));
  if (sealed) await asking(openDataKey(request, useOf(queue, queue.kmsKey), sealed));
}

/** The keys of messages that are given out, by name. Dead letters may be under the key of the queue that they came from. */
export async function keysOf(request: ServiceRequest, queue: Queue, messages: readonly Message[]): Promise<ReadonlyMap<string, KeyObject>> {
  const keys = new Map<string, KeyObject>();
  for (const by of new Set(messages.map(({ sealedBy }) => sealedBy))) {
    if (by === undefined) continue;
    keys.set(by, by === ownKey ? await cloudKey(request, service) : await messageKey(request, queue, by));
  }
  return keys;
}

async function messageKey(request: ServiceRequest, queue: Queue, by: string): Promise<KeyObject> {
  const row = await request.store.read((tx) => messageKeys.get(tx, by));
  if (!row) throw new Error(`a message of ${queueArn(queue)} lies under data key ${by}, which is gone`);
  return asking(openDataKey(request, useOf(queue, row.keyArn, row.queueArn), row));
}
