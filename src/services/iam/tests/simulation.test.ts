/** The policy simulator and access advisor, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { allow, deny, ec2Trust, policy, userWith } from './cast.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

type Result = Iam.EvaluationResult | undefined;
const told = (result: Result) => [result?.EvalActionName, result?.EvalResourceName, result?.EvalDecision];

test('policies given as text are decided, with where the statement stands', async () => {
  const text = `{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::a/*"},\n    {"Effect": "Deny", "Action": "s3:GetObjectAcl", "Resource": "*"}\n  ]\n}`;
  const { EvaluationResults: results } = await iam.send(
    new Iam.SimulateCustomPolicyCommand({
      PolicyInputList: [text],
      ActionNames: ['s3:GetObject', 's3:GetObjectAcl', 's3:PutObject'],
      ResourceArns: ['arn:aws:s3:::a/b'],
    }),
  );
  assert.deepEqual(
    results?.map((result) => result.EvalDecision),
    ['allowed', 'explicitDeny', 'implicitDeny'],
  );
  assert.deepEqual(results[0]?.MatchedStatements?.[0]?.StartPosition, { Line: 4, Column: 6 });
  assert.deepEqual(results[1]?.MatchedStatements?.[0], {
    SourcePolicyId: 'PolicyInputList.1',
    SourcePolicyType: 'none',
    StartPosition: { Line: 5, Column: 6 },
    EndPosition: { Line: 5, Column: 69 },
  });
  assert.equal(results[2]?.MatchedStatements?.length, 0);
  const { EvalResourceName, MatchedStatements, MissingContextValues, EvalDecision: EvalResourceDecision } = results[1]!;
  assert.deepEqual(results[1]?.ResourceSpecificResults, [
    { EvalResourceName, MatchedStatements, MissingContextValues, EvalResourceDecision },
  ]);
});

test('context entries are conditions, and missing ones are named', async () => {
  const PolicyInputList = [
    policy(
      allow('s3:ListBucket', '*', { Condition: { StringLike: { 's3:prefix': 'home/*' }, Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
    ),
  ];
  const ask = (ContextEntries: Iam.ContextEntry[]) =>
    iam.send(new Iam.SimulateCustomPolicyCommand({ PolicyInputList, ActionNames: ['s3:ListBucket'], ContextEntries }));
  const bare = (await ask([])).EvaluationResults?.[0];
  assert.deepEqual([bare?.EvalDecision, bare?.MissingContextValues?.sort()], ['implicitDeny', ['aws:MultiFactorAuthPresent', 's3:prefix']]);
  const entry = (ContextKeyName: string, value: string): Iam.ContextEntry => ({
    ContextKeyName,
    ContextKeyValues: [value],
    ContextKeyType: 'string',
  });
  assert.equal(
    (await ask([entry('s3:prefix', 'home/a'), entry('aws:MultiFactorAuthPresent', 'true')])).EvaluationResults?.[0]?.EvalDecision,
    'allowed',
  );
  assert.deepEqual((await iam.send(new Iam.GetContextKeysForCustomPolicyCommand({ PolicyInputList }))).ContextKeyNames?.sort(), [
    'aws:MultiFactorAuthPresent',
    's3:prefix',
  ]);
});

test('a user is simulated with groups, boundary and variables', async () => {
  await userWith(cloud, iam, 'sim', allow('s3:PutObject', 'arn:aws:s3:::home/${aws:username}/*'));
  await iam.send(new Iam.CreateGroupCommand({ GroupName: 'simgroup' }));
  await iam.send(new Iam.AttachGroupPolicyCommand({ GroupName: 'simgroup', PolicyArn: 'arn:aws:iam::aws:policy/AmazonSQSFullAccess' }));
  await iam.send(new Iam.AddUserToGroupCommand({ GroupName: 'simgroup', UserName: 'sim' }));
  const PolicySourceArn = 'arn:aws:iam::000000000000:user/sim';
  const ask = {
    PolicySourceArn,
    ActionNames: ['s3:PutObject', 'sqs:SendMessage'],
    ResourceArns: ['arn:aws:s3:::home/sim/x', 'arn:aws:s3:::home/other/x'],
  };
  const { EvaluationResults: results } = await iam.send(new Iam.SimulatePrincipalPolicyCommand(ask));
  assert.deepEqual(results?.map(told), [
    ['s3:PutObject', ask.ResourceArns[0], 'allowed'],
    ['s3:PutObject', ask.ResourceArns[1], 'implicitDeny'],
    ['sqs:SendMessage', ask.ResourceArns[0], 'allowed'],
    ['sqs:SendMessage', ask.ResourceArns[1], 'allowed'],
  ]);
  assert.deepEqual(results[0]?.MatchedStatements?.[0]?.SourcePolicyId, 'user_sim_own');
  assert.deepEqual(results[2]?.MatchedStatements?.[0]?.SourcePolicyType, 'IAM Policy');
  const first = await iam.send(new Iam.SimulatePrincipalPolicyCommand({ ...ask, MaxItems: 3 }));
  const rest = await iam.send(new Iam.SimulatePrincipalPolicyCommand({ ...ask, Marker: first.Marker }));
  assert.deepEqual(rest.EvaluationResults?.map(told), [told(results[3])]);
  const bounded = await iam.send(
    new Iam.SimulatePrincipalPolicyCommand({ ...ask, PermissionsBoundaryPolicyInputList: [policy(allow('s3:*'))] }),
  );
  assert.deepEqual(
    bounded.EvaluationResults?.map((result) => [
      result.EvalDecision,
      result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary,
    ]),
    [
      ['allowed', true],
      ['implicitDeny', true],
      ['implicitDeny', false],
      ['implicitDeny', false],
    ],
  );
  assert.deepEqual((await iam.send(new Iam.GetContextKeysForPrincipalPolicyCommand({ PolicySourceArn }))).ContextKeyNames, [
    'aws:username',
  ]);
  await assert.rejects(
    iam.send(new Iam.SimulatePrincipalPolicyCommand({ ...ask, PolicySourceArn: 'arn:aws:iam::000000000000:user/nobody' })),
    { name: 'NoSuchEntityException' },
  );
});

test('access advisor knows what may be reached and what was', async () => {
  const { client } = await userWith(cloud, iam, 'used', allow(['iam:List*', 'dynamodb:*']), deny('s3:*'));
  await cloud.advance(60_000);
  await client.send(new Iam.ListRolesCommand({}));
  const Arn = 'arn:aws:iam::000000000000:user/used';
  const { JobId } = await iam.send(new Iam.GenerateServiceLastAccessedDetailsCommand({ Arn, Granularity: 'ACTION_LEVEL' }));
  const details = await iam.send(new Iam.GetServiceLastAccessedDetailsCommand({ JobId }));
  assert.deepEqual([details.JobStatus, details.JobType], ['COMPLETED', 'ACTION_LEVEL']);
  const [dynamodb, used] = details.ServicesLastAccessed!;
  assert.deepEqual(
    [dynamodb?.ServiceNamespace, dynamodb?.LastAuthenticated, dynamodb?.TotalAuthenticatedEntities],
    ['dynamodb', undefined, 0],
  );
  assert.deepEqual(
    [used?.ServiceNamespace, used?.LastAuthenticatedEntity, used?.TrackedActionsLastAccessed?.map((action) => action.ActionName)],
    ['iam', Arn, ['ListRoles']],
  );
  const { EntityDetailsList } = await iam.send(
    new Iam.GetServiceLastAccessedDetailsWithEntitiesCommand({ JobId, ServiceNamespace: 'iam' }),
  );
  assert.deepEqual(
    EntityDetailsList?.map((entity) => [entity.EntityInfo?.Name, entity.LastAuthenticated !== undefined]),
    [['used', true]],
  );
  const { PoliciesGrantingServiceAccess: granting } = await iam.send(
    new Iam.ListPoliciesGrantingServiceAccessCommand({ Arn, ServiceNamespaces: ['iam', 's3'] }),
  );
  assert.deepEqual(
    granting?.map((each) => [each.ServiceNamespace, each.Policies?.map((own) => own.PolicyName)]),
    [
      ['iam', ['own']],
      ['s3', []],
    ],
  );
  await assert.rejects(iam.send(new Iam.GetServiceLastAccessedDetailsCommand({ JobId: '0'.repeat(36) })), {
    name: 'NoSuchEntityException',
  });
});

test('a role and a group can be simulated too', async () => {
  await iam.send(
    new Iam.CreateRoleCommand({
      RoleName: 'simrole',
      AssumeRolePolicyDocument: ec2Trust,
      PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
    }),
  );
  await iam.send(new Iam.PutRolePolicyCommand({ RoleName: 'simrole', PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) }));
  const ActionNames = ['s3:GetObject', 's3:PutObject'];
  const role = await iam.send(
    new Iam.SimulatePrincipalPolicyCommand({ PolicySourceArn: 'arn:aws:iam::000000000000:role/simrole', ActionNames }),
  );
  assert.deepEqual(
    role.EvaluationResults?.map((result) => result.EvalDecision),
    ['allowed', 'implicitDeny'],
  );
  const group = await iam.send(
    new Iam.SimulatePrincipalPolicyCommand({
      PolicySourceArn: 'arn:aws:iam::000000000000:group/simgroup',
      ActionNames: ['sqs:SendMessage'],
    }),
  );
  assert.deepEqual(
    group.EvaluationResults?.map((result) => result.EvalDecision),
    ['allowed'],
  );
});
