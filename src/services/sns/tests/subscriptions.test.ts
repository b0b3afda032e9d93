/** Subscriptions: endpoints, attributes, filters, lists, confirmation by token. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ConfirmSubscriptionCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { mailbox } from '../../../framework/mailbox.ts';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
before(async () => {
  cast = await startCast();
});
after(() => cast.cloud.close());

const letters = async () => {
  await cast.cloud.cloud.settled();
  return (await cast.cloud.cloud.store.read((tx) => mailbox.scan(tx))).map(({ row }) => row);
};
const tokenIn = (body: string): string => JSON.parse(body).Token;

test('endpoints must fit their protocols', async () => {
  const { sns, topic } = cast;
  const TopicArn = await topic('endpoints');
  const refused = (Protocol: string, Endpoint: string, message: string | RegExp) =>
    assert.rejects(sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint })), typeof message === 'string' ? { message } : message);
  await refused('pigeon', 'x', 'Invalid parameter: Amazon SNS does not support this protocol string: pigeon');
  await refused('sqs', 'queue', 'Invalid parameter: SQS endpoint ARN');
  await refused('https', 'http://localhost/', 'Invalid parameter: Endpoint must match the specified protocol');
  await refused('email', 'nobody', 'Invalid parameter: Email address');
  await refused('sqs', 'arn:aws:sqs:us-east-1:000000000000:a.fifo', /can not be subscribed to standard SNS topics/);
  await refused('sms', '+15--551234567', 'Invalid SMS endpoint: +15--551234567');
  await refused('sms', '+15551234567.', 'Invalid SMS endpoint: +15551234567.');
  await refused('lambda', 'arn:aws:lambda:us-east-1:000000000000:function:f', /has not built/);
});

test('subscribing again answers the same subscription, unless its attributes differ', async () => {
  const { topic, queue, subscribe } = cast;
  const TopicArn = await topic('twice');
  const { arn } = await queue('twice');
  const first = await subscribe(TopicArn, 'sqs', arn, { RawMessageDelivery: 'true' });
  assert.equal(await subscribe(TopicArn, 'sqs', arn), first);
  assert.equal(await subscribe(TopicArn, 'sqs', arn, { FilterPolicyScope: 'MessageAttributes' }), first);
  await assert.rejects(subscribe(TopicArn, 'sqs', arn, { RawMessageDelivery: 'false' }), {
    message: 'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
  });
});

test('Subscribe names the parameter before what is wrong with an attribute; a scope without a policy is not shown', async () => {
  const { sns, topic, queue, subscribe } = cast;
  const TopicArn = await topic('worded');
  const { arn } = await queue('worded');
  const wrong = { FilterPolicy: '{"a":[{"numeric":["=","1"]}]}' };
  await assert.rejects(subscribe(TopicArn, 'sqs', arn, wrong), {
    message: /^Invalid parameter: Attributes Reason: FilterPolicy: Value of equals must be numeric/,
  });
  const SubscriptionArn = await subscribe(TopicArn, 'sqs', arn, { FilterPolicyScope: 'MessageBody', FilterPolicy: '' });
  const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  assert.equal(Attributes!['FilterPolicyScope'], undefined);
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  await assert.rejects(set('RawMessageDelivery', 'maybe'), {
    message: 'Invalid parameter: RawMessageDelivery: Invalid value [maybe]. Must be true or false.',
  });
});

test('a topic that is not there is said before what is wrong with the endpoint', async () => {
  const { sns, topic } = cast;
  const TopicArn = `${await topic('here')}-not`;
  await assert.rejects(sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: 'x' })), { message: 'Topic does not exist' });
  await assert.rejects(sns.send(new PublishCommand({ TopicArn: '', Message: 'x' })), {
    message: 'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
  });
});

test('the trace of a call that publishes goes on into the queue', async () => {
  const { sns, topic, queue, subscribe, received, cloud } = cast;
  const TopicArn = await topic('traced');
  const { arn, url } = await queue('traced');
  await subscribe(TopicArn, 'sqs', arn);
  const traced = cloud.client(SNSClient);
  traced.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'] = 'Root=1-a;Sampled=1';
      return next(args);
    },
    { step: 'build' },
  );
  await traced.send(new PublishCommand({ TopicArn, Message: 'x' }));
  await sns.send(new PublishCommand({ TopicArn, Message: 'y' }));
  const traces = (await received(url)).map(({ Body, Attributes }) => [JSON.parse(Body!).Message, Attributes?.AWSTraceHeader]);
  assert.deepEqual(traces.sort(), [
    ['x', 'Root=1-a;Sampled=1'],
    ['y', undefined],
  ]);
});

test('attributes are read and set; topics count their subscriptions', async () => {
  const { sns, topic, queue, subscribe } = cast;
  const TopicArn = await topic('counted');
  const SubscriptionArn = await subscribe(TopicArn, 'sqs', (await queue('counted')).arn);
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  await set('RawMessageDelivery', 'true');
  await set('FilterPolicy', '{"a":["b"]}');
  const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  assert.equal(Attributes!['RawMessageDelivery'], 'true');
  assert.equal(Attributes!['FilterPolicy'], '{"a":["b"]}');
  assert.equal(Attributes!['FilterPolicyScope'], 'MessageAttributes');
  assert.equal(Attributes!['PendingConfirmation'], 'false');
  await assert.rejects(set('FilterPolicy', '{"a":'), /FilterPolicy: failed to parse JSON/);
  await assert.rejects(set('FilterPolicy', '{"a":[{"near":1}]}'), /FilterPolicy: Unrecognized match type near/);
  await assert.rejects(set('RedrivePolicy', '{"deadLetterTargetArn":"x"}'), /RedrivePolicy/);
  const topicAttributes = async () => (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes!;
  assert.equal((await topicAttributes())['SubscriptionsConfirmed'], '1');
  await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  assert.equal((await topicAttributes())['SubscriptionsConfirmed'], '0');
  assert.equal((await topicAttributes())['SubscriptionsDeleted'], '1');
  await assert.rejects(sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn })), {
    name: 'NotFoundException',
    message: 'Subscription does not exist',
  });
});

test('filters decide who gets a message, by attributes and by body', async () => {
  const { sns, topic, queue, subscribe, received } = cast;
  const TopicArn = await topic('filtered');
  const byAttribute = await queue('by-attribute');
  const byBody = await queue('by-body');
  await subscribe(TopicArn, 'sqs', byAttribute.arn, { RawMessageDelivery: 'true', FilterPolicy: '{"kind":["order",{"prefix":"pay"}]}' });
  const nested = '{"detail":{"price":[{"numeric":[">",10,"<=",20]}]}}';
  await subscribe(TopicArn, 'sqs', byBody.arn, { RawMessageDelivery: 'true', FilterPolicyScope: 'MessageBody', FilterPolicy: nested });
  const publish = (Message: string, kind: string) =>
    sns.send(new PublishCommand({ TopicArn, Message, MessageAttributes: { kind: { DataType: 'String', StringValue: kind } } }));
  await publish('{"detail":{"price":20}}', 'order');
  await publish('{"detail":{"price":10}}', 'payment');
  await publish('no json', 'refund');
  assert.deepEqual((await received(byAttribute.url)).map(({ Body }) => Body).sort(), [
    '{"detail":{"price":10}}',
    '{"detail":{"price":20}}',
  ]);
  assert.deepEqual(
    (await received(byBody.url)).map(({ Body }) => Body),
    ['{"detail":{"price":20}}'],
  );
});

test('an e-mail subscriber is asked, confirms by the token, and finds letters in the mailbox', async () => {
  const { sns, topic } = cast;
  const TopicArn = await topic('letters');
  const pending = await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'ann@example.com' }));
  assert.equal(pending.SubscriptionArn, 'pending confirmation');
  const question = (await letters()).find(({ to }) => to === 'ann@example.com')!;
  await assert.rejects(sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: 'wrong' })), { message: 'Invalid token' });
  const never = 'ab'.repeat(96);
  await assert.rejects(sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: never })), { message: 'Invalid parameter: Token' });
  const Token = tokenIn(question.body);
  const confirmed = await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
  assert.ok(confirmed.SubscriptionArn!.startsWith(`${TopicArn}:`));
  await sns.send(new PublishCommand({ TopicArn, Subject: 'News', Message: 'It is here' }));
  const news = (await letters()).find(({ subject }) => subject === 'News')!;
  assert.equal(news.body, 'It is here');
});

test('nobody’s confirmation within three days ends the question', async () => {
  const { sns, topic, cloud } = cast;
  const TopicArn = await topic('forgotten');
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'bob@example.com' }));
  const question = (await letters()).find(({ to }) => to === 'bob@example.com')!;
  const listed = async () => (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions!;
  assert.equal((await listed())[0]!.SubscriptionArn, 'PendingConfirmation');
  await cloud.advance(3 * 86_400_000);
  assert.deepEqual(await listed(), []);
  await assert.rejects(sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: tokenIn(question.body) })), /Token/);
});

test('text messages go to the mailbox', async () => {
  const { sns, topic, subscribe } = cast;
  const TopicArn = await topic('texts', { DisplayName: 'Shop' });
  await subscribe(TopicArn, 'sms', '+15555550100');
  await sns.send(new PublishCommand({ TopicArn, Message: 'on its way' }));
  await sns.send(new PublishCommand({ PhoneNumber: '+15555550101', Message: 'directly' }));
  const found = (await letters()).filter(({ kind }) => kind === 'sms');
  assert.deepEqual(found.map(({ to, body }) => [to, body]).sort(), [
    ['+15555550100', 'Shop> on its way'],
    ['+15555550101', 'directly'],
  ]);
  await cast.cloud.advance(31 * 86_400_000);
  assert.deepEqual(await letters(), []);
});

test('subscriptions are listed, and go with their topic', async () => {
  const { sns, topic, queue, subscribe, cloud } = cast;
  const TopicArn = await topic('leaving');
  const SubscriptionArn = await subscribe(TopicArn, 'sqs', (await queue('leaving')).arn);
  const mine = async () => (await sns.send(new ListSubscriptionsCommand({}))).Subscriptions!.map((each) => each.SubscriptionArn);
  assert.ok((await mine()).includes(SubscriptionArn));
  await sns.send(new DeleteTopicCommand({ TopicArn }));
  await cloud.cloud.settled();
  assert.ok(!(await mine()).includes(SubscriptionArn));
  await topic('leaving');
  assert.deepEqual((await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions, []);
});
