/** The metadata service as an instance meets it, on a simulated network. */

import assert from 'node:assert/strict';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import * as Iam from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { refused } from '../../../../tests/refused.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { ec2Of, home, userWith } from './cast.ts';

const host = simulatedHost();
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let row: Ec2.Instance;
let other: Ec2.Instance;
const script = '#!/bin/sh\necho é\n';

before(async () => {
  cloud = await startCloud({ host });
  ec2 = ec2Of(cloud);
  const iam = cloud.client(Iam.IAMClient, { credentials: rootOf(home) });
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  for (const name of ['worker', 'reader']) {
    await iam.send(new Iam.CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }));
    await iam.send(new Iam.CreateInstanceProfileCommand({ InstanceProfileName: name }));
    await iam.send(new Iam.AddRoleToInstanceProfileCommand({ InstanceProfileName: name, RoleName: name }));
  }
  await ec2.send(new Ec2.CreateKeyPairCommand({ KeyName: 'my-key', KeyType: 'ed25519' }));
  row = await launch({
    KeyName: 'my-key',
    IamInstanceProfile: { Name: 'worker' },
    UserData: Buffer.from(script).toString('base64'),
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'tagged' }] }],
  });
  other = await launch({ MetadataOptions: { HttpTokens: 'required', InstanceMetadataTags: 'enabled' } });
});
after(() => cloud.close());

async function launch(input: Partial<Ec2.RunInstancesCommandInput>): Promise<Ec2.Instance> {
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const { Instances } = await ec2.send(
    new Ec2.RunInstancesCommand({ ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...input }),
  );
  await cloud.cloud.settled();
  const { Reservations } = await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [Instances![0]!.InstanceId!] }));
  return Reservations![0]!.Instances![0]!;
}

async function ask(from: Ec2.Instance, rawPath: string, headers: Record<string, string> = {}, method = 'GET') {
  const at = { vpc: from.VpcId!, address: '169.254.169.254', port: 80 };
  const { status, body } = await host.networks.ask(at, from.PrivateIpAddress!, { rawPath, headers, method });
  return { status, body: body instanceof Readable ? await text(body) : String(body) };
}

const get = async (path: string): Promise<string> => {
  const { status, body } = await ask(row, `/latest/${path}`);
  assert.equal(status, 200, path);
  return body;
};

const tokenOf = (from: Ec2.Instance, seconds = '60') =>
  ask(from, '/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': seconds }, 'PUT');

test('an instance reads what it is, by the address from which it asks', async () => {
  assert.equal(await get('meta-data/instance-id'), row.InstanceId);
  assert.equal((await ask(other, '/latest/meta-data/instance-id')).status, 401);
  assert.equal(await get('meta-data/local-ipv4'), row.PrivateIpAddress);
  assert.equal(await get('meta-data/public-ipv4'), row.PublicIpAddress);
  assert.equal(await get('meta-data/placement/availability-zone'), row.Placement!.AvailabilityZone);
  assert.equal(await get('meta-data/security-groups'), 'default');
  assert.equal(await get('user-data'), script);
  assert.equal(await get('meta-data/public-keys/'), '0=my-key');
  assert.match(await get('meta-data/public-keys/0/openssh-key'), /^ssh-ed25519 \S+ my-key\n$/);
  const mac = await get('meta-data/mac');
  assert.equal(await get(`meta-data/network/interfaces/macs/${mac}/subnet-id`), row.SubnetId);
  assert.match(await get('meta-data/'), /^ami-id\n[^]*^block-device-mapping\/$[^]*^iam\/$/m);
  assert.equal((await ask(row, '/latest/meta-data/tags/instance/Name')).status, 404);
  assert.equal((await ask(row, '/latest/meta-data/constructor')).status, 404);
  assert.equal((await ask(row, '/2001-01-01/meta-data/')).status, 404);
  // cloud-init takes the newest of these that is there.
  for (const version of ['2021-03-23', '2018-09-24', '2016-09-02', '2009-04-04'])
    assert.equal((await ask(row, `/${version}/meta-data/instance-id`)).body, row.InstanceId, version);
  assert.ok((await ask(row, '/')).body.split('\n').includes('2021-03-23'));
  const document = JSON.parse(await get('dynamic/instance-identity/document'));
  assert.deepEqual([document.accountId, document.instanceId, document.region], [home, row.InstanceId, 'us-east-1']);
});

test('a token is good for its instance and its time, and where it is required nothing goes without', async () => {
  const { body: token } = await tokenOf(other);
  const headers = { 'x-aws-ec2-metadata-token': token };
  assert.equal((await ask(other, '/latest/meta-data/instance-id', headers)).body, other.InstanceId);
  assert.equal((await ask(row, '/latest/meta-data/instance-id', headers)).status, 401);
  assert.equal((await ask(other, '/latest/meta-data/instance-id', { 'x-aws-ec2-metadata-token': 'made-up' })).status, 401);
  assert.equal((await tokenOf(other, '0')).status, 400);
  assert.equal((await tokenOf(other, '21601')).status, 400);
  const proxied = { 'x-aws-ec2-metadata-token-ttl-seconds': '60', 'x-forwarded-for': '10.0.0.1' };
  assert.equal((await ask(other, '/latest/api/token', proxied, 'PUT')).status, 403);
  await cloud.advance(60_001);
  assert.equal((await ask(other, '/latest/meta-data/instance-id', headers)).status, 401);
});

test('the first process of our own images asks for all that it needs at once, as for a token', async () => {
  const boot = (from: Ec2.Instance, headers: Record<string, string>) => ask(from, '/latest/haneul/boot', headers, 'PUT');
  const seconds = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const { status, body } = await boot(other, seconds);
  assert.equal(status, 200);
  const [token, ...facts] = body.trimEnd().split('\n');
  const headers = { 'x-aws-ec2-metadata-token': token!.replace(/^token /, '') };
  assert.equal((await ask(other, '/latest/meta-data/instance-id', headers)).body, other.InstanceId);
  const { body: authority } = await ask(other, '/latest/haneul/authority', headers);
  const vouched = authority
    .trimEnd()
    .split('\n')
    .map((line) => `authority ${line}`);
  assert.deepEqual(facts, [`instance-id ${other.InstanceId}`, `local-hostname ${other.PrivateDnsName}`, ...vouched]);
  const key = await get('meta-data/public-keys/0/openssh-key');
  assert.ok((await boot(row, seconds)).body.split('\n').includes(`public-key ${key.trimEnd()}`));
  assert.equal((await boot(other, {})).status, 400);
  assert.equal((await boot(other, { ...seconds, 'x-forwarded-for': '10.0.0.1' })).status, 403);
  assert.equal((await ask(other, '/latest/haneul/boot', headers)).status, 404);
});

test('the credentials of the role work, stay for a while, and are renewed', async () => {
  assert.equal(await get('meta-data/iam/security-credentials/'), 'worker');
  const read = async () => JSON.parse(await get('meta-data/iam/security-credentials/worker'));
  const first = await read();
  assert.equal(first.Code, 'Success');
  const credentials = { accessKeyId: first.AccessKeyId, secretAccessKey: first.SecretAccessKey, sessionToken: first.Token };
  const sts = cloud.client(STSClient, { credentials });
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  assert.equal(Arn, `arn:aws:sts::${home}:assumed-role/worker/${row.InstanceId}`);
  assert.equal((await read()).AccessKeyId, first.AccessKeyId);
  await cloud.advance(56 * 60_000);
  assert.notEqual((await read()).AccessKeyId, first.AccessKeyId);
  assert.match(JSON.parse(await get('meta-data/iam/info')).InstanceProfileArn, /:instance-profile\/worker$/);
});

test('a profile is given, changed and taken away while an instance lives, and its credentials follow at once', async () => {
  const described = async (InstanceId: string) => {
    const filter = { Filters: [{ Name: 'instance-id', Values: [InstanceId] }] };
    return (await ec2.send(new Ec2.DescribeIamInstanceProfileAssociationsCommand(filter))).IamInstanceProfileAssociations!;
  };
  const [launched] = await described(row.InstanceId!);
  assert.deepEqual([launched!.State, launched!.InstanceId], ['associated', row.InstanceId]);
  assert.match(launched!.IamInstanceProfile!.Arn!, /:instance-profile\/worker$/);

  const target = await launch({});
  const roles = async () => (await ask(target, '/latest/meta-data/iam/security-credentials/')).body;
  assert.equal((await ask(target, '/latest/meta-data/iam/info')).status, 404);
  const associate = { InstanceId: target.InstanceId!, IamInstanceProfile: { Name: 'worker' } };
  const { IamInstanceProfileAssociation: first } = await ec2.send(new Ec2.AssociateIamInstanceProfileCommand(associate));
  assert.equal(first!.State, 'associating');
  assert.equal(await roles(), 'worker');
  await refused(ec2.send(new Ec2.AssociateIamInstanceProfileCommand(associate)), 'IncorrectState');

  const replace = { AssociationId: first!.AssociationId!, IamInstanceProfile: { Name: 'reader' } };
  const { IamInstanceProfileAssociation: second } = await ec2.send(new Ec2.ReplaceIamInstanceProfileAssociationCommand(replace));
  assert.equal(await roles(), 'reader');
  const { AccessKeyId } = JSON.parse((await ask(target, '/latest/meta-data/iam/security-credentials/reader')).body);
  assert.match(AccessKeyId, /^ASIA/);
  await refused(ec2.send(new Ec2.ReplaceIamInstanceProfileAssociationCommand(replace)), 'InvalidAssociationID.NotFound');
  const again = { AssociationIds: [second!.AssociationId!] };
  const found = await ec2.send(new Ec2.DescribeIamInstanceProfileAssociationsCommand(again));
  assert.equal(found.IamInstanceProfileAssociations![0]!.InstanceId, target.InstanceId);

  await ec2.send(new Ec2.DisassociateIamInstanceProfileCommand({ AssociationId: second!.AssociationId! }));
  assert.deepEqual(await described(target.InstanceId!), []);
  assert.equal((await ask(target, '/latest/meta-data/iam/security-credentials/')).status, 404);
  await refused(
    ec2.send(new Ec2.AssociateIamInstanceProfileCommand({ ...associate, IamInstanceProfile: { Name: 'nobody' } })),
    'InvalidParameterValue',
  );
});

test('who may not pass a role gives no instance its profile', async () => {
  const Action = ['ec2:AssociateIamInstanceProfile', 'ec2:DisassociateIamInstanceProfile'];
  const careless = await userWith(cloud, 'careless', { Action });
  const associate = { InstanceId: other.InstanceId!, IamInstanceProfile: { Name: 'worker' } };
  await refused(careless.send(new Ec2.AssociateIamInstanceProfileCommand(associate)), 'UnauthorizedOperation');
  const NewProfile = `arn:aws:iam::${home}:instance-profile/reader`;
  const passing = { Action: 'iam:PassRole', Resource: `arn:aws:iam::${home}:role/*` };
  const narrow = { Action, Condition: { ArnEqualsIfExists: { 'ec2:NewInstanceProfile': NewProfile } } };
  const careful = await userWith(cloud, 'careful', narrow, passing);
  await refused(careful.send(new Ec2.AssociateIamInstanceProfileCommand(associate)), 'UnauthorizedOperation');
  const allowed = await careful.send(new Ec2.AssociateIamInstanceProfileCommand({ ...associate, IamInstanceProfile: { Name: 'reader' } }));
  const { AssociationId } = allowed.IamInstanceProfileAssociation!;
  await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [other.InstanceId!] }));
  await cloud.cloud.settled();
  const filter = { Filters: [{ Name: 'instance-id', Values: [other.InstanceId!] }] };
  const left = await ec2.send(new Ec2.DescribeIamInstanceProfileAssociationsCommand(filter));
  assert.deepEqual(left.IamInstanceProfileAssociations, []);
  const gone = new Ec2.DisassociateIamInstanceProfileCommand({ AssociationId: AssociationId! });
  await refused(ec2.send(gone), 'InvalidAssociationID.NotFound');
});

test('the service may be switched off', async () => {
  await ec2.send(new Ec2.ModifyInstanceMetadataOptionsCommand({ InstanceId: row.InstanceId!, HttpEndpoint: 'disabled' }));
  assert.equal((await ask(row, '/latest/meta-data/instance-id')).status, 403);
});
