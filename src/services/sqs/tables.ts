/**
 * SQS's durable records.
 *
 * A `due` row says when a message can be received next; so a receive is a short range read. A message of a standard queue that waits for
 * its first receive lies in that row, whole; from then on it has a row of its own, found by its receipt handle. In a FIFO queue every
 * message has one, only the head of each group has a `due` row, and `order` holds the rest of the group; so it is with groups of a standard
 * queue, which take turns. What lies in a queue at one time is its pile: a purge gives the queue a new pile, and the old one is swept away later.
 */

import type { BlobRef } from '../../store/blob-store.ts';
import { table } from '../../store/table.ts';
import { duePacking, messagePacking } from './messages/packing.ts';

export type Redrive = { target: string; receivesMax: number; /** As it was set. */ text: string };

export type Queue = {
  /** The owner's account. */
  account: string;
  region: string;
  name: string;
  /** Distinguishes it from earlier queues of this name. */
  id: string;
  /** Where its messages are. */
  pile: string;
  fifo: boolean;
  /** Milliseconds since the epoch. */
  created: number;
  modified: number;
  delaySeconds: number;
  messageBytesMax: number;
  retentionSeconds: number;
  waitSeconds: number;
  visibilitySeconds: number;
  contentBasedDeduplication?: boolean;
  deduplicationScope?: 'queue' | 'messageGroup';
  fifoThroughputLimit?: 'perQueue' | 'perMessageGroupId';
  kmsKey?: string;
  kmsReuseSeconds?: number;
  managedSse: boolean;
  redrive?: Redrive;
  redriveAllow?: string;
  /** Names the revision of its policy, by which parsed policies are cached; absent without a policy. */
  policy?: string;
  tags: [key: string, value: string][];
  purged?: number;
};

export type QueuePolicy = { queue: string; revision: string; text: string };

/** A name that may not be used again for a minute. */
export type DeletedQueue = { account: string; region: string; name: string; at: number };

/**
 * Messages that belong to no queue any more. A call that began before may still add to the pile, so it is swept twice: at once, and
 * when no such call can be left.
 */
export type DroppedPile = { pile: string; at: number; /** The queue is gone too. */ queueGone: boolean };

/** As it came: `[name, data type, value]`, binary values in base 64. */
export type Attribute = [name: string, type: string, value: string];

export type Contents = { body: string; attributes?: Attribute[] };

export type Message = {
  pile: string;
  /** Sorts messages by their sending; in FIFO queues it is the sequence number. */
  place: string;
  id: string;
  /** When it was sent, milliseconds since the epoch. */
  sent: number;
  /** From when on it can be received. */
  due: number;
  receives: number;
  /** Was received and has not been given back. */
  inFlight?: true;
  /** Waits in a standard queue for the turn of its group; never received yet. */
  fair?: true;
  firstReceived?: number;
  sender: string;
  trace?: string;
  group?: string;
  deduplication?: string;
  sequence?: string;
  /** ARN of the queue from which it came here as a dead letter. */
  deadLetterSource?: string;
  md5: string;
  attributesMd5?: string;
  /** Bytes of body and attributes together. */
  size: number;
  contents?: Contents;
  /** Its contents as JSON, encrypted, in base64: what stands in place of `contents` in a queue with encryption. */
  sealed?: string;
  /** Under which of `messageKeys` its contents are encrypted, here or in the blob; empty for the cloud's own key. */
  sealedBy?: string;
  blob?: BlobRef;
  /** Where its contents lie in a blob that it shares with others of its call, in bytes. */
  part?: [start: number, end: number];
};

/** `ready`: never received or given back; `flight`: received, comes back by itself; `group`: a group of a FIFO queue, or one whose turn it is. */
export type DueKind = 'ready' | 'flight' | 'group';
export type Due = {
  pile: string;
  kind: DueKind;
  at: number;
  place: string;
  group?: string;
  /** One that was not received yet in this pile, and has no other row. */
  message?: Message;
};

/** Place of a message in its group. */
export type Ordered = { pile: string; group: string; place: string };
/** Where the `due` row of a group lies. In a FIFO queue its place is that of the group's first message. */
export type Group = {
  pile: string;
  group: string;
  head: string;
  at: number;
  /** Turns that a group of a standard queue has had. */ turns?: number;
};

export type Deduplication = { queue: string; scope: string; id: string; message: string; sequence: string; until: number };
export type Sequence = { queue: string; last: number };
/** Messages in a pile, over a few rows so that writers of a cluster do not wait for each other. */
export type Count = { pile: string; shard: number; messages: number };
/** What a receive with a ReceiveRequestAttemptId gave out. */
export type Attempt = { queue: string; id: string; until: number; given: { place: string; receives: number }[] };

export type MoveTask = {
  account: string;
  region: string;
  /** Name of the queue that is emptied. */
  source: string;
  id: string;
  sourceArn: string;
  /** Absent where each message goes back to where it came from. */
  destination?: string;
  perSecond?: number;
  started: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  moved: number;
  toMove: number;
  failure?: string;
  /** When the next may be moved. */
  nextAt: number;
};

export const queues = table<Queue, 'deadLetters'>('sqs/queues', {
  key: (queue) => [queue.account, queue.region, queue.name],
  indexes: { deadLetters: (queue) => (queue.redrive ? [queue.redrive.target, queue.name] : undefined) },
});
export const queuePolicies = table<QueuePolicy>('sqs/queue-policies', { key: (policy) => [policy.queue] });
export const deletedQueues = table<DeletedQueue>('sqs/deleted-queues', { key: (queue) => [queue.account, queue.region, queue.name] });
export const droppedPiles = table<DroppedPile>('sqs/dropped-piles', { key: (dropped) => [dropped.pile] });
export const messages = table<Message>('sqs/messages', {
  key: (message) => [message.pile, message.place],
  version: 3,
  upgrade: { 3: (before) => before },
  packing: messagePacking,
});
export const dues = table<Due>('sqs/dues', {
  key: (due) => [due.pile, due.at, due.place],
  version: 3,
  upgrade: { 3: (before) => before },
  packing: duePacking,
});
export const order = table<Ordered>('sqs/order', { key: (ordered) => [ordered.pile, ordered.group, ordered.place] });
export const groups = table<Group>('sqs/groups', { key: (group) => [group.pile, group.group] });
export const deduplications = table<Deduplication, 'until'>('sqs/deduplications', {
  key: (row) => [row.queue, row.scope, row.id],
  indexes: { until: (row) => [row.until] },
});
export const sequences = table<Sequence>('sqs/sequences', { key: (row) => [row.queue] });
export const counts = table<Count>('sqs/counts', { key: (row) => [row.pile, row.shard] });
export const attempts = table<Attempt, 'until'>('sqs/attempts', {
  key: (row) => [row.queue, row.id],
  indexes: { until: (row) => [row.until] },
});
export const moveTasks = table<MoveTask, 'running'>('sqs/move-tasks', {
  key: (task) => [task.account, task.region, task.source, -task.started, task.id],
  indexes: { running: (task) => (task.status === 'RUNNING' || task.status === 'CANCELLING' ? [task.nextAt] : undefined) },
});

/** The data key of a queue with a KMS key, as KMS has sealed it: what comes into the queue now is encrypted under it. */
export type DataKey = { queue: string; keyArn: string; blob: string; /** In `messageKeys`; an early release had none. */ id?: string };
export const dataKeys = table<DataKey>('sqs/data-keys', { key: (row) => [row.queue] });

/** Each data key that messages lie under. It outlives its queue: a message may have become another queue's dead letter. */
export type MessageKey = {
  id: string;
  keyArn: string;
  blob: string;
  /** ARN of the queue for which KMS made it. */
  queueArn: string;
  /** Since when no queue seals with it, milliseconds since the epoch. */
  retired?: number;
  /** About when a message under it last came into another queue, where its retention may have begun anew. */
  moved?: number;
};
export const messageKeys = table<MessageKey, 'retired'>('sqs/message-keys', {
  key: (row) => [row.id],
  indexes: { retired: (row) => (row.retired === undefined ? undefined : [row.retired]) },
  version: 2,
});

export const tables = [
  queues,
  queuePolicies,
  deletedQueues,
  droppedPiles,
  messages,
  dues,
  order,
  groups,
  deduplications,
  sequences,
  counts,
  attempts,
  moveTasks,
  dataKeys,
  messageKeys,
];
