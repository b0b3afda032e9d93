/** `GET /_aws/sqs/messages?QueueUrl=…`: the owner looks at messages without receiving them. Nothing changes by it. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { OwnerPage } from '../../../framework/service.ts';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { missingParameter } from '../errors.ts';
import { ownKey } from '../queues/encryption.ts';
import { findQueue } from '../queues/lookup.ts';
import { queueOfUrl } from '../queues/queue.ts';
import { dues, messages, type Attribute, type Contents, type Message } from '../tables.ts';
import { contentsOf } from './contents.ts';
import { systemAttributesOf } from './receive.ts';

const shownMax = 1_000;

/** What is sealed with a customer's KMS key is shown without its contents: KMS opens it for those whom the key's policy names. Visible messages, oldest first; those in flight with `ShowInvisible=true`, delayed ones with `ShowDelayed=true`. `Region` is us-east-1 unless given. */
export const peekMessages: OwnerPage = async ({ store, blobs, random, now }, query) => {
  const url = query.get('QueueUrl');
  if (!url) throw missingParameter('QueueUrl');
  const name = queueOfUrl({ region: query.get('Region') ?? 'us-east-1', account: query.get('Account') ?? '000000000000' }, url);
  const rows = await store.read(async (tx) => {
    const queue = await findQueue(tx, name);
    if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.', { status: 404 });
    return oldest(tx, queue.pile);
  });
  const wanted = ({ due, inFlight }: Message): boolean => due <= now || query.get(inFlight ? 'ShowInvisible' : 'ShowDelayed') === 'true';
  const keys = new Map([[ownKey, await cloudKey({ store, random }, 'sqs')]]);
  const shown = [];
  for (const row of rows.filter(wanted)) {
    if (row.sealedBy !== undefined && row.sealedBy !== ownKey) {
      shown.push(described(row, undefined));
      continue;
    }
    const contents = await contentsOf(blobs, row, keys);
    if (contents) shown.push(described(row, contents));
  }
  return { Messages: shown };
};

/** Those that wait for their first receive, and all others, as they were sent. */
async function oldest(tx: ReadTransaction, pile: string): Promise<Message[]> {
  const held = await messages.scan(tx, [pile], { limit: shownMax });
  const waiting = await dues.between(tx, [pile], [pile, Infinity], { limit: shownMax });
  const all = [...held.map(({ row }) => row), ...waiting.flatMap(({ row }) => row.message ?? [])];
  return all.toSorted((a, b) => (a.place < b.place ? -1 : 1)).slice(0, shownMax);
}

function described(message: Message, contents: Contents | undefined) {
  const { attributes = [] } = contents ?? {};
  return {
    MessageId: message.id,
    MD5OfBody: message.md5,
    ...(contents ? { Body: contents.body } : { SealedByKms: true }),
    Attributes: systemAttributesOf(message, ['All']),
    ...(attributes.length > 0 && { MessageAttributes: Object.fromEntries(attributes.map(shownAttribute)) }),
  };
}

/** Binary values in base 64, as JSON clients see them. */
const shownAttribute = ([name, type, value]: Attribute) => [
  name,
  { DataType: type, [type.startsWith('Binary') ? 'BinaryValue' : 'StringValue']: value },
];
