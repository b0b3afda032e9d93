/** Platform applications, endpoints, pushes; SMS settings and sandbox numbers. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CheckIfPhoneNumberIsOptedOutCommand,
  CreatePlatformApplicationCommand,
  CreatePlatformEndpointCommand,
  CreateSMSSandboxPhoneNumberCommand,
  DeleteEndpointCommand,
  DeletePlatformApplicationCommand,
  DeleteSMSSandboxPhoneNumberCommand,
  GetEndpointAttributesCommand,
  GetPlatformApplicationAttributesCommand,
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  ListEndpointsByPlatformApplicationCommand,
  ListOriginationNumbersCommand,
  ListPhoneNumbersOptedOutCommand,
  ListPlatformApplicationsCommand,
  ListSMSSandboxPhoneNumbersCommand,
  OptInPhoneNumberCommand,
  PublishCommand,
  SetEndpointAttributesCommand,
  SetPlatformApplicationAttributesCommand,
  SetSMSAttributesCommand,
  SNSClient,
  VerifySMSSandboxPhoneNumberCommand,
} from '@aws-sdk/client-sns';
import { incomingTexts, mailbox } from '../../../framework/mailbox.ts';
import { rootOf } from '../../../../tests/live-cloud.ts';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
let sns: SNSClient;
before(async () => {
  cast = await startCast();
  sns = cast.sns;
});
after(() => cast.cloud.close());

const letters = async () => {
  await cast.cloud.cloud.settled();
  return (await cast.cloud.cloud.store.read((tx) => mailbox.scan(tx))).map(({ row }) => row);
};
const application = async (Name: string): Promise<string> =>
  (await sns.send(new CreatePlatformApplicationCommand({ Name, Platform: 'GCM', Attributes: { PlatformCredential: 'secret' } })))
    .PlatformApplicationArn!;

test('an application has attributes, but never shows its credentials', async () => {
  const PlatformApplicationArn = await application('shop');
  assert.equal(PlatformApplicationArn, 'arn:aws:sns:us-east-1:000000000000:app/GCM/shop');
  const Attributes = { SuccessFeedbackSampleRate: '50' };
  await sns.send(new SetPlatformApplicationAttributesCommand({ PlatformApplicationArn, Attributes }));
  const got = await sns.send(new GetPlatformApplicationAttributesCommand({ PlatformApplicationArn }));
  assert.deepEqual(got.Attributes, { Enabled: 'true', SuccessFeedbackSampleRate: '50' });
  assert.ok(
    (await sns.send(new ListPlatformApplicationsCommand({}))).PlatformApplications!.some(
      (each) => each.PlatformApplicationArn === PlatformApplicationArn,
    ),
  );
  await sns.send(new DeletePlatformApplicationCommand({ PlatformApplicationArn }));
  await assert.rejects(sns.send(new GetPlatformApplicationAttributesCommand({ PlatformApplicationArn })), { name: 'NotFoundException' });
});

test('an endpoint is one for its token, gets pushes while it is enabled, and belongs to its account', async () => {
  const PlatformApplicationArn = await application('news');
  const create = (more: object = {}) => sns.send(new CreatePlatformEndpointCommand({ PlatformApplicationArn, Token: 'token-1', ...more }));
  const EndpointArn = (await create()).EndpointArn!;
  assert.equal((await create()).EndpointArn, EndpointArn);
  await assert.rejects(create({ CustomUserData: 'other' }), /already exists with the same Token, but different attributes/);
  const message = { MessageStructure: 'json', Message: '{"default":"d","GCM":"{\\"data\\":1}"}' };
  await sns.send(new PublishCommand({ TargetArn: EndpointArn, ...message }));
  const TopicArn = await cast.topic('pushed');
  await cast.subscribe(TopicArn, 'application', EndpointArn);
  await sns.send(new PublishCommand({ TopicArn, Message: 'by topic' }));
  assert.deepEqual(
    (await letters())
      .filter(({ to }) => to === EndpointArn)
      .map(({ body }) => body)
      .sort(),
    ['by topic', '{"data":1}'],
  );
  await sns.send(new SetEndpointAttributesCommand({ EndpointArn, Attributes: { Enabled: 'false' } }));
  assert.equal((await sns.send(new GetEndpointAttributesCommand({ EndpointArn }))).Attributes!['Enabled'], 'false');
  await assert.rejects(sns.send(new PublishCommand({ TargetArn: EndpointArn, Message: 'x' })), { name: 'EndpointDisabledException' });
  const stranger = cast.cloud.client(SNSClient, { credentials: rootOf('111122223333') });
  await assert.rejects(stranger.send(new GetEndpointAttributesCommand({ EndpointArn })), { name: 'AuthorizationErrorException' });
  const listed = await sns.send(new ListEndpointsByPlatformApplicationCommand({ PlatformApplicationArn }));
  assert.equal(listed.Endpoints!.length, 1);
  await sns.send(new DeleteEndpointCommand({ EndpointArn }));
  await assert.rejects(sns.send(new PublishCommand({ TargetArn: EndpointArn, Message: 'x' })), {
    message: 'Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified',
  });
});

test('SMS settings are kept; what would not be kept to is refused', async () => {
  await sns.send(new SetSMSAttributesCommand({ attributes: { DefaultSMSType: 'Transactional' } }));
  assert.deepEqual((await sns.send(new GetSMSAttributesCommand({}))).attributes, { DefaultSMSType: 'Transactional' });
  await assert.rejects(sns.send(new SetSMSAttributesCommand({ attributes: { UsageReportS3Bucket: 'b' } })), { name: 'NotImplemented' });
  await assert.rejects(sns.send(new SetSMSAttributesCommand({ attributes: { DefaultSMSType: 'x' } })), {
    name: 'InvalidParameterException',
  });
  await sns.send(new SetSMSAttributesCommand({ attributes: { DefaultSMSType: '', UsageReportS3Bucket: '' } }));
  assert.deepEqual((await sns.send(new GetSMSAttributesCommand({}))).attributes, {});
});

const texts = async (phone: string): Promise<string[]> => (await letters()).filter(({ to }) => to === phone).map(({ body }) => body);
async function answer(from: string, body: string): Promise<void> {
  const { clock, store } = cast.cloud.cloud;
  await store.write((tx) => incomingTexts.put(tx, { id: body, at: clock.now(), from, body }));
  await cast.cloud.cloud.settled();
}

test('who answers STOP gets nothing more until he is opted in, once a month', async () => {
  const phoneNumber = '+15555550100';
  const publish = (Message: string) => sns.send(new PublishCommand({ PhoneNumber: phoneNumber, Message }));
  const isOut = async () => (await sns.send(new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber }))).isOptedOut;
  await publish('one');
  await answer(phoneNumber, 'thanks');
  assert.equal(await isOut(), false);
  await answer(phoneNumber, ' stop ');
  assert.equal(await isOut(), true);
  assert.deepEqual((await sns.send(new ListPhoneNumbersOptedOutCommand({}))).phoneNumbers, [phoneNumber]);
  await publish('two');
  const TopicArn = await cast.topic('texts');
  await cast.subscribe(TopicArn, 'sms', phoneNumber);
  await sns.send(new PublishCommand({ TopicArn, Message: 'three' }));
  assert.deepEqual(await texts(phoneNumber), ['one']);
  const elsewhere = cast.cloud.client(SNSClient, { region: 'eu-west-1' });
  assert.equal((await elsewhere.send(new CheckIfPhoneNumberIsOptedOutCommand({ phoneNumber }))).isOptedOut, false);
  await sns.send(new OptInPhoneNumberCommand({ phoneNumber }));
  await publish('four');
  assert.deepEqual((await texts(phoneNumber)).sort(), ['four', 'one']);
  await answer(phoneNumber, 'STOP');
  await assert.rejects(sns.send(new OptInPhoneNumberCommand({ phoneNumber })), /less than 30 days ago/);
  await cast.cloud.advance(30 * 86_400_000);
  await sns.send(new OptInPhoneNumberCommand({ phoneNumber }));
  assert.equal(await isOut(), false);
  assert.deepEqual((await sns.send(new ListOriginationNumbersCommand({}))).PhoneNumbers, []);
});

test('what is sent stays within the month’s spending limit, and a message within its price', async () => {
  const phone = '+15555550142';
  // Of its own, so that nothing else is spent there.
  const far = cast.cloud.client(SNSClient, { region: 'eu-west-1' });
  const send = (Message: string, attributes: Record<string, string> = {}) => {
    const entries = Object.entries(attributes).map(([name, value]) => [`AWS.SNS.SMS.${name}`, { DataType: 'String', StringValue: value }]);
    return far.send(new PublishCommand({ PhoneNumber: phone, Message, MessageAttributes: Object.fromEntries(entries) }));
  };
  await send('too dear', { MaxPrice: '0.001' });
  await send('cheap', { MaxPrice: '0.01', SMSType: 'Transactional' });
  await far.send(new SetSMSAttributesCommand({ attributes: { MonthlySpendLimit: '0' } }));
  await send('beyond');
  assert.deepEqual(await texts(phone), ['cheap']);
  await far.send(new SetSMSAttributesCommand({ attributes: { MonthlySpendLimit: '1' } }));
  for (let i = 0; i < 20; i++) await send('x'.repeat(1_600));
  // Eleven parts of 0.00645 dollars each: fourteen such messages, beside the one that was sent before.
  assert.equal((await texts(phone)).filter((text) => text.startsWith('x')).length, 14);
  await cast.cloud.advance(31 * 86_400_000);
  await send('next month');
  assert.ok((await texts(phone)).includes('next month'));
});

test('a sandbox number is verified by the code that it was sent', async () => {
  const PhoneNumber = '+15555550177';
  assert.equal((await sns.send(new GetSMSSandboxAccountStatusCommand({}))).IsInSandbox, false);
  await sns.send(new CreateSMSSandboxPhoneNumberCommand({ PhoneNumber }));
  const code = /\d{6}$/.exec((await letters()).find(({ to }) => to === PhoneNumber)!.body)![0];
  const wrong = code === '000000' ? '111111' : '000000';
  await assert.rejects(sns.send(new VerifySMSSandboxPhoneNumberCommand({ PhoneNumber, OneTimePassword: wrong })), {
    name: 'VerificationException',
  });
  await sns.send(new VerifySMSSandboxPhoneNumberCommand({ PhoneNumber, OneTimePassword: code }));
  const listed = await sns.send(new ListSMSSandboxPhoneNumbersCommand({}));
  assert.deepEqual(listed.PhoneNumbers, [{ PhoneNumber, Status: 'Verified' }]);
  await sns.send(new DeleteSMSSandboxPhoneNumberCommand({ PhoneNumber }));
  assert.deepEqual((await sns.send(new ListSMSSandboxPhoneNumbersCommand({}))).PhoneNumbers, []);
});
