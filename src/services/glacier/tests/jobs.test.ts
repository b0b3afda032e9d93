/** Jobs: hours of waiting, a day to fetch what they bring, and topics that hear of it. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  DeleteArchiveCommand,
  DeleteVaultNotificationsCommand,
  DescribeJobCommand,
  GetJobOutputCommand,
  GetVaultNotificationsCommand,
  InitiateJobCommand,
  InitiateMultipartUploadCommand,
  ListJobsCommand,
  SetVaultNotificationsCommand,
  UploadArchiveCommand,
  UploadMultipartPartCommand,
  type JobParameters,
} from '@aws-sdk/client-glacier';
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { treeHasher } from '../archives/tree-hash.ts';
import { day, glacierOf, home, makeVault, policy, refused } from './cast.ts';

let cloud: LiveCloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

const MiB = 1024 * 1024;
const minute = 60_000;
const hour = 60 * minute;
type Place = { accountId: string; vaultName: string };

function treeHash(bytes: Uint8Array): string {
  const hasher = treeHasher();
  hasher.update(bytes);
  return hasher.digest().toString('hex');
}

async function initiate(vault: Place, jobParameters: JobParameters): Promise<string> {
  return (await glacierOf(cloud).send(new InitiateJobCommand({ ...vault, jobParameters }))).jobId!;
}

async function upload(vault: Place, body: Uint8Array, archiveDescription?: string): Promise<string> {
  const input = { ...vault, body, ...(archiveDescription !== undefined && { archiveDescription }) };
  return (await glacierOf(cloud).send(new UploadArchiveCommand(input))).archiveId!;
}

async function output(vault: Place, jobId: string, range?: string) {
  const answer = await glacierOf(cloud).send(new GetJobOutputCommand({ ...vault, jobId, ...(range !== undefined && { range }) }));
  return { ...answer, bytes: Buffer.from(await answer.body!.transformToByteArray()) };
}

test('an archive comes back after the wait of its tier, whole or in part, for a day', async () => {
  const vault = await makeVault(glacierOf(cloud), 'retrieved');
  const body = randomBytes(2 * MiB + 7);
  const ArchiveId = await upload(vault, body, 'mine');
  const jobId = await initiate(vault, { Type: 'archive-retrieval', ArchiveId, Description: 'why' });
  await cloud.advance(3 * hour - 1);
  const describe = () => glacierOf(cloud).send(new DescribeJobCommand({ ...vault, jobId }));
  const before = await describe();
  assert.deepEqual([before.Completed, before.StatusCode, before.Tier], [false, 'InProgress', 'Standard']);
  await refused(output(vault, jobId), 'InvalidParameterValueException', /not currently available/);
  await cloud.advance(2 * hour + 1);
  const done = await describe();
  assert.deepEqual([done.StatusCode, done.JobDescription, done.Action], ['Succeeded', 'why', 'ArchiveRetrieval']);
  assert.deepEqual([done.RetrievalByteRange, done.SHA256TreeHash], [`0-${body.length - 1}`, treeHash(body)]);
  const whole = await output(vault, jobId);
  assert.ok(whole.bytes.equals(body));
  assert.deepEqual([whole.status, whole.checksum, whole.archiveDescription], [200, treeHash(body), 'mine']);
  const some = await output(vault, jobId, `bytes=${MiB - 3}-${MiB + 3}`);
  assert.ok(some.bytes.equals(body.subarray(MiB - 3, MiB + 4)));
  assert.deepEqual([some.status, some.contentRange, some.checksum], [206, `bytes ${MiB - 3}-${MiB + 3}/${body.length}`, undefined]);
  await refused(output(vault, jobId, `bytes=${body.length}-`), 'InvalidParameterValueException');
  await glacierOf(cloud).send(new DeleteArchiveCommand({ ...vault, archiveId: ArchiveId }));
  assert.ok((await output(vault, jobId)).bytes.equals(body));
  await cloud.advance(day);
  await refused(output(vault, jobId), 'ResourceNotFoundException');
});

test('a range of an archive in parts is retrieved across them, expedited within five minutes', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'ranges');
  const body = randomBytes(3 * MiB + 9);
  const { uploadId } = await glacier.send(new InitiateMultipartUploadCommand({ ...vault, partSize: String(MiB) }));
  for (let at = 0; at < body.length; at += MiB) {
    const part = body.subarray(at, at + MiB);
    const range = `bytes ${at}-${at + part.length - 1}/*`;
    await glacier.send(new UploadMultipartPartCommand({ ...vault, uploadId, range, body: part }));
  }
  const claim = { archiveSize: String(body.length), checksum: treeHash(body) };
  const { archiveId: ArchiveId } = await glacier.send(new CompleteMultipartUploadCommand({ ...vault, uploadId, ...claim }));
  const Type = 'archive-retrieval';
  for (const RetrievalByteRange of [`5-${MiB - 1}`, `0-${MiB}`, `${MiB}-${body.length}`, 'x'])
    await refused(initiate(vault, { Type, ArchiveId, RetrievalByteRange }), 'InvalidParameterValueException', /RetrievalByteRange/);
  const RetrievalByteRange = `${MiB}-${body.length - 1}`;
  const jobId = await initiate(vault, { Type, ArchiveId, RetrievalByteRange, Tier: 'Expedited' });
  await cloud.advance(5 * minute);
  assert.ok((await output(vault, jobId)).bytes.equals(body.subarray(MiB)));
  assert.ok((await output(vault, jobId, `bytes=10-${2 * MiB + 3}`)).bytes.equals(body.subarray(MiB + 10, 3 * MiB + 4)));
});

test('a bulk retrieval of an archive that is deleted meanwhile fails', async () => {
  const vault = await makeVault(glacierOf(cloud), 'failing');
  const ArchiveId = await upload(vault, Buffer.from('abc'));
  const jobId = await initiate(vault, { Type: 'archive-retrieval', ArchiveId, Tier: 'Bulk' });
  await cloud.advance(5 * hour - 1);
  await glacierOf(cloud).send(new DeleteArchiveCommand({ ...vault, archiveId: ArchiveId }));
  assert.equal((await glacierOf(cloud).send(new DescribeJobCommand({ ...vault, jobId }))).StatusCode, 'InProgress');
  await cloud.advance(7 * hour + 1);
  assert.equal((await glacierOf(cloud).send(new DescribeJobCommand({ ...vault, jobId }))).StatusCode, 'Failed');
  await refused(output(vault, jobId), 'InvalidParameterValueException');
  await refused(initiate(vault, { Type: 'archive-retrieval', ArchiveId }), 'ResourceNotFoundException');
});

test('an inventory tells what a vault held when it was counted, as JSON and as CSV', async () => {
  const vault = await makeVault(glacierOf(cloud), 'inventoried');
  await refused(initiate(vault, { Type: 'inventory-retrieval' }), 'ResourceNotFoundException');
  const body = Buffer.from('abc');
  const ArchiveId = await upload(vault, body, 'say "a, b"');
  const CreationDate = new Date(cloud.cloud.clock.now()).toISOString();
  await cloud.advance(day);
  await upload(vault, Buffer.from('later'));
  const json = await initiate(vault, { Type: 'inventory-retrieval' });
  const csv = await initiate(vault, { Type: 'inventory-retrieval', Format: 'CSV' });
  await cloud.advance(day); // over a midnight, at which the vault is counted again: the jobs began before
  const inventory = await output(vault, json);
  assert.equal(inventory.contentType, 'application/json');
  const told = JSON.parse(inventory.bytes.toString());
  assert.equal(told.VaultARN, `arn:aws:glacier:us-east-1:${home}:vaults/inventoried`);
  const first = { ArchiveId, ArchiveDescription: 'say "a, b"', CreationDate, Size: 3, SHA256TreeHash: treeHash(body) };
  assert.deepEqual(told.ArchiveList, [first]);
  const table = await output(vault, csv);
  assert.equal(table.contentType, 'text/csv');
  assert.equal(table.bytes.toString().split('\r\n')[1], `${ArchiveId},"say ""a, b""",${CreationDate},3,${treeHash(body)}`);
  const described = await glacierOf(cloud).send(new DescribeJobCommand({ ...vault, jobId: csv }));
  assert.deepEqual([described.InventorySizeInBytes, described.InventoryRetrievalParameters?.Format], [table.bytes.length, 'CSV']);
});

test('jobs are listed in pages, by whether they are done', async () => {
  const vault = await makeVault(glacierOf(cloud), 'busy');
  const ArchiveId = await upload(vault, Buffer.from('abc'));
  const quick = await initiate(vault, { Type: 'archive-retrieval', ArchiveId, Tier: 'Expedited' });
  await cloud.advance(5 * minute);
  const slow = await initiate(vault, { Type: 'archive-retrieval', ArchiveId });
  const list = async (input: object) => {
    const { JobList, Marker } = await glacierOf(cloud).send(new ListJobsCommand({ ...vault, ...input }));
    return { ids: JobList!.map(({ JobId }) => JobId), Marker };
  };
  const [first, second] = [quick, slow].toSorted();
  assert.deepEqual(await list({ limit: 1 }), { ids: [first], Marker: second });
  assert.deepEqual(await list({ marker: second }), { ids: [second], Marker: undefined });
  assert.deepEqual((await list({ completed: 'true' })).ids, [quick]);
  assert.deepEqual((await list({ statuscode: 'InProgress' })).ids, [slow]);
  await refused(list({ completed: 'perhaps' }), 'InvalidParameterValueException');
});

test('the topic of the job and that of the vault are told, and a topic that refuses is asked again', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'telling');
  const sns = cloud.client(SNSClient, { credentials: rootOf(home) });
  const sqs = cloud.client(SQSClient, { credentials: rootOf(home) });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'heard' }));
  const queueArn = `arn:aws:sqs:us-east-1:${home}:heard`;
  const fromTopics = policy({ Action: 'sqs:SendMessage', Resource: queueArn, Principal: { Service: 'sns.amazonaws.com' } });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: fromTopics } }));
  const topics: string[] = [];
  for (const Name of ['of-job', 'of-vault']) {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn, Attributes: { RawMessageDelivery: 'true' } }));
    topics.push(TopicArn!);
  }
  const open = (TopicArn: string) => {
    const AttributeValue = policy({ Action: 'sns:Publish', Resource: TopicArn, Principal: { Service: 'glacier.amazonaws.com' } });
    return sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
  };
  const shut = policy({ Effect: 'Deny', Action: 'sns:Publish', Resource: topics[1]!, Principal: '*' });
  await sns.send(new SetTopicAttributesCommand({ TopicArn: topics[1], AttributeName: 'Policy', AttributeValue: shut }));
  await open(topics[0]!);
  const vaultNotificationConfig = { SNSTopic: topics[1], Events: ['ArchiveRetrievalCompleted'] };
  const wrong = { ...vaultNotificationConfig, Events: ['Anything'] };
  await refused(
    glacier.send(new SetVaultNotificationsCommand({ ...vault, vaultNotificationConfig: wrong })),
    'InvalidParameterValueException',
  );
  await glacier.send(new SetVaultNotificationsCommand({ ...vault, vaultNotificationConfig }));
  const set = await glacier.send(new GetVaultNotificationsCommand(vault));
  assert.deepEqual(set.vaultNotificationConfig, vaultNotificationConfig);
  const ArchiveId = await upload(vault, Buffer.from('abc'));
  const jobId = await initiate(vault, { Type: 'archive-retrieval', ArchiveId, Tier: 'Expedited', SNSTopic: topics[0] });
  const heard = async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body }) => JSON.parse(Body!));
  };
  await cloud.advance(5 * minute);
  const [first, ...none] = await heard();
  assert.deepEqual([first.JobId, first.StatusCode, first.ArchiveId, none.length], [jobId, 'Succeeded', ArchiveId, 0]);
  await open(topics[1]!);
  await cloud.advance(10 * minute);
  assert.ok((await heard()).some((message) => message.JobId === jobId && message.SNSTopic === topics[0]));
  await glacier.send(new DeleteVaultNotificationsCommand(vault));
  await refused(glacier.send(new GetVaultNotificationsCommand(vault)), 'ResourceNotFoundException');
});
