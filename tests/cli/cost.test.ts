/** `haneul cost`: what a month has cost, why, and by which rules. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CostAnswer } from '../../src/control/cost.ts';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { endpointOf, readRunFile } from '../../src/cli/run-file.ts';
import { newUser, type User } from './haneul-process.ts';

let user: User;
before(async () => void (user = await newUser()));
after(() => user.leave());

test('messages are charged when nothing is free, and said why', async () => {
  await user.up();
  assert.match((await user.haneul('cost')).stdout, /Nothing was used that costs anything/);
  const endpoint = endpointOf((await readRunFile(user.dataDirectory))!);
  const sqs = new SQSClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  for (let n = 0; n < 9; n++) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  sqs.destroy();
  const free = await user.json<CostAnswer>('cost');
  assert.deepEqual([free.total, free.freeTier, free.lines.every(({ free: which }) => which === 'always')], ['0', 'first-year', true]);
  const paid = await user.json<CostAnswer>('cost', '--free-tier', 'none');
  assert.deepEqual([paid.total, paid.services.map(({ service }) => service)], ['0.000004', ['Amazon Simple Queue Service']]);
  const { stdout } = await user.haneul('cost', 'orders');
  assert.match(stdout, /Requests-RBP +SendMessage +9 +Requests +\$0\.0000004 +\$0\.000004 +requests to standard queues/);
  assert.doesNotMatch(stdout, /CreateQueue/);
  assert.match((await user.haneul('cost', '--days')).stdout, /By day\n\d{4}-\d\d-\d\d +\$0\.000004/);
  for (const [args, code, told] of [
    [['--month', '2026-13'], 1, /month must be a month such as/],
    [['--month', '2999-01'], 1, /has not begun/],
    [['--free-tier', 'all'], 2, /takes one of first-year, always, none/],
  ] as const) {
    const wrong = await user.haneul('cost', ...args);
    assert.equal(wrong.code, code, wrong.stderr);
    assert.match(wrong.stderr, told);
  }
});
