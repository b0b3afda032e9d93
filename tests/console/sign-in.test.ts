/** The console's private API: who gets in, who does not, and what it tells whom. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  AttachUserPolicyCommand,
  ChangePasswordCommand,
  CreateAccountAliasCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createControl } from '../../src/control/control.ts';
import { startCloud, type Credentials, type LiveCloud } from '../live-cloud.ts';

let cloud: LiveCloud;
let api: string;
const account = '000000000000';
const password = 'correct Horse 7';

before(async () => {
  cloud = await startCloud({
    clock: 'real',
    control: (made) =>
      createControl(made, {
        token: 'the-token',
        testKey: true,
        version: '1.2.3',
        startedAt: 0,
        ready: () => true,
        places: { store: '', blobs: '' },
        console: { directory: '/nowhere', state: async () => ({ is: 'building' }) },
      }),
  });
  api = `http://localhost:${cloud.port}/_console/api/`;
  const iam = cloud.client(IAMClient);
  await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'hanguk' }));
  for (const UserName of ['ana', 'ben', 'cid', 'dora']) await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new CreateLoginProfileCommand({ UserName: 'ana', Password: password }));
  await iam.send(new CreateLoginProfileCommand({ UserName: 'ben', Password: password, PasswordResetRequired: true }));
  await iam.send(new CreateLoginProfileCommand({ UserName: 'cid', Password: password }));
  await iam.send(new AttachUserPolicyCommand({ UserName: 'ana', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' }));
});
after(() => cloud.close());

type Reply = { status: number; body: any };

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  const response = await fetch(api + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

function credentialsOf({ body }: Reply): Credentials {
  const { expiration: _expiration, ...credentials } = body.credentials as Credentials & { expiration: string };
  return credentials;
}

test('a password makes a session that may do what the user may, IAM and STS included', async () => {
  for (const name of [account, 'hanguk', 'HANGUK']) {
    const reply = await post('sign-in', { account: name, user: 'Ana', password });
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    const credentials = credentialsOf(reply);
    assert.match(credentials.accessKeyId, /^ASIA/);
    const iam = cloud.client(IAMClient, { credentials });
    assert.equal((await iam.send(new ListUsersCommand({}))).Users?.length, 4);
    await assert.rejects(iam.send(new CreateUserCommand({ UserName: 'eve' })), { name: 'AccessDenied' });
    const me = await cloud.client(STSClient, { credentials }).send(new GetCallerIdentityCommand({}));
    assert.equal(me.Arn, `arn:aws:iam::${account}:user/ana`);
  }
  const { User } = await cloud.client(IAMClient).send(new GetUserCommand({ UserName: 'ana' }));
  assert.ok(User?.PasswordLastUsed);
});

test('a wrong password, a user without one, a user and an account that are not there are refused in the same words', async () => {
  const replies = [
    await post('sign-in', { account, user: 'ana', password: 'wrong' }),
    await post('sign-in', { account, user: 'dora', password }),
    await post('sign-in', { account, user: 'nobody', password }),
    await post('sign-in', { account: 'no-such-alias', user: 'ana', password }),
  ];
  for (const { status, body } of replies) {
    assert.equal(status, 401);
    assert.equal(body.message, 'Your authentication information is incorrect. Please try again.');
  }
});

test('a password that must be changed is changed at sign-in, by the rules and with the permission', async () => {
  const form = { account, user: 'ben', password };
  assert.deepEqual((await post('sign-in', form)).body, { next: 'new-password' });
  const denied = await post('sign-in', { ...form, newPassword: 'another Horse 8' });
  assert.equal(denied.status, 403, 'ben may not iam:ChangePassword');
  await cloud
    .client(IAMClient)
    .send(new AttachUserPolicyCommand({ UserName: 'ben', PolicyArn: 'arn:aws:iam::aws:policy/IAMUserChangePassword' }));
  const weak = await post('sign-in', { ...form, newPassword: 'short' });
  assert.equal(weak.body.next, 'new-password');
  assert.match(weak.body.reason, /minimum length/);
  const changed = await post('sign-in', { ...form, newPassword: 'another Horse 8' });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  const again = await post('sign-in', { ...form, password: 'another Horse 8' });
  const iam = cloud.client(IAMClient, { credentials: credentialsOf(again) });
  await iam.send(new ChangePasswordCommand({ OldPassword: 'another Horse 8', NewPassword: 'a third Horse 9' }));
});

test('a user with an MFA device is asked for its code, which works once', async () => {
  const iam = cloud.client(IAMClient);
  const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'cid-phone' }));
  const seed = Buffer.from(VirtualMFADevice!.Base32StringSeed!);
  const step = Math.floor(Date.now() / 30_000);
  const [first, second, third] = [-1, 0, 1].map((off) => codeOf(fromBase32(seed.toString()), step + off)) as [string, string, string];
  await iam.send(
    new EnableMFADeviceCommand({
      UserName: 'cid',
      SerialNumber: VirtualMFADevice!.SerialNumber,
      AuthenticationCode1: first,
      AuthenticationCode2: second,
    }),
  );
  const form = { account, user: 'cid', password };
  assert.deepEqual((await post('sign-in', form)).body, { next: 'mfa' });
  assert.equal((await post('sign-in', { ...form, code: second })).status, 401, 'a code that was used');
  assert.equal((await post('sign-in', { ...form, code: third })).status, 200);
  assert.equal((await post('sign-in', { ...form, code: third })).status, 401);
});

test('sign-ins are in the audit trail, failed ones without the name', async () => {
  const { Events } = await cloud
    .client(CloudTrailClient)
    .send(new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'ConsoleLogin' }] }));
  const outcomes = Events!.map((event) => JSON.parse(event.CloudTrailEvent!));
  assert.ok(outcomes.some((event) => event.responseElements.ConsoleLogin === 'Success' && event.userIdentity.userName === 'ana'));
  const failed = outcomes.filter((event) => event.responseElements.ConsoleLogin === 'Failure');
  assert.ok(failed.length > 0);
  assert.ok(failed.every((event) => event.userIdentity.userName === 'HIDDEN_DUE_TO_SECURITY_REASONS'));
  assert.ok(!JSON.stringify(outcomes).includes(password));
});

test('pages of other sites and names that others point here are refused', async () => {
  for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { host: 'evil.example' }] as Record<
    string,
    string
  >[]) {
    const { status } = await raw('POST', '/_console/api/sign-in', headers, JSON.stringify({ account, user: 'ana', password }));
    assert.equal(status, 403, JSON.stringify(headers));
  }
});

test('a signed GetCallerIdentity begins a session, and nothing else does', async () => {
  const session = await post('session', await proofOf({ accessKeyId: 'test', secretAccessKey: 'test' }));
  assert.equal(session.status, 200);
  assert.deepEqual({ arn: session.body.arn, owner: session.body.owner }, { arn: `arn:aws:iam::${account}:root`, owner: true });
  const good = await fetch(`${api}status`, { headers: { 'x-haneul-console': session.body.token } });
  assert.equal(good.status, 200);
  assert.equal((await fetch(`${api}status`)).status, 401);
  assert.equal((await fetch(`${api}status`, { headers: { 'x-haneul-console': 'made-up' } })).status, 401);
  const proof = await proofOf({ accessKeyId: 'test', secretAccessKey: 'wrong' });
  assert.equal((await post('session', proof)).status, 401);
  const other = await proofOf({ accessKeyId: 'test', secretAccessKey: 'test' });
  assert.equal((await post('session', { ...other, body: 'Action=GetSessionToken&Version=2011-06-15' })).status, 400);
});

test('the event stream names the services that changed, and ends when the cloud closes', async () => {
  const { body } = await post('session', await proofOf({ accessKeyId: 'test', secretAccessKey: 'test' }));
  const response = await fetch(`${api}events`, { headers: { 'x-haneul-console': body.token } });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  await cloud.client(IAMClient).send(new CreateUserCommand({ UserName: 'streamed' }));
  let text = '';
  while (!text.includes('data: ')) text += (await reader.read()).value ?? '';
  assert.match(text, /data: \["us-east-1 iam"\]/);
  await reader.cancel();
});

test('why a call was denied is told to its caller', async () => {
  const credentials = credentialsOf(await post('sign-in', { account, user: 'ana', password }));
  const call = cloud.client(IAMClient, { credentials }).send(new CreateUserCommand({ UserName: 'gil' }));
  const error = await call.then(
    () => assert.fail('it was allowed'),
    (problem: { $metadata: { requestId: string } }) => problem,
  );
  const { body } = await post('session', await proofOf(credentials));
  const why = await fetch(`${api}why/${error.$metadata.requestId}`, { headers: { 'x-haneul-console': body.token } });
  assert.equal(why.status, 200);
  assert.equal(((await why.json()) as { operation: string }).operation, 'CreateUser');
});

test('whoever fails too often waits, whoever else is not hindered', async () => {
  const form = { account, user: 'dora', password: 'wrong' };
  // Failures of the tests above count for the address too, so that the limit may be reached early.
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 11; attempt++) statuses.push((await post('sign-in', form)).status);
  assert.equal(statuses.at(-1), 429);
  assert.ok(statuses.includes(401));
});

/** A signed call that is caught before it leaves, as the page does it. */
async function proofOf(credentials: Credentials): Promise<{ headers: Record<string, string>; body: string }> {
  let proof: { headers: Record<string, string>; body: string } | undefined;
  const client = new STSClient({
    endpoint: `http://localhost:${cloud.port}`,
    region: 'us-east-1',
    credentials: { ...credentials },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: { headers: Record<string, string>; body: string }) => {
        proof = { headers: request.headers, body: request.body };
        throw new Error('caught');
      },
    } as never,
  });
  await assert.rejects(client.send(new GetCallerIdentityCommand({})), /caught/);
  return proof!;
}

/** Headers that fetch would not let through. */
async function raw(method: string, path: string, headers: Record<string, string>, body: string): Promise<{ status: number }> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const call = request(
      { port: cloud.port, host: '127.0.0.1', method, path, headers: { host: `localhost:${cloud.port}`, ...headers } },
      (response) => {
        response.resume().once('end', () => resolve({ status: response.statusCode! }));
      },
    );
    call.once('error', reject);
    call.end(body);
  });
}

function fromBase32(text: string): Buffer {
  let bits = '';
  for (const letter of text) bits += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

function codeOf(seed: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', seed).update(counter).digest();
  return ((digest.readUInt32BE(digest[19]! & 15) & 0x7fffffff) % 1_000_000).toString().padStart(6, '0');
}
