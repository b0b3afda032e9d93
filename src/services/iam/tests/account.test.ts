/** The account as a whole, through the SDK. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Iam from '@aws-sdk/client-iam';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { allow, ec2Trust, policy, userWith } from './cast.ts';

let cloud: LiveCloud;
let iam: Iam.IAMClient;
before(async () => {
  cloud = await startCloud();
  iam = cloud.client(Iam.IAMClient);
});
after(() => cloud.close());

test('an account has one alias, and aliases are unique in the cloud', async () => {
  await iam.send(new Iam.CreateAccountAliasCommand({ AccountAlias: 'first-one' }));
  await iam.send(new Iam.CreateAccountAliasCommand({ AccountAlias: 'second' }));
  assert.deepEqual((await iam.send(new Iam.ListAccountAliasesCommand({}))).AccountAliases, ['second']);
  const other = cloud.client(Iam.IAMClient, { credentials: { accessKeyId: '333333333333', secretAccessKey: 'test' } });
  await assert.rejects(other.send(new Iam.CreateAccountAliasCommand({ AccountAlias: 'second' })), {
    name: 'EntityAlreadyExistsException',
    message: 'The account alias second already exists.',
  });
  await assert.rejects(iam.send(new Iam.DeleteAccountAliasCommand({ AccountAlias: 'first-one' })), { name: 'NoSuchEntityException' });
  await iam.send(new Iam.DeleteAccountAliasCommand({ AccountAlias: 'second' }));
  await assert.rejects(iam.send(new Iam.CreateAccountAliasCommand({ AccountAlias: 'a--b' })), { name: 'ValidationError' });
});

test('the password policy is read back, and what is not given goes back to its default', async () => {
  await assert.rejects(iam.send(new Iam.GetAccountPasswordPolicyCommand({})), {
    name: 'NoSuchEntityException',
    message: 'The Password Policy with domain name 000000000000 cannot be found.',
  });
  await iam.send(
    new Iam.UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 14, RequireSymbols: true, MaxPasswordAge: 90, HardExpiry: false }),
  );
  const { PasswordPolicy } = await iam.send(new Iam.GetAccountPasswordPolicyCommand({}));
  assert.deepEqual(
    [
      PasswordPolicy?.MinimumPasswordLength,
      PasswordPolicy?.RequireSymbols,
      PasswordPolicy?.ExpirePasswords,
      PasswordPolicy?.MaxPasswordAge,
      PasswordPolicy?.HardExpiry,
    ],
    [14, true, true, 90, false],
  );
  await iam.send(new Iam.UpdateAccountPasswordPolicyCommand({}));
  assert.deepEqual((await iam.send(new Iam.GetAccountPasswordPolicyCommand({}))).PasswordPolicy, {
    MinimumPasswordLength: 6,
    RequireSymbols: false,
    RequireNumbers: false,
    RequireUppercaseCharacters: false,
    RequireLowercaseCharacters: false,
    AllowUsersToChangePassword: false,
    ExpirePasswords: false,
  });
  await iam.send(new Iam.DeleteAccountPasswordPolicyCommand({}));
  await assert.rejects(iam.send(new Iam.DeleteAccountPasswordPolicyCommand({})), { name: 'NoSuchEntityException' });
});

test('the summary counts, and the details show everything in pages', async () => {
  await iam.send(new Iam.CreateGroupCommand({ GroupName: 'team' }));
  await userWith(cloud, iam, 'una', allow('s3:*'));
  await iam.send(new Iam.AddUserToGroupCommand({ GroupName: 'team', UserName: 'una' }));
  await iam.send(new Iam.CreateRoleCommand({ RoleName: 'ron', AssumeRolePolicyDocument: ec2Trust }));
  await iam.send(new Iam.AttachRolePolicyCommand({ RoleName: 'ron', PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }));
  await iam.send(new Iam.CreateInstanceProfileCommand({ InstanceProfileName: 'ip' }));
  await iam.send(new Iam.AddRoleToInstanceProfileCommand({ InstanceProfileName: 'ip', RoleName: 'ron' }));
  await iam.send(new Iam.CreatePolicyCommand({ PolicyName: 'pol', PolicyDocument: policy(allow('s3:*')) }));
  const { SummaryMap } = await iam.send(new Iam.GetAccountSummaryCommand({}));
  assert.deepEqual(
    [SummaryMap?.Users, SummaryMap?.Groups, SummaryMap?.Roles, SummaryMap?.Policies, SummaryMap?.InstanceProfiles, SummaryMap?.UsersQuota],
    [1, 1, 1, 1, 1, 5000],
  );
  const seen: string[] = [];
  for await (const page of Iam.paginateGetAccountAuthorizationDetails({ client: iam, pageSize: 2 }, {})) {
    seen.push(
      ...page.UserDetailList!.map(
        (each) => `user ${each.UserName} in ${each.GroupList} has ${each.UserPolicyList?.map((own) => own.PolicyName)}`,
      ),
    );
    seen.push(...page.GroupDetailList!.map((each) => `group ${each.GroupName}`));
    seen.push(
      ...page.RoleDetailList!.map((each) => `role ${each.RoleName} in ${each.InstanceProfileList?.map((own) => own.InstanceProfileName)}`),
    );
    seen.push(...page.Policies!.map((each) => `policy ${each.PolicyName} ${each.PolicyVersionList?.length}`));
  }
  assert.deepEqual(seen, ['user una in team has own', 'group team', 'role ron in ip', 'policy pol 1', 'policy AmazonS3ReadOnlyAccess 1']);
  const { UserDetailList, RoleDetailList } = await iam.send(new Iam.GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }));
  assert.deepEqual([UserDetailList?.length, RoleDetailList?.length], [0, 1]);
});

test('the version of global tokens is a preference', async () => {
  await iam.send(new Iam.SetSecurityTokenServicePreferencesCommand({ GlobalEndpointTokenVersion: 'v2Token' }));
  assert.equal((await iam.send(new Iam.GetAccountSummaryCommand({}))).SummaryMap?.GlobalEndpointTokenVersion, 2);
});

test('the credential report is a CSV of all users', async () => {
  await assert.rejects(iam.send(new Iam.GetCredentialReportCommand({})), { name: 'CredentialReportNotPresentException' });
  assert.equal((await iam.send(new Iam.GenerateCredentialReportCommand({}))).State, 'STARTED');
  assert.equal((await iam.send(new Iam.GenerateCredentialReportCommand({}))).State, 'COMPLETE');
  const { Content, ReportFormat } = await iam.send(new Iam.GetCredentialReportCommand({}));
  assert.equal(ReportFormat, 'text/csv');
  const [head, root, ...users] = Buffer.from(Content!)
    .toString()
    .split('\n')
    .map((line) => line.split(','));
  assert.equal(head?.length, 22);
  assert.deepEqual(
    [root?.[0], users.map((row) => [row[0], row[3], row[8], row.length])],
    ['<root_account>', [['una', 'false', 'true', 22]]],
  );
  await cloud.advance(25 * 3_600_000);
  await assert.rejects(iam.send(new Iam.GetCredentialReportCommand({})), { name: 'CredentialReportExpiredException' });
});

test('what is not built says so', async () => {
  await assert.rejects(iam.send(new Iam.GetOrganizationsAccessReportCommand({ JobId: '0'.repeat(36) })), { name: 'NotImplemented' });
});
