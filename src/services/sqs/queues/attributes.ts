/** Attributes of queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */

import { MalformedPolicy, parsePolicy } from '../../../framework/policy/parse.ts';
import { attributeName, attributeValue, invalidValue, unknownAttribute } from '../errors.ts';
import { policyBytesMax } from '../limits.ts';
import type { Queue, Redrive } from '../tables.ts';
import { queueOfArn } from './queue.ts';

/** What attributes say of a queue; `undefined` takes something away. The policy's text is kept apart. */
export type Settings = Partial<
  Pick<
    Queue,
    | 'delaySeconds'
    | 'messageBytesMax'
    | 'retentionSeconds'
    | 'waitSeconds'
    | 'visibilitySeconds'
    | 'contentBasedDeduplication'
    | 'deduplicationScope'
    | 'fifoThroughputLimit'
    | 'kmsKey'
    | 'kmsReuseSeconds'
    | 'managedSse'
    | 'redrive'
    | 'redriveAllow'
  >
> & { policyText?: string };

export const defaults = {
  delaySeconds: 0,
  messageBytesMax: 1_048_576,
  retentionSeconds: 345_600,
  waitSeconds: 0,
  visibilitySeconds: 30,
  managedSse: true,
};

const numbers = {
  DelaySeconds: ['delaySeconds', 0, 900],
  MaximumMessageSize: ['messageBytesMax', 1024, 1_048_576],
  MessageRetentionPeriod: ['retentionSeconds', 60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: ['waitSeconds', 0, 20],
  VisibilityTimeout: ['visibilitySeconds', 0, 43_200],
  KmsDataKeyReusePeriodSeconds: ['kmsReuseSeconds', 60, 86_400],
} as const;

/** Reads and checks attributes as a caller sends them. Throws InvalidAttributeName and InvalidAttributeValue. */
export function readAttributes(attributes: Readonly<Record<string, string | undefined>>, fifo: boolean): Settings {
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) Object.assign(settings, readAttribute(name, value, fifo));
  const read = settings as Settings;
  if (read.kmsKey !== undefined && read.managedSse === true) throw twoEncryptions();
  if (read.fifoThroughputLimit === 'perMessageGroupId' && read.deduplicationScope === 'queue')
    throw attributeValue('FifoThroughputLimit', "Cannot set FifoThroughputLimit to 'perMessageGroupId' when DeduplicationScope is 'queue'");
  // Naming a key turns the other kind of encryption off.
  if (read.kmsKey !== undefined) read.managedSse = false;
  if (read.managedSse === true) read.kmsKey = undefined as never;
  return read;
}

function readAttribute(name: string, value: string, fifo: boolean): Settings {
  if (Object.hasOwn(numbers, name)) {
    const [key, min, max] = numbers[name as keyof typeof numbers];
    if (!/^\d{1,9}$/.test(value) || Number(value) < min || Number(value) > max) throw attributeValue(name);
    return { [key]: Number(value) };
  }
  switch (name) {
    case 'Policy':
      return { policyText: checkedPolicy(value) };
    case 'RedrivePolicy':
      return { redrive: value === '' ? undefined : readRedrive(value) } as Settings;
    case 'RedriveAllowPolicy':
      return { redriveAllow: value === '' ? undefined : checkedRedriveAllow(value) } as Settings;
    case 'KmsMasterKeyId':
      return { kmsKey: value === '' ? undefined : value } as Settings;
    case 'SqsManagedSseEnabled':
      return { managedSse: flag(name, value) };
    case 'ContentBasedDeduplication':
      if (!fifo) throw unknownAttribute(name);
      return { contentBasedDeduplication: flag(name, value) };
    case 'DeduplicationScope':
    case 'FifoThroughputLimit':
      return readThroughput(name, value, fifo);
    default:
      throw unknownAttribute(name);
  }
}

function readThroughput(name: 'DeduplicationScope' | 'FifoThroughputLimit', value: string, fifo: boolean): Settings {
  if (!fifo) throw attributeName(`You can specify the ${name} only when FifoQueue is set to true.`);
  if (name === 'DeduplicationScope') {
    if (value !== 'queue' && value !== 'messageGroup') throw attributeValue(name);
    return { deduplicationScope: value };
  }
  if (value !== 'perQueue' && value !== 'perMessageGroupId') throw attributeValue(name);
  return { fifoThroughputLimit: value };
}

/** A boolean as callers write it, in whatever case. Throws InvalidAttributeValue. */
export function flag(name: string, value: string): boolean {
  if (!/^(true|false)$/i.test(value)) throw attributeValue(name);
  return value.toLowerCase() === 'true';
}

function checkedPolicy(text: string): string {
  if (text === '') return text;
  if (Buffer.byteLength(text) > policyBytesMax) throw attributeValue('Policy');
  try {
    parsePolicy(text, 'resource', { anyResource: true });
    return text;
  } catch (error) {
    if (error instanceof MalformedPolicy) throw attributeValue('Policy');
    throw error;
  }
}

function jsonObject(name: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw attributeValue(name, 'Redrive policy is not a valid JSON map.');
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw attributeValue(name, 'Redrive policy is not a valid JSON map.');
  return value as Readonly<Record<string, unknown>>;
}

function readRedrive(text: string): Redrive {
  const value = jsonObject('RedrivePolicy', text);
  const wrong = (reason: string) => invalidValue(text, 'RedrivePolicy', reason);
  for (const name of ['maxReceiveCount', 'deadLetterTargetArn'])
    if (!Object.hasOwn(value, name)) throw wrong(`Redrive policy does not contain mandatory attribute: ${name}.`);
  const extra = Object.keys(value).find((name) => name !== 'maxReceiveCount' && name !== 'deadLetterTargetArn');
  if (extra !== undefined) throw wrong(`Redrive policy contains unknown attribute: ${extra}.`);
  const receivesMax = Number(value['maxReceiveCount']);
  if (!Number.isInteger(receivesMax) || receivesMax < 1 || receivesMax > 1000)
    throw wrong(`Invalid value for maxReceiveCount: ${String(value['maxReceiveCount'])}, valid values are from 1 to 1000 both inclusive.`);
  const target = value['deadLetterTargetArn'];
  if (typeof target !== 'string' || !queueOfArn(target)) throw wrong('Invalid value for deadLetterTargetArn.');
  return { target, receivesMax, text };
}

export type RedriveAllow = { redrivePermission: 'allowAll' | 'denyAll' | 'byQueue'; sourceQueueArns?: string[] };

function checkedRedriveAllow(text: string): string {
  const value = jsonObject('RedriveAllowPolicy', text) as Partial<RedriveAllow>;
  const { redrivePermission: permission, sourceQueueArns: sources } = value;
  if (permission !== 'allowAll' && permission !== 'denyAll' && permission !== 'byQueue') throw attributeValue('RedriveAllowPolicy');
  const listed = Array.isArray(sources) && sources.length >= 1 && sources.length <= 10 && sources.every((one) => queueOfArn(String(one)));
  if (permission === 'byQueue' ? !listed : sources !== undefined) throw attributeValue('RedriveAllowPolicy');
  return text;
}

/** May the queue of this ARN send its dead letters here? */
export function allowsDeadLetters(target: Queue, sourceArn: string): boolean {
  if (target.redriveAllow === undefined) return true;
  const { redrivePermission, sourceQueueArns = [] } = JSON.parse(target.redriveAllow) as RedriveAllow;
  return redrivePermission === 'allowAll' || (redrivePermission === 'byQueue' && sourceQueueArns.includes(sourceArn));
}

export function twoEncryptions() {
  return attributeName('You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.');
}

/** The attributes that a record holds, as GetQueueAttributes names and words them. */
export function attributesOf(queue: Queue): Record<string, string> {
  const seconds = (milliseconds: number): string => String(Math.floor(milliseconds / 1000));
  return {
    CreatedTimestamp: seconds(queue.created),
    LastModifiedTimestamp: seconds(queue.modified),
    VisibilityTimeout: String(queue.visibilitySeconds),
    MaximumMessageSize: String(queue.messageBytesMax),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    DelaySeconds: String(queue.delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(queue.waitSeconds),
    ...(queue.redrive && { RedrivePolicy: queue.redrive.text }),
    ...(queue.redriveAllow !== undefined && { RedriveAllowPolicy: queue.redriveAllow }),
    ...(queue.fifo && {
      FifoQueue: 'true',
      ContentBasedDeduplication: String(queue.contentBasedDeduplication ?? false),
      DeduplicationScope: queue.deduplicationScope ?? 'queue',
      FifoThroughputLimit: queue.fifoThroughputLimit ?? 'perQueue',
    }),
    ...(queue.kmsKey !== undefined && { KmsMasterKeyId: queue.kmsKey, KmsDataKeyReusePeriodSeconds: String(queue.kmsReuseSeconds ?? 300) }),
    SqsManagedSseEnabled: String(queue.managedSse),
  };
}
