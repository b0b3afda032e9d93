/** Data protection policies: what they deny, mask, redact and audit, on the way in and on the way out. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  CreateTopicCommand,
  GetDataProtectionPolicyCommand,
  PublishBatchCommand,
  PublishCommand,
  PutDataProtectionPolicyCommand,
} from '@aws-sdk/client-sns';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.cloud.close());

const identifier = (name: string): string => `arn:aws:dataprotection::aws:data-identifier/${name}`;
const statement = (DataDirection: string, names: string[], Operation: object, Principal: string[] = ['*']) => ({
  ...{ Sid: 's', DataDirection, Principal, DataIdentifier: names.map(identifier), Operation },
});
const policy = (...Statement: object[]): string => JSON.stringify({ Name: 'p', Description: 'd', Version: '2021-06-01', Statement });
const protect = (ResourceArn: string, DataProtectionPolicy: string) =>
  cast.sns.send(new PutDataProtectionPolicyCommand({ ResourceArn, DataProtectionPolicy }));
async function topicWithQueue(name: string, attributes: Record<string, string> = { RawMessageDelivery: 'true' }) {
  const TopicArn = await cast.topic(name);
  const { url, arn } = await cast.queue(name);
  await cast.subscribe(TopicArn, 'sqs', arn, attributes);
  return { TopicArn, url };
}
const publish = (TopicArn: string, Message: string) => cast.sns.send(new PublishCommand({ TopicArn, Message }));
const bodies = async (url: string): Promise<string[]> => (await cast.received(url)).map(({ Body }) => Body!);

test('a message with sensitive data is denied, alone and in a batch', async () => {
  const { TopicArn, url } = await topicWithQueue('deny');
  await protect(TopicArn, policy(statement('Inbound', ['CreditCardNumber'], { Deny: {} })));
  await assert.rejects(publish(TopicArn, 'pay with 4539894458086459'), { name: 'AuthorizationErrorException' });
  await publish(TopicArn, 'pay with 4539894458086458');
  const PublishBatchRequestEntries = [
    { Id: 'a', Message: 'fine' },
    { Id: 'b', Message: '4111 1111 1111 1111' },
  ];
  const answer = await cast.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
  assert.deepEqual(
    [answer.Successful!.map(({ Id }) => Id), answer.Failed!.map(({ Id, Code }) => [Id, Code])],
    [['a'], [['b', 'AuthorizationError']]],
  );
  assert.deepEqual((await bodies(url)).sort(), ['fine', 'pay with 4539894458086458']);
  await protect(TopicArn, '');
  await publish(TopicArn, '4539894458086459');
  assert.deepEqual(await bodies(url), ['4539894458086459']);
});

test('on the way in, data is masked and redacted for everyone', async () => {
  const { TopicArn, url } = await topicWithQueue('mask');
  const mask = statement('Inbound', ['EmailAddress'], { Deidentify: { MaskConfig: { MaskWithCharacter: '*' } } });
  const redact = statement('Inbound', ['IpAddress'], { Deidentify: { RedactConfig: {} } });
  await protect(TopicArn, policy(mask, redact));
  await publish(TopicArn, '{"who":"a@example.com","ip":"10.0.0.1"}');
  assert.deepEqual(await bodies(url), ['{"who":"*************","ip":""}']);
});

test('on the way out, by whose subscription it is', async () => {
  const TopicArn = await cast.topic('out');
  const [mine, other] = [await cast.queue('out-mine'), await cast.queue('out-web')];
  await cast.subscribe(TopicArn, 'sqs', mine.arn, { RawMessageDelivery: 'true' });
  await cast.subscribe(TopicArn, 'sqs', other.arn);
  const root = ['arn:aws:iam::000000000000:root'];
  await protect(TopicArn, policy(statement('Outbound', ['Ssn-US'], { Deidentify: { MaskConfig: {} } }, root)));
  await publish(TopicArn, 'it is 123-45-6789');
  assert.deepEqual(await bodies(mine.url), ['it is ###########']);
  assert.equal(JSON.parse((await bodies(other.url))[0]!).Message, 'it is ###########');
  await protect(TopicArn, policy(statement('Outbound', ['Ssn-US'], { Deny: {} })));
  await publish(TopicArn, 'it is 123-45-6789');
  await publish(TopicArn, 'nothing');
  assert.deepEqual(await bodies(mine.url), ['nothing']);
  await protect(TopicArn, policy(statement('Outbound', ['Ssn-US'], { Deny: {} }, ['arn:aws:iam::111122223333:root'])));
  await publish(TopicArn, 'it is 123-45-6789');
  assert.deepEqual(await bodies(mine.url), ['it is 123-45-6789']);
});

test('an audit tells where it found what, and where nothing', async () => {
  const { TopicArn } = await topicWithQueue('audit');
  const s3 = cast.cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket: 'findings' }));
  const Audit = {
    SampleRate: '99',
    FindingsDestination: { CloudWatchLogs: { LogGroup: '/aws/vendedlogs/sns' } },
    NoFindingsDestination: { S3: { Bucket: 'findings' } },
  };
  await protect(TopicArn, policy(statement('Inbound', ['EmailAddress', 'IpAddress'], { Audit })));
  // One in a hundred is passed by: of ten at least one is told of.
  for (let i = 0; i < 10; i++) {
    await publish(TopicArn, 'from a@example.com');
    await publish(TopicArn, 'nothing');
  }
  await cast.cloud.cloud.settled();
  const logs = cast.cloud.client(CloudWatchLogsClient);
  const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/vendedlogs/sns' }));
  const record = JSON.parse(events![0]!.message!);
  assert.equal(record.resourceArn, TopicArn);
  assert.deepEqual(record.dataIdentifiers, [{ name: 'EmailAddress', count: 1, detections: [{ start: 5, end: 18 }] }]);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'findings' }));
  const object = await s3.send(new GetObjectCommand({ Bucket: 'findings', Key: Contents![0]!.Key! }));
  assert.deepEqual(JSON.parse(await object.Body!.transformToString()).dataIdentifiers, []);
});

test('a policy is checked before it is kept', async () => {
  const TopicArn = await cast.topic('checked');
  const deny = statement('Inbound', ['EmailAddress'], { Deny: {} });
  const kept = policy(deny);
  await protect(TopicArn, kept);
  const wrong = [
    'no json',
    '{"Name":"p"}',
    policy({ ...deny, DataDirection: 'Sideways' }),
    policy({ ...deny, DataIdentifier: ['EmailAddress'] }),
    policy({ ...deny, Principal: [] }),
    policy({ ...deny, Operation: { Deny: {}, Audit: {} } }),
    policy(statement('Inbound', ['EmailAddress'], { Deidentify: { MaskConfig: { MaskWithCharacter: 'xx' } } })),
    policy(statement('Inbound', ['EmailAddress'], { Audit: { SampleRate: '100' } })),
    policy(
      statement('Inbound', ['EmailAddress'], { Audit: { SampleRate: '1', FindingsDestination: { CloudWatchLogs: { LogGroup: 'x' } } } }),
    ),
  ];
  for (const text of wrong) await assert.rejects(protect(TopicArn, text), { name: 'InvalidParameterException' }, text);
  await assert.rejects(protect(TopicArn, policy(statement('Inbound', ['Name'], { Deny: {} }))), {
    name: 'NotImplemented',
    message: /identifier Name/,
  });
  const got = await cast.sns.send(new GetDataProtectionPolicyCommand({ ResourceArn: TopicArn }));
  assert.equal(got.DataProtectionPolicy, kept);
  const fifo = new CreateTopicCommand({ Name: 'x.fifo', Attributes: { FifoTopic: 'true' }, DataProtectionPolicy: kept });
  await assert.rejects(cast.sns.send(fifo), { name: 'InvalidParameterException' });
});
