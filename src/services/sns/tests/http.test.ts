/** Delivery to web addresses: the handshake, signatures, retries by the clock, dead letters, the unsubscribe link. */

import assert from 'node:assert/strict';
import { createVerify, X509Certificate } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { ListSubscriptionsByTopicCommand, PublishCommand } from '@aws-sdk/client-sns';
import { isAllowedAddress } from '../../../host/post.ts';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
let server: Server;
let endpoint: string;
let answers: number[] = [];
let posts: { headers: IncomingHttpHeaders; body: string }[] = [];

before(async () => {
  cast = await startCast({ log: () => undefined });
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    response.writeHead(answers.shift() ?? 200).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
after(async () => {
  await cast.cloud.close();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  answers = [];
  posts = [];
});

async function subscribed(name: string, attributes: Record<string, string> = {}): Promise<string> {
  const TopicArn = await cast.topic(name);
  await cast.subscribe(TopicArn, 'http', endpoint, attributes);
  await cast.cloud.cloud.settled();
  const question = JSON.parse(posts.shift()!.body);
  assert.equal((await fetch(question.SubscribeURL)).status, 200);
  return TopicArn;
}

const publish = async (TopicArn: string, Message: string): Promise<void> => {
  await cast.sns.send(new PublishCommand({ TopicArn, Message }));
  await cast.cloud.cloud.settled();
};

test('an address is asked first, with a signature that its certificate proves', async () => {
  const TopicArn = await cast.topic('asked');
  await cast.subscribe(TopicArn, 'http', endpoint);
  await publish(TopicArn, 'too early');
  assert.equal(posts.length, 1);
  assert.equal(posts[0]!.headers['x-amz-sns-message-type'], 'SubscriptionConfirmation');
  const body = JSON.parse(posts[0]!.body);
  const names = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const verify = createVerify('RSA-SHA1').update(names.map((name) => `${name}\n${body[name]}\n`).join(''));
  const pem = await (await fetch(body.SigningCertURL)).text();
  assert.ok(verify.verify(new X509Certificate(pem).publicKey, body.Signature, 'base64'));
  assert.match(await (await fetch(body.SubscribeURL)).text(), /<SubscriptionArn>arn:aws:sns:us-east-1:000000000000:asked:/);
  await publish(TopicArn, 'now');
  const { headers, body: text } = posts[1]!;
  assert.equal(headers['x-amz-sns-message-type'], 'Notification');
  assert.equal(headers['x-amz-sns-topic-arn'], TopicArn);
  assert.equal(headers['content-type'], 'text/plain; charset=UTF-8');
  assert.equal(JSON.parse(text).Message, 'now');
});

test('a raw delivery is the message itself, and says so', async () => {
  const TopicArn = await subscribed('raw-web', { RawMessageDelivery: 'true' });
  await publish(TopicArn, 'as it is');
  assert.equal(posts[0]!.body, 'as it is');
  assert.equal(posts[0]!.headers['x-amz-sns-rawdelivery'], 'true');
});

test('what fails is tried again when the delivery policy says, then goes to the dead letters', async () => {
  const dead = await cast.queue('web-dead-letters');
  const healthyRetryPolicy = { numRetries: 3, numNoDelayRetries: 1, minDelayTarget: 10, maxDelayTarget: 30, backoffFunction: 'linear' };
  const TopicArn = await subscribed('retried', {
    DeliveryPolicy: JSON.stringify({ healthyRetryPolicy }),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }),
  });
  answers = [500, 500, 500, 500];
  await publish(TopicArn, 'again');
  assert.equal(posts.length, 2);
  await cast.cloud.advance(9_999);
  assert.equal(posts.length, 2);
  await cast.cloud.advance(1);
  assert.equal(posts.length, 3);
  assert.deepEqual(await cast.received(dead.url), []);
  await cast.cloud.advance(30_000);
  assert.equal(posts.length, 4);
  const [letter] = await cast.received(dead.url);
  assert.equal(JSON.parse(letter!.Body!).Message, 'again');
});

test('an address that refuses is not asked again', async () => {
  const TopicArn = await subscribed('refused-web');
  answers = [404];
  await publish(TopicArn, 'no');
  await cast.cloud.advance(86_400_000);
  assert.equal(posts.length, 1);
});

test('the link in a message ends the subscription', async () => {
  const TopicArn = await subscribed('ended');
  await publish(TopicArn, 'last');
  assert.equal((await fetch(JSON.parse(posts[0]!.body).UnsubscribeURL)).status, 200);
  assert.deepEqual((await cast.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions, []);
});

test('no message goes to private and metadata addresses', async () => {
  for (const address of [
    '169.254.169.254',
    '10.0.0.1',
    '192.168.1.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    'fd00:ec2::254',
    '0.0.0.0',
    '::',
  ])
    assert.equal(isAllowedAddress(address), false, address);
  for (const address of ['127.0.0.1', '::1', '8.8.8.8', '2606:4700::1111']) assert.equal(isAllowedAddress(address), true, address);
});
