/** The control API over HTTP: what scripts ask of it, and whom it refuses. */

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { createControl } from '../../src/control/control.ts';
import { startCloud, type LiveCloud } from '../live-cloud.ts';

const token = 'a-token-of-the-owner';
let cloud: LiveCloud;

async function start(testKey: boolean): Promise<void> {
  cloud = await startCloud({
    testKey,
    control: (opened) =>
      createControl(opened, {
        token,
        testKey,
        version: '1.2.3',
        startedAt: Date.now(),
        ready: () => true,
        places: { store: 'here', blobs: 'there' },
      }),
  });
}
beforeEach(() => start(true));
afterEach(() => cloud.close());

type Answer = { status: number; body: Record<string, unknown> };

function ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: cloud.port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) }),
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

test('health answers under both names, with the services', async () => {
  for (const path of ['/_haneul/health', '/_localstack/health']) {
    const { status, body } = await ask('GET', path);
    assert.equal(status, 200);
    assert.equal(body['version'], '1.2.3');
    assert.ok(['running', 'available'].includes((body['services'] as Record<string, string>)['s3']!));
  }
  assert.equal((await ask('HEAD', '/_haneul/health')).status, 200);
  assert.equal((await ask('DELETE', '/_haneul/health')).status, 405);
  assert.equal((await ask('GET', '/_haneul/nothing')).status, 404);
});

test('reset forgets what was stored, under both names', async () => {
  const s3 = cloud.client(S3Client);
  for (const path of ['/_haneul/reset', '/_localstack/state/reset']) {
    await s3.send(new CreateBucketCommand({ Bucket: 'a-bucket' }));
    assert.equal((await ask('POST', path)).status, 200);
    assert.equal((await s3.send(new ListBucketsCommand({}))).Buckets?.length ?? 0, 0);
  }
});

test('a web page cannot reach it: not across sites, not by a name that resolves here', async () => {
  const refused: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { host: 'evil.example' },
    { host: 'localhost.evil.example' },
    { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
  ];
  for (const headers of refused)
    assert.equal((await ask('POST', '/_haneul/clock', headers, { action: 'freeze' })).status, 403, JSON.stringify(headers));
  for (const host of ['localhost', '127.0.0.1:4566', '[::1]:4566', 's3.localhost', 'localhost.localstack.cloud:4566'])
    assert.equal((await ask('GET', '/_haneul/clock', { host })).status, 200, host);
});

test('without the test key only the owner of the token gets in', async () => {
  await cloud.close();
  await start(false);
  assert.equal((await ask('GET', '/_haneul/health')).status, 200);
  for (const [method, path] of [
    ['GET', '/_haneul/status'],
    ['GET', '/_haneul/clock'],
    ['POST', '/_haneul/reset'],
    ['GET', '/_haneul/why/x'],
  ] as const) {
    assert.equal((await ask(method, path)).status, 401, path);
    assert.equal((await ask(method, path, { 'x-haneul-token': 'wrong' })).status, 401, path);
  }
  assert.equal((await ask('GET', '/_haneul/status', { 'x-haneul-token': token })).status, 200);
  assert.equal(
    (await ask('GET', '/_haneul/status', { 'x-haneul-token': token, host: 'cloud.example' })).status,
    200,
    'the token is proof enough',
  );
});

test('the clock moves forward only, and says why it does not', async () => {
  const now = async (): Promise<number> => Date.parse((await ask('GET', '/_haneul/clock')).body['now'] as string);
  const start = await now();
  assert.equal((await ask('POST', '/_haneul/clock', {}, { action: 'advance', milliseconds: 60_000 })).status, 200);
  assert.equal(await now(), start + 60_000);
  assert.equal((await ask('POST', '/_haneul/clock', {}, { action: 'set', time: start })).status, 409);
  const wrong = [
    {},
    { action: 'leap' },
    { action: 'advance' },
    { action: 'advance', milliseconds: -1 },
    { action: 'advance', milliseconds: 1e300 },
    { action: 'set', time: 'soon' },
    [],
  ];
  for (const body of wrong) assert.equal((await ask('POST', '/_haneul/clock', {}, body)).status, 400, JSON.stringify(body));
  assert.equal(await now(), start + 60_000);
});

test('the mailbox shows what had no way out, and is emptied', async () => {
  const sns = cloud.client(SNSClient);
  await sns.send(new PublishCommand({ PhoneNumber: '+15555550100', Message: 'hello' }));
  await sns.send(new PublishCommand({ PhoneNumber: '+15555550101', Message: 'you too' }));
  const letters = async (query = '') => (await ask('GET', `/_haneul/mailbox${query}`)).body['letters'] as { to: string; body: string }[];
  assert.equal((await letters()).length, 2);
  assert.deepEqual(
    (await letters('?to=%2B15555550100')).map(({ to, body }) => [to, body]),
    [['+15555550100', 'hello']],
  );
  assert.deepEqual((await ask('POST', '/_haneul/mailbox', {}, { from: '+15555550100', body: 'STOP' })).body, { received: true });
  assert.equal((await ask('POST', '/_haneul/mailbox', {}, { from: 'me', body: 'STOP' })).status, 400);
  await sns.send(new PublishCommand({ PhoneNumber: '+15555550100', Message: 'once more' }));
  assert.deepEqual((await ask('DELETE', '/_haneul/mailbox')).body, { emptied: 2 });
  assert.deepEqual(await letters(), []);
});
