/** AddPermission and RemovePermission: statements of the queue's policy, found again by their label. */

import type { WriteTransaction } from '../../../store/store.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidValue, missingParameter, queueDoesNotExist } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { queuePolicies, queues, type Queue } from '../tables.ts';
import { readAttributes } from './attributes.ts';
import { requireQueue } from './lookup.ts';
import { applySettings } from './operations.ts';
import { queueArn } from './queue.ts';

type Statement = { Sid?: string; [member: string]: unknown };
type Policy = { Version: string; Id?: string; Statement: Statement[] | Statement };

/** What others may be allowed: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
const shareable: ReadonlySet<string> = new Set([
  ...['*', 'SendMessage', 'ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes', 'GetQueueUrl'],
  ...['ListDeadLetterSourceQueues', 'PurgeQueue'],
]);

export const AddPermission: Operation<'AddPermission'> = async (request, input) => {
  const { Label: label, AWSAccountIds: accounts, Actions: actions } = input;
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(label))
    throw invalidValue(label, 'Label', 'Label can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.');
  if (accounts.length === 0) throw missingParameter('AWSAccountIds');
  if (actions.length === 0) throw missingParameter('Actions');
  for (const action of actions)
    if (!shareable.has(action)) throw invalidValue(`SQS:${action}`, 'ActionName', 'Only the queue owner is allowed to invoke this action.');
  for (const account of accounts) if (!/^\d{12}$/.test(account)) throw invalidValue(account, 'PrincipalId', 'Unable to verify.');
  await changePolicy(request, input.QueueUrl, (queue, statements) => {
    if (statements.some(({ Sid }) => Sid === label)) throw invalidValue(label, 'Label', 'Already exists.');
    const statement = {
      Sid: label,
      Effect: 'Allow',
      Principal: { AWS: oneOrMany(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
      Action: oneOrMany(actions.map((action) => `SQS:${action}`)),
      Resource: queueArn(queue),
    };
    return [...statements, statement];
  });
  return {};
};

export const RemovePermission: Operation<'RemovePermission'> = async (request, input) => {
  await changePolicy(request, input.QueueUrl, (_queue, statements) => {
    const left = statements.filter(({ Sid }) => Sid !== input.Label);
    if (left.length === statements.length) throw invalidValue(input.Label, 'Label', "can't find label.");
    return left;
  });
  return {};
};

const oneOrMany = (values: readonly string[]): string | readonly string[] => (values.length === 1 ? values[0]! : values);

/** Rewrites the statements of a queue's policy; a policy without any is none. */
async function changePolicy(
  request: ServiceRequest,
  url: string,
  change: (queue: Queue, statements: readonly Statement[]) => readonly Statement[],
): Promise<void> {
  const revision = request.random.uuid();
  await request.store.write(async (tx: WriteTransaction) => {
    const queue = await requireQueue(tx, request, url);
    if (queue.account !== request.account) throw queueDoesNotExist(request);
    const text = (await queuePolicies.get(tx, queue.id))?.text;
    const policy: Policy = text
      ? (JSON.parse(text) as Policy)
      : { Version: '2008-10-17', Id: `${queueArn(queue)}/SQSDefaultPolicy`, Statement: [] };
    const statements = change(queue, Array.isArray(policy.Statement) ? policy.Statement : [policy.Statement]);
    const next = statements.length === 0 ? '' : JSON.stringify({ ...policy, Statement: statements });
    const changed = await applySettings(tx, queue, readAttributes({ Policy: next }, queue.fifo), revision);
    await queues.put(tx, { ...changed, modified: request.now });
  });
}
