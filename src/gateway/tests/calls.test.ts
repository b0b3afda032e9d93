/** What every call leaves behind, what a failing one tells, and how services call each other. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { notImplemented } from '../../framework/aws-error.ts';
import { defineService } from '../../framework/service.ts';
import { services } from '../../services.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../tests/live-cloud.ts';
import { send, signed } from './raw-client.ts';
import { StoreFull } from '../../store/store.ts';

type Sqs = typeof import('@aws-sdk/client-sqs');

const begun = Promise.withResolvers<void>();
const heard = Promise.withResolvers<void>();

/** A queue service that does one thing in each of the ways that matter here. */
const probe = defineService<Sqs>({
  name: 'sqs',
  operations: {
    ListQueues: async (request, input) => {
      const what = input.QueueNamePrefix ?? '';
      if (what === 'broken') throw new Error('a detail that nobody outside may read');
      if (what === 'full') throw new StoreFull('the disk of /somewhere is full');
      if (what === 'unbuilt') throw notImplemented('sqs:ListQueues with this prefix');
      if (what === 'denied')
        await request.permit({
          action: 'sqs:DeleteQueue',
          resource: 'arn:aws:sqs:us-east-1:999999999999:theirs',
          resourceAccount: '999999999999',
        });
      const { Arn, Account } =
        what === 'service'
          ? await request
              .awsAs({ type: 'Service', account: request.account, arn: '', id: 'sqs', name: 'sqs.amazonaws.com' })
              .sts('GetCallerIdentity', {})
          : await request.aws.sts('GetCallerIdentity', {});
      request.use({ usageType: 'Probe', quantity: 3, unit: 'Count' });
      return { QueueUrls: [String(Arn), String(Account), `${request.endpoint.scheme}://${request.endpoint.host}`] };
    },
    SendMessage: async (request) => {
      begun.resolve();
      await new Promise<void>((resolve) => request.signal.addEventListener('abort', () => resolve()));
      heard.resolve();
      return {};
    },
  },
  authorize: { ListQueues: () => [{ action: 'sqs:ListQueues', resource: '*' }], SendMessage: () => [] },
  dataEvents: ['SendMessage'],
});

let cloud: LiveCloud;
const logged: string[] = [];
before(async () => {
  cloud = await startCloud({ services: { ...services, sqs: async () => probe }, log: (line) => logged.push(line) });
});
after(() => cloud.close());

const list = (prefix: string, account = '000000000000') =>
  cloud.client(SQSClient, { credentials: rootOf(account) }).send(new ListQueuesCommand({ QueueNamePrefix: prefix }));
const failure = async (prefix: string) =>
  (await list(prefix).then(
    () => undefined,
    (error: unknown) => error,
  )) as { name: string; message: string; $metadata: { httpStatusCode: number; requestId: string } };

describe('services call each other', () => {
  test('as the caller, who is told apart by account', async () => {
    const { QueueUrls } = await list('', '123456789012');
    assert.deepEqual(QueueUrls, ['arn:aws:iam::123456789012:root', '123456789012', cloud.endpoint]);
  });

  test('and both calls leave an event, the inner one naming who passed it on', async () => {
    const { $metadata } = await list('', '210987654321');
    const { events } = await cloud.cloud.audit.lookup({ account: '210987654321', limit: 10 });
    const [outer, inner] = [
      events.find((event) => event.requestID === $metadata.requestId),
      events.find((event) => event.eventName === 'GetCallerIdentity'),
    ];
    assert.deepEqual(
      [outer?.eventName, outer?.sourceIPAddress, outer?.userIdentity['accessKeyId']],
      ['ListQueues', '127.0.0.1', '210987654321'],
    );
    assert.deepEqual(outer?.requestParameters, { queueNamePrefix: '' });
    assert.equal(inner?.userIdentity['invokedBy'], 'sqs.amazonaws.com');
  });

  test('and both are metered, with what the operation used besides', async () => {
    await list('', '321098765432');
    const now = cloud.cloud.clock.now();
    const used = await cloud.cloud.meter.query('321098765432', now - 3_600_000, now + 3_600_000);
    const told = used.map(({ service, operation, usageType, quantity }) => `${service}:${operation} ${usageType} ${quantity}`).sort();
    assert.deepEqual(told, ['sqs:ListQueues Probe 3', 'sqs:ListQueues Requests 1', 'sts:GetCallerIdentity Requests 1']);
  });
});

describe('failures', () => {
  test('an unknown exception is logged once, and its caller told only the request id', async () => {
    const error = await failure('broken');
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['InternalFailure', 500]);
    assert.ok(!error.message.includes('detail'));
    const lines = logged.filter((line) => line.includes(error.$metadata.requestId));
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /a detail that nobody outside may read\n\s+at /);
    assert.equal((await cloud.cloud.audit.find(error.$metadata.requestId))?.errorCode, 'InternalFailure');
  });

  test('a full disk is told to the caller, without its place', async () => {
    const error = await failure('full');
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['ServiceUnavailableException', 503]);
    assert.match(error.message, /^The disk of this cloud is full: nothing of this call was stored/);
    assert.ok(logged.some((line) => line.includes('/somewhere')));
  });

  test('a parameter that is not built answers 501, naming itself', async () => {
    const error = await failure('unbuilt');
    assert.deepEqual([error.name, error.$metadata.httpStatusCode], ['NotImplemented', 501]);
    assert.match(error.message, /sqs:ListQueues with this prefix/);
  });

  test("a permission that the operation asks for is decided, denied in AWS's words and kept for `why`", async () => {
    const error = await failure('denied');
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.match(
      error.message,
      /^User: arn:aws:iam::000000000000:root is not authorized to perform: sqs:DeleteQueue on resource: arn:aws:sqs:us-east-1:999999999999:theirs because no resource-based policy allows the sqs:DeleteQueue action$/,
    );
    const event = await cloud.cloud.audit.find(error.$metadata.requestId);
    const decisions = event?.decision as { action: string; allowed: boolean }[];
    assert.deepEqual(
      decisions.map(({ action, allowed }) => [action, allowed]),
      [
        ['sqs:ListQueues', true],
        ['sqs:DeleteQueue', false],
      ],
    );
  });

  test('in the old protocol of the same service the same error has the old form', async () => {
    const host = `127.0.0.1:${cloud.port}`;
    const reply = await send(
      cloud.port,
      signed(
        {
          method: 'POST',
          headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
          body: 'Action=ListQueues&Version=2012-11-05&QueueNamePrefix=broken',
        },
        { service: 'sqs', at: cloud.cloud.clock.now() },
      ),
    );
    assert.equal(reply.status, 500);
    assert.match(reply.text, /^<ErrorResponse.*<Type>Receiver<\/Type><Code>InternalFailure</s);
  });
});

describe('a client that leaves', () => {
  test('aborts the signal of its operation', async () => {
    const controller = new AbortController();
    const sent = cloud
      .client(SQSClient)
      .send(new SendMessageCommand({ QueueUrl: 'q', MessageBody: 'm' }), { abortSignal: controller.signal });
    await begun.promise;
    controller.abort();
    await assert.rejects(sent, { name: 'AbortError' });
    await heard.promise;
  });
});
