/** Log events: taken in, read forwards and backwards, searched. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  type GetLogEventsCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let logs: CloudWatchLogsClient;
let now: number;
before(async () => {
  cloud = await startCloud();
  logs = cloud.client(CloudWatchLogsClient);
  now = cloud.cloud.clock.now();
});
after(() => cloud.close());

async function stream(logGroupName: string, ...names: string[]): Promise<void> {
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  for (const logStreamName of names) await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
}
const put = (logGroupName: string, logStreamName: string, events: [timestamp: number, message: string][]) =>
  logs.send(
    new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: events.map(([timestamp, message]) => ({ timestamp, message })) }),
  );
async function get(logGroupName: string, more: Partial<GetLogEventsCommandInput>) {
  const answer = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName: 's', ...more }));
  return { ...answer, texts: answer.events!.map(({ message }) => message!) };
}

test('a stream is read from either end, page by page, and its last token stays', async () => {
  await stream('pages', 's');
  await put(
    'pages',
    's',
    ['a', 'b', 'c', 'd', 'e'].map((text, i) => [now - 5000 + (i >> 1), text]),
  );
  const head = await get('pages', { startFromHead: true, limit: 2 });
  assert.deepEqual(head.texts, ['a', 'b']);
  const next = await get('pages', { nextToken: head.nextForwardToken, limit: 2 });
  assert.deepEqual(next.texts, ['c', 'd']);
  const last = await get('pages', { nextToken: next.nextForwardToken });
  assert.deepEqual(last.texts, ['e']);
  const end = await get('pages', { nextToken: last.nextForwardToken });
  assert.deepEqual(end.texts, []);
  assert.equal(end.nextForwardToken, last.nextForwardToken);
  await put('pages', 's', [[now, 'f']]);
  assert.deepEqual((await get('pages', { nextToken: end.nextForwardToken })).texts, ['f']);
  const tail = await get('pages', { limit: 2 });
  assert.deepEqual(tail.texts, ['e', 'f']);
  assert.deepEqual((await get('pages', { nextToken: tail.nextBackwardToken, limit: 3 })).texts, ['b', 'c', 'd']);
  assert.deepEqual((await get('pages', { startTime: now - 4999, endTime: now })).texts, ['c', 'd', 'e']);
});

test('long messages come back whole', async () => {
  await stream('long', 's');
  const text = 'ü'.repeat(50_000);
  await put('long', 's', [[now, text]]);
  assert.deepEqual((await get('long', {})).texts, [text]);
});

test('what is too old, too new or out of order is not taken', async () => {
  await stream('strict', 's');
  const day = 86_400_000;
  const old = await put('strict', 's', [[now - 15 * day, 'old']]);
  assert.deepEqual(old.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1 });
  const mixed = await put('strict', 's', [
    [now, 'fine'],
    [now + 3 * 3_600_000, 'future'],
  ]);
  assert.deepEqual(mixed.rejectedLogEventsInfo, { tooNewLogEventStartIndex: 1 });
  assert.deepEqual((await get('strict', {})).texts, ['fine']);
  const invalid = { name: 'InvalidParameterException' };
  await assert.rejects(
    put('strict', 's', [
      [now, 'b'],
      [now - 1, 'a'],
    ]),
    /chronological order/,
  );
  await assert.rejects(
    put('strict', 's', [
      [now - 2 * day, 'a'],
      [now, 'b'],
    ]),
    /24 hours/,
  );
  await assert.rejects(put('strict', 's', []), invalid);
  await assert.rejects(put('strict', 's', [[now, 'x'.repeat(1_048_576)]]), /Upload too large/);
  await assert.rejects(put('strict', 'nowhere', [[now, 'x']]), { message: 'The specified log stream does not exist.' });
});

test('a group is searched over its streams, in order of time, by words', async () => {
  await stream('search', 's', 't');
  await put('search', 's', [
    [now - 300, 'ERROR one'],
    [now - 100, 'INFO two'],
  ]);
  await put('search', 't', [[now - 200, 'ERROR "three" four']]);
  const filter = async (more: object) => (await logs.send(new FilterLogEventsCommand({ logGroupName: 'search', ...more }))).events!;
  const texts = async (more: object) => (await filter(more)).map(({ message }) => message);
  assert.deepEqual(await texts({}), ['ERROR one', 'ERROR "three" four', 'INFO two']);
  assert.deepEqual(await texts({ filterPattern: 'ERROR' }), ['ERROR one', 'ERROR "three" four']);
  assert.deepEqual(await texts({ filterPattern: 'ERROR -one' }), ['ERROR "three" four']);
  assert.deepEqual(await texts({ filterPattern: '?one ?two' }), ['ERROR one', 'INFO two']);
  assert.deepEqual(await texts({ filterPattern: '"\\"three\\" four"' }), ['ERROR "three" four']);
  assert.deepEqual(await texts({ logStreamNames: ['t'] }), ['ERROR "three" four']);
  assert.deepEqual(await texts({ startTime: now - 200, endTime: now - 100 }), ['ERROR "three" four']);
  await assert.rejects(filter({ filterPattern: '{ $.a = 1 }' }), { name: 'NotImplemented' });
  const first = await logs.send(new FilterLogEventsCommand({ logGroupName: 'search', limit: 2 }));
  const second = await logs.send(new FilterLogEventsCommand({ logGroupName: 'search', limit: 2, nextToken: first.nextToken }));
  assert.deepEqual(
    second.events!.map(({ message, logStreamName }) => [message, logStreamName]),
    [['INFO two', 's']],
  );
});
