/** S3 Access Grants over accounts: an instance's policy lets others ask, a grant says what they get. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateAccessGrantCommand,
  CreateAccessGrantsInstanceCommand,
  CreateAccessGrantsLocationCommand,
  DeleteAccessGrantsInstanceCommand,
  DeleteAccessGrantsInstanceResourcePolicyCommand,
  GetAccessGrantsInstanceForPrefixCommand,
  GetAccessGrantsInstanceResourcePolicyCommand,
  GetDataAccessCommand,
  ListAccessGrantsCommand,
  ListAccessGrantsLocationsCommand,
  ListCallerAccessGrantsCommand,
  PutAccessGrantsInstanceResourcePolicyCommand,
  S3ControlClient,
} from '@aws-sdk/client-s3-control';
import { byHostName } from '../../../../tests/by-host-name.ts';
import { rootOf, startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const AccountId = '000000000000';
const partner = '222222222222';
const instance = `arn:aws:s3:us-east-1:${AccountId}:access-grants/default`;
const s3 = cloud.client(S3Client);
const iam = cloud.client(IAMClient);
const control = cloud.client(S3ControlClient, byHostName(cloud.port));
const Bucket = 'shared-by-grants';
await s3.send(new CreateBucketCommand({ Bucket }));
for (const Key of ['team/a', 'other/c']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const put = (Policy: string, more: object = {}) =>
  control.send(new PutAccessGrantsInstanceResourcePolicyCommand({ AccountId, Policy, ...more }));
const allowing = (...Action: string[]) => policy({ Effect: 'Allow', Principal: { AWS: partner }, Action, Resource: instance });

const Trust = {
  Effect: 'Allow',
  Principal: { Service: 'access-grants.s3.amazonaws.com' },
  Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
};
const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'carrier', AssumeRolePolicyDocument: policy(Trust) }));
const everything = policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
await iam.send(new PutRolePolicyCommand({ RoleName: 'carrier', PolicyName: 'p', PolicyDocument: everything }));

/** A user of the other account. */
async function partnerUser(UserName: string) {
  const there = cloud.client(IAMClient, { credentials: rootOf(partner) });
  const { User } = await there.send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await there.send(new CreateAccessKeyCommand({ UserName }));
  await there.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument: everything }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return { arn: User!.Arn!, control: cloud.client(S3ControlClient, { ...byHostName(cloud.port), credentials }) };
}
const ann = await partnerUser('ann');
const bob = await partnerUser('bob');
const ask = (who: typeof ann, Target = `s3://${Bucket}/team/*`) =>
  who.control.send(new GetDataAccessCommand({ AccountId, Target, Permission: 'READ' }));
const prefixOf = (who: typeof ann) =>
  who.control.send(new GetAccessGrantsInstanceForPrefixCommand({ AccountId: partner, S3Prefix: `s3://${Bucket}/team/` }));

test('an instance has a policy about itself, or none', async () => {
  const get = () => control.send(new GetAccessGrantsInstanceResourcePolicyCommand({ AccountId }));
  await refused(put(allowing('s3:GetDataAccess')), 'AccessGrantsInstanceNotExistsError');
  await control.send(new CreateAccessGrantsInstanceCommand({ AccountId }));
  await refused(get(), { code: 'AccessGrantsInstanceResourcePolicyNotExists', status: 404 });
  const Policy = allowing('s3:GetDataAccess');
  const made = await put(Policy);
  assert.deepEqual([made.Policy, made.CreatedAt!.getTime()], [Policy, cloud.cloud.clock.now()]);
  assert.equal((await get()).Policy, Policy);
  await refused(put('{'), 'MalformedPolicy');
  await refused(put(Policy.replace(instance, 'arn:aws:s3:::bucket')), 'MalformedPolicy');
  await refused(put(Policy, { Organization: 'o-1' }), { code: 'NotImplemented', status: 501 });
  await control.send(new DeleteAccessGrantsInstanceResourcePolicyCommand({ AccountId }));
  await refused(get(), 'AccessGrantsInstanceResourcePolicyNotExists');
  await put(Policy);
  await control.send(new DeleteAccessGrantsInstanceCommand({ AccountId }));
  await control.send(new CreateAccessGrantsInstanceCommand({ AccountId }));
  await refused(get(), 'AccessGrantsInstanceResourcePolicyNotExists');
});

test('a user of another account has what its grant says, where the policy lets the account in', async () => {
  const location = { AccountId, LocationScope: `s3://${Bucket}`, IAMRoleArn: Role!.Arn! };
  const { AccessGrantsLocationId } = await control.send(new CreateAccessGrantsLocationCommand(location));
  await control.send(
    new CreateAccessGrantCommand({
      ...{ AccountId, AccessGrantsLocationId, Permission: 'READ', AccessGrantsLocationConfiguration: { S3SubPrefix: 'team/*' } },
      Grantee: { GranteeType: 'IAM', GranteeIdentifier: ann.arn },
    }),
  );
  await refused(ask(ann), { code: 'AccessDenied', status: 403 });
  await refused(prefixOf(ann), 'AccessDenied');
  await put(allowing('s3:GetDataAccess', 's3:ListCallerAccessGrants', 's3:GetAccessGrantsInstanceForPrefix'));
  assert.equal((await prefixOf(ann)).AccessGrantsInstanceArn, instance);
  const { Credentials, MatchedGrantTarget } = await ask(ann);
  assert.equal(MatchedGrantTarget, `s3://${Bucket}/team/*`);
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  const session = cloud.client(S3Client, { credentials });
  const read = async (Key: string) => (await session.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString();
  assert.equal(await read('team/a'), 'team/a');
  await refused(read('other/c'), 'AccessDenied');
  await refused(ask(bob), { code: 'AccessDenied', message: /You do not have READ permissions/ });
  const caller = await ann.control.send(new ListCallerAccessGrantsCommand({ AccountId }));
  assert.deepEqual(caller.CallerAccessGrantsList, [{ Permission: 'READ', GrantScope: `s3://${Bucket}/team/*` }]);
  await refused(ann.control.send(new ListAccessGrantsCommand({ AccountId })), 'AccessDenied');
  await put(allowing('s3:ListAccessGrants', 's3:ListAccessGrantsLocations'));
  assert.equal((await ann.control.send(new ListAccessGrantsCommand({ AccountId }))).AccessGrantsList!.length, 1);
  const locations = await ann.control.send(new ListAccessGrantsLocationsCommand({ AccountId }));
  assert.equal(locations.AccessGrantsLocationsList![0]!.LocationScope, `s3://${Bucket}`);
  await refused(ask(ann), 'AccessDenied');
  await refused(ann.control.send(new CreateAccessGrantsInstanceCommand({ AccountId })), 'AccessDenied');
});

test('a denial holds for the account itself', async () => {
  await put(policy({ Effect: 'Deny', Principal: '*', Action: 's3:ListAccessGrants', Resource: instance }));
  const someone = await iam.send(new CreateUserCommand({ UserName: 'lister' }));
  await iam.send(new PutUserPolicyCommand({ UserName: 'lister', PolicyName: 'p', PolicyDocument: everything }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: someone.User!.UserName! }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const client = cloud.client(S3ControlClient, { ...byHostName(cloud.port), credentials });
  await refused(client.send(new ListAccessGrantsCommand({ AccountId })), 'AccessDenied');
  await client.send(new ListAccessGrantsLocationsCommand({ AccountId }));
});
