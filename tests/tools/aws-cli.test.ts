/** The AWS CLI, versions 1 and 2, unmodified: who am I, users and roles and what they may do, and what is not built. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { awsOn, findAwsClis, type Aws } from './aws-cli.ts';
import { absent, openWorkbench, type Workbench } from './workbench.ts';

for (const cli of await findAwsClis()) {
  describe(`AWS CLI v${cli.major}`, { skip: absent(`AWS CLI v${cli.major}`, cli.program !== undefined) }, () => {
    let bench: Workbench;
    let aws: Aws;
    before(async () => {
      bench = await openWorkbench();
      aws = awsOn(bench, cli);
    });
    after(() => bench?.close());

    it('tells who calls', () => tellsWhoCalls(aws));
    it('does not take a wrong secret, an unknown key or an old session', () => refusesStrangers(aws));
    it('makes a user, who may only what a policy allows', () => userIsAllowedAndDenied(aws));
    it('makes groups and managed policies with versions', () => groupsAndPolicies(aws));
    it('assumes a role and works as its session', () => assumesRole(aws));
    it('reads back what IAM was given', () => readsIamBack(aws));
    it('tells plainly what is not built, in every protocol, at once', () => tellsWhatIsNotBuilt(aws));
    it('reports bad input as AWS does', () => reportsBadInput(aws));
  });
}

async function tellsWhoCalls(aws: Aws): Promise<void> {
  assert.deepEqual(await aws.json('sts', 'get-caller-identity'), {
    UserId: '000000000000',
    Account: '000000000000',
    Arn: 'arn:aws:iam::000000000000:root',
  });
  const other = aws.as({ credentials: { accessKeyId: '123456789012', secretAccessKey: 'test' } });
  assert.equal((await other('sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text')).trim(), 'arn:aws:iam::123456789012:root');
  const seoul = aws.as({ env: { TZ: 'Asia/Seoul' } });
  assert.equal(
    (await seoul('sts', 'get-caller-identity', '--query', 'Account', '--output', 'text', '--region', 'ap-northeast-2')).trim(),
    '000000000000',
  );
}

async function refusesStrangers(aws: Aws): Promise<void> {
  const wrongSecret = aws.as({ credentials: { accessKeyId: 'test', secretAccessKey: 'guess' } });
  assert.match(
    await wrongSecret.fails('sts', 'get-caller-identity'),
    /\(SignatureDoesNotMatch\) when calling the GetCallerIdentity operation: The request signature we calculated does not match the signature you provided/,
  );
  assert.match(
    await wrongSecret.fails('s3api', 'list-buckets'),
    /\(SignatureDoesNotMatch\) when calling the ListBuckets operation: The request signature we calculated does not match/,
  );
  const unknown = aws.as({ credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' } });
  assert.match(
    await unknown.fails('sts', 'get-caller-identity'),
    /\(InvalidClientTokenId\) when calling the GetCallerIdentity operation: The security token included in the request is invalid/,
  );
  assert.match(
    await unknown.fails('s3api', 'list-buckets'),
    /\(InvalidAccessKeyId\) when calling the ListBuckets operation: The AWS Access Key Id you provided does not exist in our records/,
  );
  const badSession = aws.as({ credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: 'x', sessionToken: 'not-a-token' } });
  assert.match(await badSession.fails('sts', 'get-caller-identity'), /InvalidClientTokenId/);
}

async function userIsAllowedAndDenied(aws: Aws): Promise<void> {
  await aws('s3', 'mb', 's3://ada-owns-this');
  const made = await aws.json('iam', 'create-user', '--user-name', 'ada', '--tags', 'Key=team,Value=한글 team');
  assert.equal(made.User.Arn, 'arn:aws:iam::000000000000:user/ada');
  assert.match(made.User.UserId, /^AIDA[A-Z2-7]{17}$/);
  const { AccessKey } = await aws.json('iam', 'create-access-key', '--user-name', 'ada');
  assert.match(AccessKey.AccessKeyId, /^AKIA[A-Z2-7]{16}$/);
  const ada = aws.as({ credentials: { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey } });

  assert.equal((await ada.json('sts', 'get-caller-identity')).Arn, 'arn:aws:iam::000000000000:user/ada');
  const denied = await ada.fails('s3api', 'list-objects-v2', '--bucket', 'ada-owns-this');
  assert.match(
    denied,
    /\(AccessDenied\) when calling the ListObjectsV2 operation: User: arn:aws:iam::000000000000:user\/ada is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::ada-owns-this" because no identity-based policy allows the s3:ListBucket action/,
  );
  assert.match(
    await ada.fails('iam', 'create-user', '--user-name', 'eve'),
    /\(AccessDenied\) when calling the CreateUser operation: User: arn:aws:iam::000000000000:user\/ada is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::000000000000:user\/eve because no identity-based policy allows the iam:CreateUser action/,
  );

  await aws(
    'iam',
    'put-user-policy',
    '--user-name',
    'ada',
    '--policy-name',
    'hers',
    '--policy-document',
    policy(
      { Effect: 'Allow', Action: 's3:*', Resource: ['arn:aws:s3:::ada-owns-this', 'arn:aws:s3:::ada-owns-this/*'] },
      { Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' },
    ),
  );
  const file = await aws.bench.place('ada.txt');
  await writeFile(file, 'hers');
  await ada('s3', 'cp', file, 's3://ada-owns-this/ada.txt');
  assert.match(await ada('s3', 'ls', 's3://ada-owns-this'), /4 ada\.txt/);
  assert.match(
    await ada.fails('s3api', 'delete-object', '--bucket', 'ada-owns-this', '--key', 'ada.txt'),
    /user\/ada is not authorized to perform: s3:DeleteObject on resource: "arn:aws:s3:::ada-owns-this\/ada\.txt" with an explicit deny in an identity-based policy/,
  );

  await aws('iam', 'update-access-key', '--user-name', 'ada', '--access-key-id', AccessKey.AccessKeyId, '--status', 'Inactive');
  assert.match(await ada.fails('sts', 'get-caller-identity'), /InvalidClientTokenId/);
}

async function groupsAndPolicies(aws: Aws): Promise<void> {
  const { Policy } = await aws.json(
    'iam',
    'create-policy',
    '--policy-name',
    'readers',
    '--policy-document',
    policy({ Effect: 'Allow', Action: 'iam:GetUser', Resource: '*' }),
  );
  assert.equal(Policy.Arn, 'arn:aws:iam::000000000000:policy/readers');
  await aws('iam', 'create-group', '--group-name', 'staff');
  const grace = aws.as({ credentials: await aws.bench.user('grace') });
  await aws('iam', 'add-user-to-group', '--group-name', 'staff', '--user-name', 'grace');
  await aws('iam', 'attach-group-policy', '--group-name', 'staff', '--policy-arn', Policy.Arn);
  assert.equal((await grace.json('iam', 'get-user')).User.UserName, 'grace');
  assert.match(await grace.fails('iam', 'list-users'), /not authorized to perform: iam:ListUsers/);

  await aws(
    'iam',
    'create-policy-version',
    '--policy-arn',
    Policy.Arn,
    '--set-as-default',
    '--policy-document',
    policy({ Effect: 'Allow', Action: 'iam:List*', Resource: '*' }),
  );
  assert.ok((await grace.json('iam', 'list-users')).Users.length >= 1);
  assert.match(await grace.fails('iam', 'get-user'), /not authorized to perform: iam:GetUser/);
  const { Versions } = await aws.json('iam', 'list-policy-versions', '--policy-arn', Policy.Arn);
  assert.deepEqual(
    Versions.map((version: any) => [version.VersionId, version.IsDefaultVersion]),
    [
      ['v2', true],
      ['v1', false],
    ],
  );
  assert.match(await aws.fails('iam', 'delete-policy', '--policy-arn', Policy.Arn), /\(DeleteConflict\)/);

  await aws('iam', 'attach-user-policy', '--user-name', 'grace', '--policy-arn', 'arn:aws:iam::aws:policy/AdministratorAccess');
  await grace('s3', 'ls');
}

async function assumesRole(aws: Aws): Promise<void> {
  const trust = policy({
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::000000000000:root' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': 'only-us' } },
  });
  const { Role } = await aws.json(
    'iam',
    'create-role',
    '--role-name',
    'builder',
    '--path',
    '/ci/',
    '--assume-role-policy-document',
    trust,
    '--max-session-duration',
    '7200',
  );
  assert.equal(Role.Arn, 'arn:aws:iam::000000000000:role/ci/builder');
  await aws('iam', 'attach-role-policy', '--role-name', 'builder', '--policy-arn', 'arn:aws:iam::aws:policy/AmazonS3FullAccess');
  const robot = aws.as({ credentials: await aws.bench.user('robot', { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: Role.Arn }) });

  assert.match(
    await robot.fails('sts', 'assume-role', '--role-arn', Role.Arn, '--role-session-name', 'one'),
    /\(AccessDenied\) when calling the AssumeRole operation: User: arn:aws:iam::000000000000:user\/robot is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::000000000000:role\/ci\/builder/,
  );
  const assumed = await robot.json('sts', 'assume-role', '--role-arn', Role.Arn, '--role-session-name', 'one', '--external-id', 'only-us');
  assert.equal(assumed.AssumedRoleUser.Arn, 'arn:aws:sts::000000000000:assumed-role/builder/one');
  assert.ok(Math.abs(Date.parse(assumed.Credentials.Expiration) - Date.now() - 3_600_000) < 120_000, assumed.Credentials.Expiration);
  const session = aws.as({
    credentials: {
      accessKeyId: assumed.Credentials.AccessKeyId,
      secretAccessKey: assumed.Credentials.SecretAccessKey,
      sessionToken: assumed.Credentials.SessionToken,
    },
  });
  assert.equal((await session.json('sts', 'get-caller-identity')).UserId, assumed.AssumedRoleUser.AssumedRoleId);
  await session('s3', 'mb', 's3://made-by-a-role');
  assert.match(
    await session.fails('iam', 'list-users'),
    /User: arn:aws:sts::000000000000:assumed-role\/builder\/one is not authorized to perform: iam:ListUsers/,
  );

  // The CLI's own way of assuming a role, from a profile; it knows the cloud's address by AWS_ENDPOINT_URL alone.
  if (aws.endpointByFlag) return;
  const configuration = await aws.bench.place('.aws/config');
  await writeFile(
    configuration,
    `[profile ci]\nrole_arn = ${Role.Arn}\ncredential_source = Environment\nexternal_id = only-us\nrole_session_name = from-profile\n`,
  );
  assert.match(
    await robot('sts', 'get-caller-identity', '--profile', 'ci', '--query', 'Arn', '--output', 'text'),
    /assumed-role\/builder\/from-profile/,
  );
}

async function readsIamBack(aws: Aws): Promise<void> {
  const trust = policy({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' });
  await aws(
    'iam',
    'create-role',
    '--role-name',
    'machine',
    '--assume-role-policy-document',
    trust,
    '--description',
    'for machines',
    '--tags',
    'Key=a,Value=1',
  );
  const { Role } = await aws.json('iam', 'get-role', '--role-name', 'machine');
  assert.deepEqual(Role.AssumeRolePolicyDocument, JSON.parse(trust));
  assert.deepEqual([Role.Description, Role.Tags, Role.MaxSessionDuration], ['for machines', [{ Key: 'a', Value: '1' }], 3600]);
  await aws('iam', 'create-instance-profile', '--instance-profile-name', 'machine');
  await aws('iam', 'add-role-to-instance-profile', '--instance-profile-name', 'machine', '--role-name', 'machine');
  await aws('iam', 'wait', 'instance-profile-exists', '--instance-profile-name', 'machine');
  const { InstanceProfile } = await aws.json('iam', 'get-instance-profile', '--instance-profile-name', 'machine');
  assert.deepEqual(
    InstanceProfile.Roles.map((role: any) => role.RoleName),
    ['machine'],
  );
  assert.match(
    await aws.fails('iam', 'delete-role', '--role-name', 'machine'),
    /\(DeleteConflict\) when calling the DeleteRole operation: Cannot delete entity, must remove roles from instance profile first/,
  );
  assert.match(
    await aws.fails('iam', 'create-role', '--role-name', 'machine', '--assume-role-policy-document', trust),
    /\(EntityAlreadyExists\) when calling the CreateRole operation: Role with name machine already exists/,
  );
  assert.match(
    await aws.fails('iam', 'get-user', '--user-name', 'nobody'),
    /\(NoSuchEntity\) when calling the GetUser operation: The user with name nobody cannot be found/,
  );
  assert.equal((await aws.json('iam', 'get-account-summary')).SummaryMap.Roles >= 1, true);
  const all = await aws.json('iam', 'list-policies', '--scope', 'AWS', '--max-items', '3');
  assert.deepEqual([all.Policies.length, typeof all.NextToken], [3, 'string']);
}

async function tellsWhatIsNotBuilt(aws: Aws): Promise<void> {
  const calls: [call: string[], name: string][] = [
    [['ec2', 'describe-fpga-images'], 'ec2:DescribeFpgaImages'],
    [['directconnect', 'describe-connections'], 'direct-connect:DescribeConnections'],
    [['elasticbeanstalk', 'describe-applications'], 'elastic-beanstalk:DescribeApplications'],
    [['lambda', 'list-functions'], 'lambda:ListFunctions'],
    [['stepfunctions', 'list-state-machines'], 'sfn:ListStateMachines'],
    [['cloudwatch', 'list-metrics'], 'cloudwatch:ListMetrics'],
    [['route53', 'list-hosted-zones'], 'route-53:ListHostedZones'],
    [['cloudfront', 'list-distributions'], 'cloudfront:ListDistributions'],
  ];
  for (const [call, name] of calls) {
    const message = await aws.fails(...call);
    assert.match(message, new RegExp(`\\(NotImplemented\\) when calling the ${name.split(':')[1]} operation: .*${name}`), call.join(' '));
    // The CLI adds «reached max retries» to the message of an error that it tried again.
    assert.doesNotMatch(message, /max retries/, call.join(' '));
  }
}

async function reportsBadInput(aws: Aws): Promise<void> {
  assert.match(
    await aws.fails('iam', 'create-user', '--user-name', 'no spaces'),
    /\(ValidationError\) when calling the CreateUser operation: The specified value for userName is invalid/,
  );
  assert.match(
    await aws.fails('iam', 'put-user-policy', '--user-name', 'ada', '--policy-name', 'p', '--policy-document', '{"Version":'),
    /\(MalformedPolicyDocument\) when calling the PutUserPolicy operation/,
  );
  assert.match(
    await aws.fails('sts', 'assume-role', '--role-arn', 'arn:aws:iam::000000000000:role/absent', '--role-session-name', 'session'),
    /\(AccessDenied\) when calling the AssumeRole operation/,
  );
  assert.match(
    await aws.fails('s3api', 'create-bucket', '--bucket', 'Upper_Case'),
    /\(InvalidBucketName\) when calling the CreateBucket operation: The specified bucket is not valid/,
  );
}

function policy(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
