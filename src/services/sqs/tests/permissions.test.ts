/** AddPermission and RemovePermission. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddPermissionCommand,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  RemovePermissionCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

test('a permission lets another account in until it is removed', async () => {
  const sqs = cloud.client(SQSClient);
  const stranger = cloud.client(SQSClient, { credentials: rootOf('111122223333') });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'shared' }));
  const send = () => stranger.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  const add = (label: string, action = 'SendMessage') =>
    sqs.send(new AddPermissionCommand({ QueueUrl, Label: label, AWSAccountIds: ['111122223333'], Actions: [action] }));
  await assert.rejects(send(), /not authorized/);
  await add('label');
  await send();
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }));
  const arn = 'arn:aws:sqs:us-east-1:000000000000:shared';
  assert.deepEqual(JSON.parse(Attributes!['Policy']!), {
    Version: '2008-10-17',
    Id: `${arn}/SQSDefaultPolicy`,
    Statement: [
      { Sid: 'label', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'SQS:SendMessage', Resource: arn },
    ],
  });
  await assert.rejects(add('label'), { message: 'Value label for parameter Label is invalid. Reason: Already exists.' });
  await assert.rejects(add('other', 'DeleteQueue'), /Only the queue owner is allowed to invoke this action\./);
  await sqs.send(new RemovePermissionCommand({ QueueUrl, Label: 'label' }));
  await assert.rejects(send(), /not authorized/);
  await assert.rejects(sqs.send(new RemovePermissionCommand({ QueueUrl, Label: 'label' })), {
    message: "Value label for parameter Label is invalid. Reason: can't find label.",
  });
});
