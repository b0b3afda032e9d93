/** AssumeRoleWithWebIdentity, with an issuer of our own on this machine. */

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateOpenIDConnectProviderCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
  type AssumeRoleWithWebIdentityCommandInput,
} from '@aws-sdk/client-sts';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { mayFetch } from '../web-identity/provider-keys.ts';
import { allow, credentialsOf, home, iamOf, makeRole, policyText, stsAs } from './cast.ts';

let cloud: LiveCloud;
let sts: STSClient;
let server: Server;
let issuer: string;
let provider: string;
let requests = 0;
const published: { kid: string; key: CryptoKey }[] = [];

/** A new signing key of the issuer. */
async function turnKey(kid: string): Promise<CryptoKey> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  published.push({ kid, key: publicKey });
  return privateKey;
}

function serve(): Promise<Server> {
  const listening = createServer((request, response) => {
    requests++;
    const answer = async () => {
      if (request.url === '/.well-known/openid-configuration') return { issuer, jwks_uri: `${issuer}/keys` };
      return { keys: await Promise.all(published.map(async ({ kid, key }) => ({ ...(await exportJWK(key)), kid, alg: 'RS256' }))) };
    };
    void answer().then((body) => response.end(JSON.stringify(body)));
  });
  return new Promise((resolve) => listening.listen(0, '127.0.0.1', () => resolve(listening)));
}

before(async () => {
  cloud = await startCloud();
  server = await serve();
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const name = issuer.slice('http://'.length);
  await iamOf(cloud).send(
    new CreateOpenIDConnectProviderCommand({
      Url: `https://${name}`,
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: ['a'.repeat(40)],
    }),
  );
  provider = `arn:aws:iam::${home}:oidc-provider/${name}`;
  // Nobody signs this call: the token is all there is.
  sts = cloud.client(STSClient, {
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    signer: { sign: async (request: unknown) => request },
  });
});
after(async () => {
  await cloud.close();
  server.close();
});

function token(key: CryptoKey, kid: string, claims: JWTPayload = {}, options: { lifetime?: number } = {}): Promise<string> {
  const now = Math.floor(cloud.cloud.clock.now() / 1000);
  return new SignJWT({
    sub: 'repo:haneul',
    aud: 'sts.amazonaws.com',
    iss: issuer,
    iat: now,
    exp: now + (options.lifetime ?? 600),
    ...claims,
  })
    .setProtectedHeader({ alg: 'RS256', kid })
    .sign(key);
}

function trust(condition: Record<string, unknown>, actions: unknown = 'sts:AssumeRoleWithWebIdentity') {
  return { Effect: 'Allow', Principal: { Federated: provider }, Action: actions, Condition: condition };
}

const bySubject = (subject: string) => ({ StringLike: { [`${issuer.slice('http://'.length)}:sub`]: subject } });
const assume = (input: Partial<AssumeRoleWithWebIdentityCommandInput> & { RoleArn: string; WebIdentityToken: string }) =>
  sts.send(new AssumeRoleWithWebIdentityCommand({ RoleSessionName: 'build', ...input }));

test('a true token of a trusted subject becomes a session', async () => {
  const key = await turnKey('one');
  const RoleArn = await makeRole(cloud, 'build', [trust(bySubject('repo:*'))], [allow('iam:ListUsers')]);
  const answer = await assume({ RoleArn, WebIdentityToken: await token(key, 'one') });
  assert.deepEqual([answer.SubjectFromWebIdentityToken, answer.Audience, answer.Provider], ['repo:haneul', 'sts.amazonaws.com', issuer]);
  const credentials = credentialsOf(answer.Credentials);
  assert.equal(
    (await stsAs(cloud, credentials).send(new GetCallerIdentityCommand({}))).Arn,
    `arn:aws:sts::${home}:assumed-role/build/build`,
  );
  await cloud.client(IAMClient, { credentials }).send(new ListUsersCommand({}));
});

test('a subject that the role does not trust is denied', async () => {
  const key = await turnKey('two');
  const RoleArn = await makeRole(cloud, 'other', [trust(bySubject('repo:other'))]);
  const refusal = { name: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' };
  await assert.rejects(assume({ RoleArn, WebIdentityToken: await token(key, 'two') }), refusal);
  await assert.rejects(assume({ RoleArn: `arn:aws:iam::${home}:role/missing`, WebIdentityToken: await token(key, 'two') }), refusal);
  const trail = cloud.client(CloudTrailClient, { credentials: rootOf(home) });
  const attribute = { AttributeKey: 'EventName', AttributeValue: 'AssumeRoleWithWebIdentity' } as const;
  const { Events } = await trail.send(new LookupEventsCommand({ LookupAttributes: [attribute] }));
  const told = Events!.map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent!) as Record<string, string>);
  assert.ok(told.some(({ errorMessage }) => errorMessage === refusal.message));
  assert.ok(!JSON.stringify(told).includes('eyJ'), 'tokens are not in the trail');
});

test('false, foreign and expired tokens are refused', async () => {
  const key = await turnKey('three');
  const { privateKey: thief } = await generateKeyPair('RS256');
  const RoleArn = await makeRole(cloud, 'strict', [trust(bySubject('*'))]);
  const refused = async (WebIdentityToken: string, name: string, message: RegExp) =>
    assert.rejects(assume({ RoleArn, WebIdentityToken }), { name, message });
  await refused(await token(thief, 'three'), 'InvalidIdentityTokenException', /Couldn't verify/);
  await refused(await token(key, 'unknown'), 'InvalidIdentityTokenException', /Couldn't verify/);
  await refused(await token(key, 'three', { aud: 'another' }), 'InvalidIdentityTokenException', /Incorrect token audience/);
  await refused(
    await token(key, 'three', { iss: 'https://issuer.example.com' }),
    'InvalidIdentityTokenException',
    /No OpenIDConnect provider found in your account for https:\/\/issuer.example.com/,
  );
  await refused(await token(key, 'three', {}, { lifetime: -10 }), 'ExpiredTokenException', /Token expired/);
  await refused('not.a.token', 'InvalidIdentityTokenException', /is not a valid JWT/);
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await token(key, 'three')).split('.')[1]}.`;
  await refused(unsigned, 'InvalidIdentityTokenException', /Couldn't verify/);
});

test('keys are kept for a while, and asked for again when a new one signs', async () => {
  const key = await turnKey('four');
  const RoleArn = await makeRole(cloud, 'kept', [trust(bySubject('*'))]);
  await assume({ RoleArn, WebIdentityToken: await token(key, 'four') });
  const asked = requests;
  await assume({ RoleArn, WebIdentityToken: await token(key, 'four') });
  assert.equal(requests, asked);
  const next = await turnKey('five');
  await assume({ RoleArn, WebIdentityToken: await token(next, 'five') });
  assert.ok(requests > asked);
});

test('session tags come from the token where the role lets them', async () => {
  const key = await turnKey('six');
  const claims = { 'https://aws.amazon.com/tags': { principal_tags: { team: ['blue'] }, transitive_tag_keys: ['team'] } };
  const byTeam = { ...allow('iam:ListUsers'), Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } } };
  const closed = await makeRole(cloud, 'tagless', [trust(bySubject('*'))], [byTeam]);
  await assert.rejects(assume({ RoleArn: closed, WebIdentityToken: await token(key, 'six', claims) }), { name: 'AccessDenied' });
  const RoleArn = await makeRole(cloud, 'tagful', [trust(bySubject('*'), ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'])], [byTeam]);
  const { Credentials } = await assume({ RoleArn, WebIdentityToken: await token(key, 'six', claims) });
  await cloud.client(IAMClient, { credentials: credentialsOf(Credentials) }).send(new ListUsersCommand({}));
  const narrowed = await assume({ RoleArn, WebIdentityToken: await token(key, 'six', claims), Policy: policyText(allow('s3:*')) });
  await assert.rejects(cloud.client(IAMClient, { credentials: credentialsOf(narrowed.Credentials) }).send(new ListUsersCommand({})), {
    message: /no session policy allows/,
  });
});

test('only an issuer on this machine may keep its keys on this machine, and elsewhere they come over HTTPS', () => {
  assert.equal(mayFetch('https://keys.example.com/jwks', 'https://issuer.example.com'), true);
  assert.equal(mayFetch('http://keys.example.com/jwks', 'https://issuer.example.com'), false);
  assert.equal(mayFetch('http://127.0.0.1:4566/_haneul', 'https://issuer.example.com'), false);
  assert.equal(mayFetch('https://localhost/jwks', 'https://issuer.example.com'), false);
  assert.equal(mayFetch('http://127.0.0.1:1/jwks', 'http://127.0.0.1:1'), true);
  assert.equal(mayFetch('file:///etc/passwd', 'http://127.0.0.1:1'), false);
  assert.equal(mayFetch('https://user:word@keys.example.com/', 'https://issuer.example.com'), false);
});
