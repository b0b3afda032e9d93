/** Letters, text messages and pushes where the operator has opened a way out. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  ConfirmSubscriptionCommand,
  CreatePlatformApplicationCommand,
  CreatePlatformEndpointCommand,
  PublishCommand,
} from '@aws-sdk/client-sns';
import type { Messenger, OutgoingMessage } from '../../../framework/host.ts';
import { mailbox } from '../../../framework/mailbox.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
const sent: OutgoingMessage[] = [];
let answer: () => 'sent' | 'refused';

const messenger: Messenger = async (message) => {
  const outcome = answer();
  if (outcome === 'sent') sent.push(message);
  return outcome;
};

before(async () => {
  cast = await startCast({ host: simulatedHost({}, {}, undefined, { email: messenger, sms: messenger, push: messenger }) });
});
after(() => cast.cloud.close());

const kept = async () => (await cast.cloud.cloud.store.read((tx) => mailbox.scan(tx))).map(({ row }) => row);

async function outgoing(publish: () => Promise<unknown>): Promise<OutgoingMessage[]> {
  sent.length = 0;
  await publish();
  await cast.cloud.cloud.settled();
  return sent;
}

test('a letter asks for its confirmation under the name of the topic', async () => {
  answer = () => 'sent';
  const TopicArn = await cast.topic('news', { DisplayName: 'The News' });
  const [letter] = await outgoing(() => cast.subscribe(TopicArn, 'email', 'ann@example.com'));
  assert.deepEqual([letter!.kind, letter!.sender, letter!.to], ['email', 'The News', 'ann@example.com']);
  assert.match(letter!.body, /SubscribeURL/);
  assert.deepEqual(await kept(), []);
});

test('text messages and pushes leave, each once', async () => {
  answer = () => 'sent';
  const text = await outgoing(() => cast.sns.send(new PublishCommand({ PhoneNumber: '+15550100', Message: 'hello' })));
  assert.deepEqual(
    text.map(({ kind, to, body }) => [kind, to, body]),
    [['sms', '+15550100', 'hello']],
  );
  const { PlatformApplicationArn } = await cast.sns.send(
    new CreatePlatformApplicationCommand({ Name: 'shop', Platform: 'GCM', Attributes: { PlatformCredential: 'secret' } }),
  );
  const { EndpointArn } = await cast.sns.send(new CreatePlatformEndpointCommand({ PlatformApplicationArn, Token: 'token' }));
  const push = await outgoing(() => cast.sns.send(new PublishCommand({ TargetArn: EndpointArn, Message: 'ping' })));
  assert.deepEqual(
    push.map(({ kind, to, body }) => [kind, to, body]),
    [['push', EndpointArn, 'ping']],
  );
});

test('what cannot leave now is tried again; what is refused lies in the mailbox', async () => {
  answer = () => {
    throw new Error('no connection');
  };
  const publish = (Message: string) => () => cast.sns.send(new PublishCommand({ PhoneNumber: '+15550100', Message }));
  assert.deepEqual(await outgoing(publish('patient')), []);
  answer = () => 'sent';
  await cast.cloud.advance(10_000);
  assert.deepEqual(
    sent.map(({ body }) => body),
    ['patient'],
  );
  answer = () => 'refused';
  await outgoing(publish('refused'));
  assert.deepEqual(
    (await kept()).map(({ body }) => body),
    ['refused'],
  );
});

test('an e-mail that is refused ends in the dead-letter queue of its subscription, not in the mailbox', async () => {
  answer = () => 'sent';
  const TopicArn = await cast.topic('refused', { DisplayName: 'Refused' });
  const { url, arn } = await cast.queue('refused');
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn });
  const [asked] = await outgoing(() => cast.subscribe(TopicArn, 'email', 'gone@example.com', { RedrivePolicy }));
  const Token = /Token=([0-9a-f]+)/.exec(asked!.body)![1]!;
  await cast.sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
  answer = () => 'refused';
  const before = (await kept()).length;
  await outgoing(() => cast.sns.send(new PublishCommand({ TopicArn, Message: 'x'.repeat(20_000) })));
  const [dead] = await cast.received(url);
  assert.equal(JSON.parse(dead!.Body!).Message.length, 20_000);
  assert.equal((await kept()).length, before);
  answer = () => 'sent';
  assert.equal((await outgoing(() => cast.sns.send(new PublishCommand({ TopicArn, Message: 'fine' })))).length, 1);
  assert.deepEqual(await cast.received(url), []);
});
