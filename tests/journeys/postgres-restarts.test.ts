/** PostgreSQL goes away and comes back under two processes: they say so while it is away, and afterwards nobody acts on what is old. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, DeleteUserPolicyCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startPostgres } from '../../src/store/tests/postgres-server.ts';
import { startCloud, type Credentials, type LiveCloud } from '../live-cloud.ts';
import { until } from './until.ts';

const server = startPostgres();
const skip = server ? false : 'PostgreSQL is not installed, and this user may not install it';

describe('a PostgreSQL that restarts', { skip }, () => {
  const blobs = mkdtempSync(join(tmpdir(), 'haneul-restart-blobs-'));
  let a: LiveCloud;
  let b: LiveCloud;
  before(async () => {
    a = await startCloud({ store: server!.url, blobs, log: () => {} });
    b = await startCloud({ store: server!.url, blobs, log: () => {} });
    await a.client(S3Client).send(new CreateBucketCommand({ Bucket: 'shared' }));
  });
  after(async () => {
    await a?.close();
    await b?.close();
    server!.close();
    rmSync(blobs, { recursive: true, force: true });
  });

  test('calls fail as unavailable while it is away, and go on when it is back', async () => {
    const there = a.client(S3Client);
    await there.send(new PutObjectCommand({ Bucket: 'shared', Key: 'before', Body: 'kept' }));
    const writers = Array.from({ length: 20 }, (_, n) => keepWriting(there, `writer-${n}`));
    await until(20, () => Promise.resolve(writers.every(({ acknowledged }) => acknowledged.length > 0)));
    server!.stop();
    await assert.rejects(b.client(S3Client).send(new ListObjectsV2Command({ Bucket: 'shared' })), { name: 'ServiceUnavailable' });
    server!.start();
    await until(20, () => there.send(new PutObjectCommand({ Bucket: 'shared', Key: 'after', Body: 'kept' })));
    for (const writer of writers) await writer.stop();
    const { Contents } = await b.client(S3Client).send(new ListObjectsV2Command({ Bucket: 'shared' }));
    const keys = new Set(Contents?.map(({ Key }) => Key));
    for (const { acknowledged } of writers) for (const key of acknowledged) assert.ok(keys.has(key), `${key} was acknowledged and is gone`);
    const got = await b.client(S3Client).send(new GetObjectCommand({ Bucket: 'shared', Key: 'before' }));
    assert.equal(await got.Body!.transformToString(), 'kept');
  });

  test('a policy that one takes away while the other hears nothing is not used by the other afterwards', async () => {
    const iam = a.client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: 'ada' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ada' }));
    const credentials: Credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:ListBucket', Resource: '*' }] };
    await iam.send(new PutUserPolicyCommand({ UserName: 'ada', PolicyName: 'list', PolicyDocument: JSON.stringify(allow) }));
    const adas = b.client(S3Client, { credentials });
    const list = () => adas.send(new ListObjectsV2Command({ Bucket: 'shared' }));
    await until(20, list);
    server!.stop();
    server!.start();
    // The other process listens again only after a pause: this change goes by unheard.
    await until(20, () => iam.send(new DeleteUserPolicyCommand({ UserName: 'ada', PolicyName: 'list' })));
    await until(20, () => assert.rejects(list(), { name: 'AccessDenied' }));
  });

  test('a long poll that waits meanwhile gets its message', async () => {
    const { QueueUrl } = await a.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'patient' }));
    const wait = () => b.client(SQSClient).send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    let waiting = wait();
    waiting.catch(() => {});
    server!.stop();
    server!.start();
    await until(20, () => a.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' })));
    // A poll that looked just when PostgreSQL was away fails, and its client asks again.
    const { Messages } = await waiting.catch(() => (waiting = wait()));
    assert.equal(Messages?.[0]?.Body, 'hello');
  });
});

type Writer = { acknowledged: string[]; stop(): Promise<void> };

function keepWriting(client: S3Client, name: string): Writer {
  const acknowledged: string[] = [];
  let stopped = false;
  const run = async (): Promise<void> => {
    for (let n = 0; !stopped && n < 20; n++) {
      const key = `${name}/${n}`;
      const done = await client.send(new PutObjectCommand({ Bucket: 'shared', Key: key, Body: key })).then(
        () => true,
        () => false,
      );
      if (done) acknowledged.push(key);
      else await new Promise(setImmediate);
    }
  };
  const running = run();
  return {
    acknowledged,
    stop: () => {
      stopped = true;
      return running;
    },
  };
}
