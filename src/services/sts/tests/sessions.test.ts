/** Sessions of users and federated users, and who a caller is. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreatePolicyCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  AssumeRootCommand,
  DecodeAuthorizationMessageCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  type STSClient,
} from '@aws-sdk/client-sts';
import { rootOf, startCloud, type Credentials, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { encodedAuthorizationMessage } from '../../../framework/policy/authorization-message.ts';
import { evaluate, type DecisionQuery } from '../../../framework/policy/evaluate.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import { abroad, allow, credentialsOf, enableMfa, home, iamOf, makeUser, policyText, stsAs } from './cast.ts';

let cloud: LiveCloud;
let keys: Credentials;
let carol: STSClient;

before(async () => {
  cloud = await startCloud();
  keys = await makeUser(cloud, 'carol', [allow(['iam:ListUsers', 's3:ListAllMyBuckets', 's3:CreateBucket', 'sts:*'])]);
  carol = stsAs(cloud, keys);
});
after(() => cloud.close());

/** What IAM says to sessions of users without MFA. */
const noneOfIam = { name: 'InvalidClientTokenId', message: 'The security token included in the request is invalid' };

const seconds = (given: { Expiration?: Date | undefined } | undefined) =>
  Math.ceil((given!.Expiration!.getTime() - cloud.cloud.clock.now()) / 1000);

test('a caller is who the key belongs to, and nobody without one', async () => {
  const identity = await carol.send(new GetCallerIdentityCommand({}));
  assert.equal(identity.Arn, `arn:aws:iam::${home}:user/carol`);
  assert.match(identity.UserId!, /^AIDA/);
  const root = await stsAs(cloud, rootOf(abroad)).send(new GetCallerIdentityCommand({}));
  assert.deepEqual([root.Arn, root.UserId, root.Account], [`arn:aws:iam::${abroad}:root`, abroad, abroad]);
  await assert.rejects(stsAs(cloud, { ...keys, secretAccessKey: 'wrong' }).send(new GetCallerIdentityCommand({})), {
    name: 'SignatureDoesNotMatch',
  });
});

test('asking who one is cannot be denied', async () => {
  const denied = await makeUser(cloud, 'denied', [{ Effect: 'Deny', Action: '*', Resource: '*' }]);
  await stsAs(cloud, denied).send(new GetCallerIdentityCommand({}));
});

test('a session token makes a user’s session, which may not make another', async () => {
  const { Credentials } = await carol.send(new GetSessionTokenCommand({}));
  assert.equal(seconds(Credentials), 43_200);
  const session = credentialsOf(Credentials);
  const identity = await stsAs(cloud, session).send(new GetCallerIdentityCommand({}));
  assert.equal(identity.Arn, `arn:aws:iam::${home}:user/carol`);
  await cloud.client(S3Client, { credentials: session }).send(new ListBucketsCommand({}));
  await assert.rejects(cloud.client(IAMClient, { credentials: session }).send(new ListUsersCommand({})), noneOfIam);
  await assert.rejects(stsAs(cloud, session).send(new GetSessionTokenCommand({})), {
    name: 'AccessDenied',
    message: 'Cannot call GetSessionToken with session credentials',
  });
  await assert.rejects(stsAs(cloud, session).send(new GetAccessKeyInfoCommand({ AccessKeyId: keys.accessKeyId })), {
    name: 'AccessDenied',
  });
  await assert.rejects(stsAs(cloud, session).send(new GetFederationTokenCommand({ Name: 'dave' })), {
    name: 'AccessDenied',
    message: 'Cannot call GetFederationToken with session credentials',
  });
});

test('a temporary key is worth nothing without its own token', async () => {
  const { Credentials } = await carol.send(new GetSessionTokenCommand({}));
  const { Credentials: other } = await carol.send(new GetSessionTokenCommand({}));
  const session = credentialsOf(Credentials);
  const without = { accessKeyId: session.accessKeyId, secretAccessKey: session.secretAccessKey };
  const mixed = { ...without, sessionToken: other!.SessionToken! };
  for (const credentials of [without, mixed, { ...without, sessionToken: 'AAAA' }]) {
    await assert.rejects(stsAs(cloud, credentials).send(new GetCallerIdentityCommand({})), { name: 'InvalidClientTokenId' });
  }
});

test('the root user’s sessions last an hour', async () => {
  const { Credentials } = await stsAs(cloud, rootOf(home)).send(new GetSessionTokenCommand({ DurationSeconds: 7_200 }));
  assert.equal(seconds(Credentials), 3_600);
});

test('MFA needs both the device and its code', async () => {
  await assert.rejects(carol.send(new GetSessionTokenCommand({ SerialNumber: `arn:aws:iam::${home}:mfa/carol` })), {
    name: 'AccessDenied',
    message: /must provide both MFA serial number and one time pass code/,
  });
});

test('a code of the caller’s own device makes the session one with MFA, once', async () => {
  const guarded = { ...allow('iam:ListUsers'), Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };
  const frank = await makeUser(cloud, 'frank', [guarded]);
  const { SerialNumber, codeAt } = await enableMfa(cloud, 'frank');
  const now = cloud.cloud.clock.now();
  const TokenCode = codeAt(now);
  const sts = stsAs(cloud, frank);
  const wrong = { name: 'AccessDenied', message: /invalid MFA one time pass code/ };
  await assert.rejects(sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode: codeAt(now + 300_000) })), wrong);
  await assert.rejects(carol.send(new GetSessionTokenCommand({ SerialNumber, TokenCode })), wrong);
  await assert.rejects(cloud.client(IAMClient, { credentials: frank }).send(new ListUsersCommand({})), { name: 'AccessDenied' });
  const { Credentials } = await sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode }));
  await cloud.client(IAMClient, { credentials: credentialsOf(Credentials) }).send(new ListUsersCommand({}));
  await assert.rejects(sts.send(new GetSessionTokenCommand({ SerialNumber, TokenCode })), wrong);
});

test('a federated user may do what its session policy and its issuer may', async () => {
  const { Policy } = await iamOf(cloud).send(
    new CreatePolicyCommand({ PolicyName: 'createBuckets', PolicyDocument: policyText(allow('s3:CreateBucket')) }),
  );
  const answer = await carol.send(
    new GetFederationTokenCommand({
      Name: 'dave',
      Policy: policyText(allow(['iam:ListUsers', 's3:ListAllMyBuckets', 's3:DeleteBucket'])),
      PolicyArns: [{ arn: Policy!.Arn! }],
    }),
  );
  assert.deepEqual(answer.FederatedUser, { FederatedUserId: `${home}:dave`, Arn: `arn:aws:sts::${home}:federated-user/dave` });
  const credentials = credentialsOf(answer.Credentials);
  const s3 = cloud.client(S3Client, { credentials });
  await s3.send(new CreateBucketCommand({ Bucket: 'by-dave' }));
  await s3.send(new ListBucketsCommand({}));
  const denied = { name: 'AccessDenied', message: /because no identity-based policy allows/ };
  await assert.rejects(s3.send(new DeleteBucketCommand({ Bucket: 'by-dave' })), denied);
  await assert.rejects(cloud.client(IAMClient, { credentials }).send(new ListUsersCommand({})), noneOfIam);
});

test('a federated user without a session policy may do only what a resource grants to it by name', async () => {
  const { Credentials } = await carol.send(new GetFederationTokenCommand({ Name: 'erin' }));
  const credentials = credentialsOf(Credentials);
  await assert.rejects(cloud.client(S3Client, { credentials }).send(new ListBucketsCommand({})), {
    name: 'AccessDenied',
    message: /because no session policy allows/,
  });
  const root = cloud.client(S3Client, { credentials: rootOf(home) });
  await root.send(new CreateBucketCommand({ Bucket: 'for-erin' }));
  const s3 = cloud.client(S3Client, { credentials });
  await assert.rejects(s3.send(new ListObjectsV2Command({ Bucket: 'for-erin' })), { name: 'AccessDenied' });
  const Policy = policyText({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:sts::${home}:federated-user/erin` },
    Action: 's3:ListBucket',
    Resource: 'arn:aws:s3:::for-erin',
  });
  await root.send(new PutBucketPolicyCommand({ Bucket: 'for-erin', Policy }));
  assert.equal((await s3.send(new ListObjectsV2Command({ Bucket: 'for-erin' }))).KeyCount, 0);
});

test('federation needs permission', async () => {
  const plain = stsAs(cloud, await makeUser(cloud, 'plain', []));
  await assert.rejects(plain.send(new GetFederationTokenCommand({ Name: 'dave' })), {
    name: 'AccessDenied',
    message: `User: arn:aws:iam::${home}:user/plain is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::${home}:federated-user/dave because no identity-based policy allows the sts:GetFederationToken action`,
  });
});

test('an access key id tells its account', async () => {
  assert.equal((await carol.send(new GetAccessKeyInfoCommand({ AccessKeyId: keys.accessKeyId }))).Account, home);
  const { Credentials } = await carol.send(new GetSessionTokenCommand({}));
  assert.equal((await carol.send(new GetAccessKeyInfoCommand({ AccessKeyId: Credentials!.AccessKeyId! }))).Account, home);
  await assert.rejects(carol.send(new GetAccessKeyInfoCommand({ AccessKeyId: 'AKIAIOSFODNN7EXAMPLE0' })), { name: 'ValidationError' });
});

test('an encoded message is read in its own account only', async () => {
  const random = { bytes: (length: number) => Buffer.alloc(length, 7) } as never;
  const named = {
    name: 'guard',
    document: parsePolicy(policyText({ Sid: 'NoStop', Effect: 'Deny', Action: 'ec2:*', Resource: '*' }), 'identity'),
  };
  const query: DecisionQuery = {
    principal: { type: 'User', account: home, arn: `arn:aws:iam::${home}:user/carol`, id: 'AIDACAROL', name: 'carol' },
    policies: { identity: [named], tags: {} },
    check: {
      action: 'ec2:StopInstances',
      resource: `arn:aws:ec2:us-east-1:${home}:instance/i-1`,
      context: { 'ec2:InstanceType': 't3.nano' },
    },
    account: home,
    facts: { now: 0, region: 'us-east-1' },
  };
  const EncodedMessage = await encodedAuthorizationMessage(cloud.cloud.store, random, query, evaluate(query));
  const { DecodedMessage } = await carol.send(new DecodeAuthorizationMessageCommand({ EncodedMessage }));
  const decoded = JSON.parse(DecodedMessage!) as Record<string, any>;
  assert.equal(decoded['explicitDeny'], true);
  assert.equal(decoded['matchedStatements'].items[0].statementId, 'NoStop');
  assert.deepEqual(decoded['context'].principal, { id: 'AIDACAROL', name: 'carol', arn: `arn:aws:iam::${home}:user/carol` });
  assert.deepEqual(decoded['context'].conditions, { items: [{ key: 'ec2:InstanceType', values: { items: [{ value: 't3.nano' }] } }] });
  await assert.rejects(stsAs(cloud, rootOf(abroad)).send(new DecodeAuthorizationMessageCommand({ EncodedMessage })), {
    name: 'InvalidAuthorizationMessageException',
  });
  await assert.rejects(carol.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: 'nonsense' })), {
    name: 'InvalidAuthorizationMessageException',
  });
});

test('what is not built says so', async () => {
  await assert.rejects(
    carol.send(
      new AssumeRootCommand({
        TargetPrincipal: abroad,
        TaskPolicyArn: { arn: 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' },
      }),
    ),
    { name: 'NotImplemented', message: /sts:AssumeRoot/ },
  );
});
