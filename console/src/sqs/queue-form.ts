/** The form of a queue: what is asked when one is made or changed, and the calls that come of it. */

import { CreateQueueCommand, SetQueueAttributesCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import type { Action } from '../from-shell/action.ts';
import { read, type Field, type Values } from '../resource/fields.ts';
import { tagMap } from '../resource/tag-map.ts';
import type { messages } from './messages.ts';
import { nameOfUrl } from './client.ts';

type Texts = Readonly<Record<keyof (typeof messages)['en'], string>>;
export type Attributes = Partial<Record<QueueAttributeName, string>>;

const isFifo = (values: Values): boolean => values['type'] === 'fifo';

/** AWS's defaults, or what the queue has. */
export function settingFields(t: Texts, now: Attributes = {}, fifo?: boolean): Field[] {
  return [
    {
      name: 'visibility',
      kind: 'number',
      label: t.visibility,
      description: t.visibilityHint,
      initial: now.VisibilityTimeout ?? '30',
      min: 0,
      max: 43_200,
      required: true,
      section: t.settings,
    },
    {
      name: 'retention',
      kind: 'number',
      label: t.retention,
      description: t.retentionHint,
      initial: now.MessageRetentionPeriod ?? '345600',
      min: 60,
      max: 1_209_600,
      required: true,
    },
    { name: 'delay', kind: 'number', label: t.delay, initial: now.DelaySeconds ?? '0', min: 0, max: 900, required: true },
    {
      name: 'wait',
      kind: 'number',
      label: t.wait,
      description: t.waitHint,
      initial: now.ReceiveMessageWaitTimeSeconds ?? '0',
      min: 0,
      max: 20,
      required: true,
    },
    {
      name: 'maxSize',
      kind: 'number',
      label: t.maxSize,
      initial: now.MaximumMessageSize ?? '1048576',
      min: 1_024,
      max: 1_048_576,
      required: true,
    },
    ...protectionFields(t, now, fifo),
  ];
}

/** Encryption, what happens to messages that fail, and who else may use the queue. */
function protectionFields(t: Texts, now: Attributes, fifo: boolean | undefined): Field[] {
  const redrive = JSON.parse(now.RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string; maxReceiveCount?: number | string };
  const encryption = now.KmsMasterKeyId ? 'kms' : now.SqsManagedSseEnabled === 'false' ? 'none' : 'sse';
  return [
    {
      name: 'dedupe',
      kind: 'toggle',
      label: t.dedupe,
      initial: now.ContentBasedDeduplication === 'true',
      visible: (values) => fifo ?? isFifo(values),
    },
    {
      name: 'encryption',
      kind: 'select',
      label: t.encryption,
      required: true,
      initial: encryption,
      section: t.encryption,
      options: [
        { value: 'sse', label: t.sse },
        { value: 'kms', label: t.kms },
        { value: 'none', label: t.noEncryption },
      ],
    },
    {
      name: 'kmsKey',
      kind: 'text',
      label: t.kmsKey,
      required: true,
      initial: now.KmsMasterKeyId ?? 'alias/aws/sqs',
      visible: (values) => values['encryption'] === 'kms',
    },
    {
      name: 'deadLetterArn',
      kind: 'text',
      label: t.deadLetterArn,
      initial: redrive.deadLetterTargetArn ?? '',
      pattern: /^arn:aws:sqs:/,
      section: t.deadLetter,
    },
    {
      name: 'maxReceives',
      kind: 'number',
      label: t.maxReceives,
      initial: String(redrive.maxReceiveCount ?? 10),
      min: 1,
      max: 1_000,
      required: true,
      visible: (values) => values['deadLetterArn'] !== '',
    },
    { name: 'policy', kind: 'json', label: t.policy, initial: now.Policy ?? '', rows: 8, section: t.policy },
  ];
}

export function createFields(t: Texts): Field[] {
  return [
    {
      name: 'type',
      kind: 'tiles',
      label: t.type,
      required: true,
      initial: 'standard',
      section: t.queue,
      options: [
        { value: 'standard', label: t.standard, description: t.standardText },
        { value: 'fifo', label: t.fifo, description: t.fifoText },
      ],
    },
    {
      name: 'name',
      kind: 'text',
      label: t.name,
      description: t.nameHint,
      required: true,
      pattern: /^[\w-]{1,80}(\.fifo)?$/,
      check: (value, values) =>
        !/^[\w-]{1,80}(\.fifo)?$/.test(value) ? t.nameFault : isFifo(values) !== value.endsWith('.fifo') ? t.fifoFault : undefined,
    },
    ...settingFields(t),
    { name: 'tags', kind: 'tags', label: 'Tags', section: 'Tags' },
  ];
}

function attributesOf(values: Values, fifo: boolean): Attributes {
  const encryption = read.text(values, 'encryption');
  const deadLetter = read.text(values, 'deadLetterArn');
  const policy = read.text(values, 'policy');
  return {
    VisibilityTimeout: read.text(values, 'visibility') ?? '30',
    MessageRetentionPeriod: read.text(values, 'retention') ?? '345600',
    DelaySeconds: read.text(values, 'delay') ?? '0',
    ReceiveMessageWaitTimeSeconds: read.text(values, 'wait') ?? '0',
    MaximumMessageSize: read.text(values, 'maxSize') ?? '1048576',
    ...(fifo && { ContentBasedDeduplication: String(read.flag(values, 'dedupe')) }),
    ...(encryption === 'kms'
      ? { KmsMasterKeyId: read.text(values, 'kmsKey') ?? '' }
      : { SqsManagedSseEnabled: String(encryption === 'sse') }),
    ...(deadLetter !== undefined && {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetter, maxReceiveCount: read.number(values, 'maxReceives') ?? 10 }),
    }),
    ...(policy !== undefined && { Policy: JSON.stringify(JSON.parse(policy)) }),
  };
}

export function createActions(values: Values): Action[] {
  const fifo = isFifo(values);
  const name = read.text(values, 'name') ?? '';
  const Attributes = { ...(fifo && { FifoQueue: 'true' }), ...attributesOf(values, fifo) };
  const tags = read.tags(values);
  const labels = tags && tagMap(tags);
  return [
    {
      service: 'sqs',
      operation: 'CreateQueue',
      command: new CreateQueueCommand({ QueueName: name, Attributes, ...(labels && { tags: labels }) }),
      terraform: [{ type: 'aws_sqs_queue', name, body: terraformBody(name, Attributes, labels) }],
    },
  ];
}

export function editActions(url: string, fifo: boolean, before: Attributes, values: Values): Action[] {
  const wanted = attributesOf(values, fifo);
  // An attribute that is taken away is set to nothing.
  const removed: Attributes = {
    ...(before.RedrivePolicy && !wanted.RedrivePolicy && { RedrivePolicy: '' }),
    ...(before.Policy && !wanted.Policy && { Policy: '' }),
    ...(before.KmsMasterKeyId && !wanted.KmsMasterKeyId && { KmsMasterKeyId: '' }),
  };
  const Attributes = { ...wanted, ...removed };
  return [
    {
      service: 'sqs',
      operation: 'SetQueueAttributes',
      command: new SetQueueAttributesCommand({ QueueUrl: url, Attributes }),
      terraform: [
        {
          type: 'aws_sqs_queue',
          name: nameOfUrl(url),
          body: terraformBody(nameOfUrl(url), { ...(fifo && { FifoQueue: 'true' }), ...wanted }, undefined),
        },
      ],
    },
  ];
}

function terraformBody(name: string, given: Attributes, tags: Record<string, string> | undefined) {
  const number = (value: string | undefined): number | undefined => (value === undefined ? undefined : Number(value));
  return {
    name,
    fifo_queue: given.FifoQueue === 'true' ? true : undefined,
    content_based_deduplication: given.ContentBasedDeduplication === 'true' ? true : undefined,
    visibility_timeout_seconds: number(given.VisibilityTimeout),
    message_retention_seconds: number(given.MessageRetentionPeriod),
    delay_seconds: number(given.DelaySeconds),
    receive_wait_time_seconds: number(given.ReceiveMessageWaitTimeSeconds),
    max_message_size: number(given.MaximumMessageSize),
    sqs_managed_sse_enabled: given.SqsManagedSseEnabled === undefined ? undefined : given.SqsManagedSseEnabled === 'true',
    kms_master_key_id: given.KmsMasterKeyId,
    redrive_policy: given.RedrivePolicy ? { json: JSON.parse(given.RedrivePolicy) as unknown } : undefined,
    policy: given.Policy ? { json: JSON.parse(given.Policy) as unknown } : undefined,
    tags,
  };
}
