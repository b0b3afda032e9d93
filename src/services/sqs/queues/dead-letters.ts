/** Which queues send their dead letters to a queue. */

import { invalidParameter, invalidValue } from '../errors.ts';
import { listedQueuesMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { queues } from '../tables.ts';
import { lookUp } from './lookup.ts';
import { queueArn, queueUrl } from './queue.ts';

export const ListDeadLetterSourceQueues: Operation<'ListDeadLetterSourceQueues'> = async (request, input) => {
  const { queue } = await lookUp(request, input.QueueUrl);
  const limit = input.MaxResults ?? listedQueuesMax;
  if (limit < 1 || limit > listedQueuesMax) throw invalidValue(limit, 'MaxResults', 'Must be between 1 and 1000, if provided.');
  const after = input.NextToken === undefined ? undefined : Buffer.from(input.NextToken, 'base64url');
  if (after?.length === 0) throw invalidParameter('Invalid or expired next token.');
  const page = await request.store.read((tx) =>
    queues.scanIndex(tx, 'deadLetters', [queueArn(queue)], { limit: limit + 1, ...(after && { after }) }),
  );
  const shown = page.slice(0, limit);
  return {
    queueUrls: shown.map(({ row }) => queueUrl(request, row)),
    ...(page.length > limit && { NextToken: Buffer.from(shown.at(-1)!.cursor).toString('base64url') }),
  };
};
