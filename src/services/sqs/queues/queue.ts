/** What a queue is called: names, ARNs and URLs. */

import { arn, parseArn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidAddress, invalidParameter } from '../errors.ts';
import { queueNameLengthMax } from '../limits.ts';
import type { Queue } from '../tables.ts';

export type QueueName = { account: string; region: string; name: string };

export const queueArn = ({ account, region, name }: QueueName): string => arn('sqs', region, account, name);

/** The queue that an ARN names, or undefined when it names none. */
export function queueOfArn(text: string): QueueName | undefined {
  const parsed = parseArn(text);
  if (!parsed || parsed.service !== 'sqs' || !/^\d{12}$/.test(parsed.account) || !/^[\w-]+(\.fifo)?$/.test(parsed.resource))
    return undefined;
  return { account: parsed.account, region: parsed.region, name: parsed.resource };
}

/** The URL of a queue, under the host by which the caller has reached us. */
export function queueUrl({ endpoint }: ServiceRequest, { account, name }: QueueName): string {
  return `${endpoint.scheme}://${endpoint.host}/${account}/${name}`;
}

const URL_PATTERN = /^(?:https?:\/\/[^/?#]+)?\/(?:queue\/[a-z0-9-]+\/)?(\d{12})\/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)\/?$/;

/**
 * Any host will do, for a cloud has many names; the region is the signature's. A name alone is a queue of the caller's account, and a
 * host alone is no queue. Throws InvalidAddress.
 */
export function queueOfUrl({ region, account: caller }: Pick<ServiceRequest, 'region' | 'account'>, url: string): QueueName {
  if (/^[A-Za-z0-9_-]{1,80}(\.fifo)?$/.test(url)) return { account: caller, region, name: url };
  if (/^https?:\/\/[^/?#]+\/?$/.test(url)) return { account: caller, region, name: '' };
  const [, account, name] = URL_PATTERN.exec(url) ?? [];
  if (account === undefined || name === undefined) throw invalidAddress(url);
  return { account, region, name };
}

/** Throws InvalidParameterValue, in the words for FIFO queues where one is wanted. */
export function checkQueueName(name: string, fifo: boolean): void {
  const plain = fifo && name.endsWith('.fifo') ? name.slice(0, -'.fifo'.length) : name;
  if (/^[A-Za-z0-9_-]+$/.test(plain) && name.length <= queueNameLengthMax && (!fifo || plain !== name)) return;
  throw invalidParameter(
    fifo
      ? 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.'
      : 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
  );
}

/** True where ids are told apart in each group, not in the whole queue: high throughput for FIFO queues. */
export const deduplicatesByGroup = (queue: Queue): boolean => queue.deduplicationScope === 'messageGroup';

/** Under what the ids of a queue are remembered: a purged queue, which has a new pile, has forgotten those of before. */
export const deduplicationOwner = ({ id, pile }: Queue): string => (pile === `${id}.0` ? id : pile);
