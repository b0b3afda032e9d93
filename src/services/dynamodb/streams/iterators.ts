/** Shard iterators: where a reader stands, in a text of its own; good for fifteen minutes. */

import { AwsError } from '../../../framework/aws-error.ts';
import { parseArn } from '../../../framework/arn.ts';
import { validationException } from '../errors.ts';

export type Iterator = { arn: string; shard: string; /** The number of the next record. */ position: number; created: number };

const iteratorMilliseconds = 15 * 60_000;
const form = /^(shardId-\d{20}-[0-9a-f]{8})\/(\d{1,16})\/(\d{1,16})$/;

export function encodeIterator({ arn, shard, position, created }: Iterator): string {
  return `${arn}|1|${Buffer.from(`${shard}/${position}/${created}`).toString('base64')}`;
}

/** Throws ValidationException for what is no iterator, ExpiredIteratorException for one that is too old. */
export function decodeIterator(text: string, now: number): Iterator {
  const [arn, , encoded] = text.split('|', 3);
  const [, shard, position, created] = form.exec(Buffer.from(encoded ?? '', 'base64').toString('latin1')) ?? [];
  if (parseArn(arn!)?.service !== 'dynamodb' || shard === undefined) throw validationException('Invalid ShardIterator');
  const iterator = { arn: arn!, shard, position: Number(position), created: Number(created) };
  if (now - iterator.created > iteratorMilliseconds)
    throw new AwsError('ExpiredIteratorException', 'The iterator is older than 15 minutes and can no longer be used.');
  return iterator;
}
