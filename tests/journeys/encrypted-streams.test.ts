/** Kinesis streams with a KMS key of a customer: who may not use the key may not put or get records. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordsCommand,
  StartStreamEncryptionCommand,
} from '@aws-sdk/client-kinesis';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { dataKeys } from '../../src/services/kinesis/tables.ts';
import { allowedUser } from '../allowed-user.ts';
import { startCloud, type LiveCloud } from '../live-cloud.ts';

let cloud: LiveCloud;
let kms: KMSClient;
let kinesis: KinesisClient;
let KeyId: string;
before(async () => {
  cloud = await startCloud();
  kms = cloud.client(KMSClient);
  kinesis = cloud.client(KinesisClient);
  KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
});
after(() => cloud.close());

const user = (name: string, ...actions: string[]) => allowedUser(cloud, name, ...actions);

async function stream(StreamName: string, key = KeyId): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await cloud.cloud.settled();
  await kinesis.send(new StartStreamEncryptionCommand({ StreamName, EncryptionType: 'KMS', KeyId: key }));
  await cloud.cloud.settled();
  return StreamName;
}
const put = (StreamName: string, text: string, client = kinesis) =>
  client.send(new PutRecordsCommand({ StreamName, Records: [{ PartitionKey: 'k', Data: Buffer.from(text) }] }));

async function get(StreamName: string, client = kinesis): Promise<string[]> {
  const at = { StreamName, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' as const };
  const { ShardIterator } = await client.send(new GetShardIteratorCommand(at));
  const { Records } = await client.send(new GetRecordsCommand({ ShardIterator }));
  return Records!.map(({ Data }) => Buffer.from(Data!).toString());
}

test('producers need kms:GenerateDataKey, consumers kms:Decrypt', async () => {
  const name = await stream('sealed');
  const stranger = cloud.client(KinesisClient, await user('without', 'kinesis:*'));
  const producer = cloud.client(KinesisClient, await user('producer', 'kinesis:*', 'kms:GenerateDataKey'));
  const consumer = cloud.client(KinesisClient, await user('consumer', 'kinesis:*', 'kms:Decrypt'));
  await put(name, 'one', producer);
  await put(name, 'two');
  for (const other of [stranger, consumer]) await assert.rejects(put(name, 'no', other), { name: 'KMSAccessDeniedException' });
  for (const other of [stranger, producer]) await assert.rejects(get(name, other), { name: 'KMSAccessDeniedException' });
  assert.deepEqual(await get(name, consumer), ['one', 'two']);
  const start = new StartStreamEncryptionCommand({ StreamName: name, EncryptionType: 'KMS', KeyId });
  await assert.rejects(stranger.send(start), { name: 'KMSAccessDeniedException' });
});

test('of many records under one data key KMS is asked once', async () => {
  const name = await stream('asked-once');
  for (const text of ['one', 'two', 'three']) await put(name, text);
  const reader = cloud.client(KinesisClient, await user('reader', 'kinesis:*', 'kms:Decrypt'));
  assert.deepEqual(await get(name, reader), ['one', 'two', 'three']);
  const asked = { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'Decrypt' }] };
  const { Events } = await cloud.client(CloudTrailClient).send(new LookupEventsCommand(asked));
  assert.equal(Events!.filter(({ Username }) => Username === 'reader').length, 1);
});

test('a key that is disabled stops the stream, once its data key has served its time', async () => {
  const key = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
  const name = await stream('stopped', key);
  await put(name, 'before');
  await kms.send(new DisableKeyCommand({ KeyId: key }));
  const start = new StartStreamEncryptionCommand({ StreamName: name, EncryptionType: 'KMS', KeyId: key });
  await assert.rejects(kinesis.send(start), { name: 'KMSDisabledException' });
  await cloud.advance(301_000);
  await assert.rejects(put(name, 'meanwhile'), { name: 'KMSDisabledException' });
  await assert.rejects(get(name), { name: 'KMSDisabledException' });
  await kms.send(new EnableKeyCommand({ KeyId: key }));
  await put(name, 'after');
  assert.deepEqual(await get(name), ['before', 'after']);
});

test('a process that begins anew reads what lies under data keys of the one before', async () => {
  const first = await startCloud();
  const { KeyMetadata } = await first.client(KMSClient).send(new CreateKeyCommand({}));
  const one = first.client(KinesisClient);
  await one.send(new CreateStreamCommand({ StreamName: 'lasting', ShardCount: 1 }));
  await first.cloud.settled();
  const start = { StreamName: 'lasting', EncryptionType: 'KMS' as const, KeyId: KeyMetadata!.Arn };
  await one.send(new StartStreamEncryptionCommand(start));
  await first.cloud.settled();
  await put('lasting', 'before', one);
  await first.close({ keep: true });
  const second = await startCloud({ dataDirectory: first.dataDirectory });
  try {
    const two = second.client(KinesisClient);
    await put('lasting', 'after', two);
    assert.deepEqual(await get('lasting', two), ['before', 'after']);
  } finally {
    await second.close();
  }
});

test('data keys go with the records that lay under them, and with their stream', async () => {
  const name = await stream('passing');
  const keysOf = async () => {
    const kept = new Set<string>();
    for await (const row of dataKeys.each(cloud.cloud.store)) kept.add(row.id);
    return kept;
  };
  const before = await keysOf();
  await put(name, 'old');
  const old = (await keysOf()).difference(before);
  assert.equal(old.size, 1);
  await cloud.advance(20 * 3_600_000);
  await put(name, 'young');
  await cloud.advance(20 * 3_600_000);
  await put(name, 'new');
  await cloud.advance(20 * 3_600_000);
  await put(name, 'newest');
  await cloud.cloud.settled();
  const left = (await keysOf()).difference(before);
  assert.equal(left.isDisjointFrom(old), true);
  assert.equal(left.size, 1);
  assert.deepEqual(await get(name), ['new', 'newest']);
  await kinesis.send(new DeleteStreamCommand({ StreamName: name }));
  await cloud.cloud.settled();
  assert.equal((await keysOf()).isDisjointFrom(left), true);
});
