/** AssumeRole: who may, what the session is, and how it is narrowed. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AssumeRoleCommand, GetCallerIdentityCommand, type AssumeRoleCommandInput, type STSClient } from '@aws-sdk/client-sts';
import { CreatePolicyCommand, GetRoleCommand, ListUsersCommand, ListRolesCommand, IAMClient, TagRoleCommand } from '@aws-sdk/client-iam';
import type { ServicePrincipal } from '../../../framework/principal.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { abroad, allow, credentialsOf, enableMfa, home, iamOf, makeRole, makeUser, policyText, stsAs, trusting } from './cast.ts';

let cloud: LiveCloud;
/** Everything that is said of STS, to the user; roles decide the rest. */
let carol: STSClient;
let nobody: STSClient;

before(async () => {
  cloud = await startCloud();
  carol = stsAs(cloud, await makeUser(cloud, 'carol', [allow('sts:*')]));
  nobody = stsAs(cloud, await makeUser(cloud, 'nobody', []));
});
after(() => cloud.close());

const assume = (sts: STSClient, input: Partial<AssumeRoleCommandInput> & { RoleArn: string }) =>
  sts.send(new AssumeRoleCommand({ RoleSessionName: 'today', ...input }));
const iamAs = async (sts: STSClient, input: Partial<AssumeRoleCommandInput> & { RoleArn: string }) => {
  const { Credentials } = await assume(sts, input);
  return cloud.client(IAMClient, { credentials: credentialsOf(Credentials) });
};
const denied = (action: string) => ({ name: 'AccessDenied', message: new RegExp(`is not authorized to perform: ${action}`) });

test('a session is the role, under the session’s name, for an hour', async () => {
  const arn = await makeRole(cloud, 'reader', [trusting({ AWS: home })], [allow('iam:ListUsers')], { Path: '/team/' });
  const answer = await assume(carol, { RoleArn: arn });
  const { Role } = await iamOf(cloud).send(new GetRoleCommand({ RoleName: 'reader' }));
  assert.equal(answer.AssumedRoleUser?.AssumedRoleId, `${Role?.RoleId}:today`);
  assert.equal(answer.AssumedRoleUser?.Arn, `arn:aws:sts::${home}:assumed-role/reader/today`);
  assert.match(answer.Credentials!.AccessKeyId!, /^ASIA/);
  assert.equal(answer.PackedPolicySize, undefined);
  assert.equal(answer.Credentials!.Expiration!.getTime(), Math.floor(cloud.cloud.clock.now() / 1000) * 1000 + 3_600_000);
  const session = stsAs(cloud, credentialsOf(answer.Credentials));
  const identity = await session.send(new GetCallerIdentityCommand({}));
  assert.deepEqual(
    [identity.UserId, identity.Account, identity.Arn],
    [`${Role?.RoleId}:today`, home, `arn:aws:sts::${home}:assumed-role/reader/today`],
  );
  const iam = cloud.client(IAMClient, { credentials: credentialsOf(answer.Credentials) });
  await iam.send(new ListUsersCommand({}));
  await assert.rejects(iam.send(new ListRolesCommand({})), denied('iam:ListRoles'));
});

test('the trail shows the call, and not what STS looks up for it', async () => {
  const arn = await makeRole(cloud, 'trailed', [trusting({ AWS: home })]);
  await assume(carol, { RoleArn: arn, RoleSessionName: 'seen' });
  const { events } = await cloud.cloud.audit.lookup({ account: home, limit: 100 });
  assert.ok(
    events.some(({ eventName, requestParameters }) => eventName === 'AssumeRole' && JSON.stringify(requestParameters).includes('seen')),
  );
  assert.deepEqual(
    events.filter(({ userIdentity }) => userIdentity['invokedBy'] === 'sts.amazonaws.com'),
    [],
  );
});

test('credentials end when they expire', async () => {
  const arn = await makeRole(cloud, 'brief', [trusting({ AWS: home })]);
  const { Credentials } = await assume(carol, { RoleArn: arn, DurationSeconds: 900 });
  const session = { credentials: credentialsOf(Credentials) };
  await cloud.advance(899_000);
  await stsAs(cloud, session.credentials).send(new GetCallerIdentityCommand({}));
  await cloud.advance(2_000);
  await assert.rejects(stsAs(cloud, session.credentials).send(new GetCallerIdentityCommand({})), { name: 'ExpiredToken' });
});

test('within an account, a trust policy that names the account lets the user’s policies decide', async () => {
  const arn = await makeRole(cloud, 'ofAccount', [trusting({ AWS: `arn:aws:iam::${home}:root` })]);
  await assume(carol, { RoleArn: arn });
  await assert.rejects(assume(nobody, { RoleArn: arn }), {
    name: 'AccessDenied',
    message: `User: arn:aws:iam::${home}:user/nobody is not authorized to perform: sts:AssumeRole on resource: ${arn} because no identity-based policy allows the sts:AssumeRole action`,
  });
});

test('a trust policy that names the user needs nothing else', async () => {
  const arn = await makeRole(cloud, 'ofNobody', [trusting({ AWS: `arn:aws:iam::${home}:user/nobody` })]);
  await assume(nobody, { RoleArn: arn });
});

test('a role that trusts another does not open to an administrator, and one that is not there looks the same', async () => {
  const arn = await makeRole(cloud, 'ofService', [trusting({ Service: 'lambda.amazonaws.com' })]);
  const sentence = (role: string) =>
    `User: arn:aws:iam::${home}:user/carol is not authorized to perform: sts:AssumeRole on resource: ${role} because no role trust policy allows the sts:AssumeRole action`;
  await assert.rejects(assume(carol, { RoleArn: arn }), { name: 'AccessDenied', message: sentence(arn) });
  const missing = `arn:aws:iam::${home}:role/missing`;
  await assert.rejects(assume(carol, { RoleArn: missing }), { name: 'AccessDenied', message: sentence(missing) });
});

test('across accounts both sides must allow', async () => {
  const open = await makeRole(cloud, 'abroad', [trusting({ AWS: home })], [allow('iam:ListUsers')], { account: abroad });
  const closed = await makeRole(cloud, 'closed', [trusting({ AWS: abroad })], [], { account: abroad });
  const named = await makeRole(cloud, 'named', [trusting({ AWS: `arn:aws:iam::${home}:user/nobody` })], [], { account: abroad });
  const iam = await iamAs(carol, { RoleArn: open });
  assert.deepEqual((await iam.send(new ListUsersCommand({}))).Users, []);
  await assert.rejects(assume(carol, { RoleArn: closed }), denied('sts:AssumeRole'));
  await assert.rejects(assume(nobody, { RoleArn: open }), denied('sts:AssumeRole'));
  await assert.rejects(assume(nobody, { RoleArn: named }), denied('sts:AssumeRole'));
});

test('an external id guards against confused deputies', async () => {
  const arn = await makeRole(
    cloud,
    'guarded',
    [trusting({ AWS: home }, { Condition: { StringEquals: { 'sts:ExternalId': 'secret-id' } } })],
    [],
    { account: abroad },
  );
  await assert.rejects(assume(carol, { RoleArn: arn }), denied('sts:AssumeRole'));
  await assert.rejects(assume(carol, { RoleArn: arn, ExternalId: 'other' }), denied('sts:AssumeRole'));
  await assume(carol, { RoleArn: arn, ExternalId: 'secret-id' });
});

test('session policies narrow what the role may do, inline and by ARN', async () => {
  const arn = await makeRole(cloud, 'wide', [trusting({ AWS: home })], [allow('iam:*')]);
  const { Policy } = await iamOf(cloud).send(
    new CreatePolicyCommand({ PolicyName: 'onlyRoles', PolicyDocument: policyText(allow('iam:ListRoles')) }),
  );
  const inline = await iamAs(carol, { RoleArn: arn, Policy: policyText(allow('iam:ListUsers')) });
  await inline.send(new ListUsersCommand({}));
  await assert.rejects(inline.send(new ListRolesCommand({})), {
    name: 'AccessDenied',
    message: /because no session policy allows the iam:ListRoles action$/,
  });
  const managed = await iamAs(carol, { RoleArn: arn, PolicyArns: [{ arn: Policy!.Arn! }] });
  await managed.send(new ListRolesCommand({}));
  await assert.rejects(managed.send(new ListUsersCommand({})), {
    name: 'AccessDenied',
    message: /because no session policy allows the iam:ListUsers action$/,
  });
  const more = await iamAs(carol, { RoleArn: arn, Policy: policyText(allow('*')) });
  await assert.rejects(more.send(new GetRoleCommand({ RoleName: 'absent' })), { name: 'NoSuchEntityException' });
});

test('session policies are checked and their size is told', async () => {
  const arn = await makeRole(cloud, 'sized', [trusting({ AWS: home })]);
  const { PackedPolicySize } = await assume(carol, { RoleArn: arn, Policy: policyText(allow('iam:ListUsers')) });
  assert.ok(PackedPolicySize! > 0 && PackedPolicySize! < 100);
  await assert.rejects(assume(carol, { RoleArn: arn, Policy: '{' }), {
    name: 'MalformedPolicyDocumentException',
    message: 'This policy contains invalid Json',
  });
  await assert.rejects(assume(carol, { RoleArn: arn, PolicyArns: [{ arn: `arn:aws:iam::${home}:policy/none` }] }), {
    name: 'ValidationError',
  });
  const Tags = Array.from({ length: 50 }, (_, i) => ({ Key: `key-${i}`, Value: 'v'.repeat(250) }));
  const tagged = await makeRole(cloud, 'tagged', [trusting({ AWS: home }, { Action: ['sts:AssumeRole', 'sts:TagSession'] })]);
  await assert.rejects(assume(carol, { RoleArn: tagged, Tags }), {
    name: 'PackedPolicyTooLargeException',
    message: /^Packed policy consumes \d+% of allotted space/,
  });
});

test('session tags need sts:TagSession and lie over the role’s own', async () => {
  const untagged = await makeRole(cloud, 'untagged', [trusting({ AWS: home })]);
  await assert.rejects(assume(carol, { RoleArn: untagged, Tags: [{ Key: 'team', Value: 'blue' }] }), denied('sts:TagSession'));
  const byTeam = { ...allow('iam:ListUsers'), Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } } };
  const arn = await makeRole(cloud, 'teamed', [trusting({ AWS: home }, { Action: ['sts:AssumeRole', 'sts:TagSession'] })], [byTeam]);
  await iamOf(cloud).send(new TagRoleCommand({ RoleName: 'teamed', Tags: [{ Key: 'team', Value: 'red' }] }));
  await assert.rejects((await iamAs(carol, { RoleArn: arn })).send(new ListUsersCommand({})), denied('iam:ListUsers'));
  await (await iamAs(carol, { RoleArn: arn, Tags: [{ Key: 'team', Value: 'blue' }] })).send(new ListUsersCommand({}));
  await assert.rejects(
    assume(carol, {
      RoleArn: arn,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'A', Value: '2' },
      ],
    }),
    { name: 'InvalidParameterValue' },
  );
  await assert.rejects(assume(carol, { RoleArn: arn, TransitiveTagKeys: ['team'] }), { name: 'InvalidParameterValue' });
});

test('roles chain for an hour at most, and transitive tags and the source identity go along', async () => {
  const all = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
  const first = await makeRole(cloud, 'first', [trusting({ AWS: home }, { Action: all })], [allow('sts:*')], {
    MaxSessionDuration: 43_200,
  });
  const byTag = {
    ...allow('iam:ListUsers'),
    Condition: {
      StringEquals: { 'aws:PrincipalTag/kept': 'yes', 'aws:SourceIdentity': 'Carol' },
      Null: { 'aws:PrincipalTag/lost': 'true' },
    },
  };
  const second = await makeRole(cloud, 'second', [trusting({ AWS: first }, { Action: all })], [byTag], { MaxSessionDuration: 43_200 });
  const start = await assume(carol, {
    RoleArn: first,
    DurationSeconds: 43_200,
    SourceIdentity: 'Carol',
    Tags: [
      { Key: 'kept', Value: 'yes' },
      { Key: 'lost', Value: 'yes' },
    ],
    TransitiveTagKeys: ['kept'],
  });
  assert.equal(start.SourceIdentity, 'Carol');
  const sts = stsAs(cloud, credentialsOf(start.Credentials));
  await assert.rejects(assume(sts, { RoleArn: second, DurationSeconds: 3_601 }), {
    name: 'ValidationError',
    message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
  });
  await assert.rejects(assume(sts, { RoleArn: second, Tags: [{ Key: 'kept', Value: 'no' }] }), { name: 'InvalidParameterValue' });
  const next = await assume(sts, { RoleArn: second, DurationSeconds: 3_600 });
  assert.equal(next.SourceIdentity, 'Carol');
  await cloud.client(IAMClient, { credentials: credentialsOf(next.Credentials) }).send(new ListUsersCommand({}));
});

test('a session lasts no longer than the role allows', async () => {
  const arn = await makeRole(cloud, 'limited', [trusting({ AWS: home })], [], { MaxSessionDuration: 7_200 });
  await assume(carol, { RoleArn: arn, DurationSeconds: 7_200 });
  await assert.rejects(assume(carol, { RoleArn: arn, DurationSeconds: 7_201 }), {
    name: 'ValidationError',
    message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  });
  await assert.rejects(assume(carol, { RoleArn: arn, DurationSeconds: 899 }), {
    name: 'ValidationError',
    message:
      "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
  });
});

test('names and ARNs are checked before anything else', async () => {
  const RoleArn = `arn:aws:iam::${home}:role/any`;
  await assert.rejects(assume(nobody, { RoleArn, RoleSessionName: 'a b' }), {
    name: 'ValidationError',
    message:
      "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
  });
  await assert.rejects(assume(nobody, { RoleArn: 'not an arn, but long enough' }), {
    name: 'ValidationError',
    message: 'not an arn, but long enough is invalid',
  });
});

test('a service takes the roles that trust it, for the resources that they name', async () => {
  const condition = { StringEquals: { 'aws:SourceAccount': home }, ArnLike: { 'aws:SourceArn': `arn:aws:lambda:*:${home}:function:*` } };
  const RoleArn = await makeRole(cloud, 'forLambda', [trusting({ Service: 'lambda.amazonaws.com' }, { Condition: condition })]);
  const as = (name: string, sourceArn: string) => {
    const principal: ServicePrincipal = { type: 'Service', account: home, arn: '', id: name, name, sourceAccount: home, sourceArn };
    return cloud.cloud
      .awsAs(principal, { account: home, region: 'us-east-1' })
      .sts('AssumeRole', { RoleArn, RoleSessionName: 'thumbnails' });
  };
  const { AssumedRoleUser } = await as('lambda.amazonaws.com', `arn:aws:lambda:us-east-1:${home}:function:thumbnails`);
  assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${home}:assumed-role/forLambda/thumbnails`);
  await assert.rejects(as('ec2.amazonaws.com', `arn:aws:lambda:us-east-1:${home}:function:thumbnails`), { code: 'AccessDenied' });
  await assert.rejects(as('lambda.amazonaws.com', `arn:aws:lambda:us-east-1:${abroad}:function:thumbnails`), { code: 'AccessDenied' });
});

test('a role may ask for MFA', async () => {
  const RoleArn = await makeRole(cloud, 'withMfa', [
    trusting({ AWS: home }, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
  ]);
  const frank = stsAs(cloud, await makeUser(cloud, 'frank', [allow('sts:AssumeRole')]));
  const { SerialNumber, codeAt } = await enableMfa(cloud, 'frank');
  await assert.rejects(assume(frank, { RoleArn }), denied('sts:AssumeRole'));
  await assert.rejects(assume(frank, { RoleArn, SerialNumber, TokenCode: '000000' }), {
    name: 'AccessDenied',
    message: /invalid MFA one time pass code/,
  });
  await assume(frank, { RoleArn, SerialNumber, TokenCode: codeAt(cloud.cloud.clock.now()) });
});

test('the root user may not assume roles', async () => {
  const RoleArn = await makeRole(cloud, 'notRoot', [trusting({ AWS: home })]);
  await assert.rejects(assume(stsAs(cloud, rootOf(home)), { RoleArn }), {
    name: 'AccessDenied',
    message: 'Roles may not be assumed by root accounts.',
  });
});
