/** Who may use a key: its policy, the caller's own where it lets them count, and grants. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  ListAliasesCommand,
  ListGrantsCommand,
  ListKeyPoliciesCommand,
  ListRetirableGrantsCommand,
  PutKeyPolicyCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  UpdateAliasCommand,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { abroad, home, kmsOf, makeKey, makeUser, policy, refused } from './cast.ts';

let cloud: LiveCloud;
let kms: KMSClient;
const Plaintext = Buffer.from('x');
const root = { AWS: `arn:aws:iam::${home}:root` };

before(async () => {
  cloud = await startCloud();
  kms = kmsOf(cloud);
});
after(() => cloud.close());

const encrypt = (client: KMSClient, KeyId: string, EncryptionContext?: Record<string, string>) =>
  client.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));

test('the default policy lets the account’s own policies decide', async () => {
  const { KeyId, Arn } = await makeKey(kms);
  const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId }));
  assert.deepEqual(JSON.parse(Policy!), {
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [{ Sid: 'Enable IAM User Permissions', Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' }],
  });
  assert.deepEqual((await kms.send(new ListKeyPoliciesCommand({ KeyId }))).PolicyNames, ['default']);
  const allowed = await makeUser(cloud, 'allowed', [{ Action: 'kms:Encrypt', Resource: Arn }]);
  await encrypt(allowed.kms, KeyId);
  await refused(allowed.kms.send(new DescribeKeyCommand({ KeyId })), 'AccessDeniedException');
});

test('a key policy that does not name the account leaves its policies out', async () => {
  const admin = await makeUser(cloud, 'admin', [{ Action: 'kms:*' }]);
  const reader = await makeUser(cloud, 'reader');
  const own = policy(
    { Principal: root, Action: ['kms:PutKeyPolicy', 'kms:CreateGrant'] },
    { Principal: { AWS: reader.arn }, Action: 'kms:Encrypt' },
  );
  const { KeyId } = await makeKey(kms, { Policy: own });
  await refused(encrypt(admin.kms, KeyId), 'AccessDeniedException');
  await refused(encrypt(kms, KeyId), 'AccessDeniedException');
  await encrypt(reader.kms, KeyId);
  const lockout = kms.send(new PutKeyPolicyCommand({ KeyId, Policy: policy({ Principal: { AWS: reader.arn }, Action: 'kms:Encrypt' }) }));
  const words = 'The new key policy will not allow you to update the key policy in the future.';
  await refused(lockout, 'MalformedPolicyDocumentException', words);
  await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: policy({ Principal: root, Action: 'kms:*' }) }));
  await encrypt(admin.kms, KeyId);
  await refused(encrypt(reader.kms, KeyId), 'AccessDeniedException');
});

test('across accounts both sides must allow', async () => {
  const outside = { AWS: `arn:aws:iam::${abroad}:root` };
  const { Arn } = await makeKey(kms, {
    Policy: policy({ Principal: root, Action: 'kms:*' }, { Principal: outside, Action: 'kms:Encrypt' }),
  });
  const foreign = kmsOf(cloud, abroad);
  await encrypt(foreign, Arn);
  await refused(foreign.send(new DescribeKeyCommand({ KeyId: Arn })), 'AccessDeniedException');
  const user = await makeUser(cloud, 'foreign', [], abroad);
  await refused(encrypt(user.kms, Arn), 'AccessDeniedException');
});

test('conditions see the encryption context, the alias and the account', async () => {
  const user = await makeUser(cloud, 'conditional');
  const { KeyId } = await makeKey(kms, {
    Policy: policy(
      { Principal: root, Action: 'kms:*' },
      {
        Principal: { AWS: user.arn },
        Action: 'kms:Encrypt',
        Condition: {
          StringEquals: { 'kms:EncryptionContext:team': 'a', 'kms:CallerAccount': home, 'kms:RequestAlias': 'alias/conditional' },
        },
      },
    ),
  });
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/conditional', TargetKeyId: KeyId }));
  await encrypt(user.kms, 'alias/conditional', { team: 'a' });
  await refused(encrypt(user.kms, 'alias/conditional', { team: 'b' }), 'AccessDeniedException');
  await refused(encrypt(user.kms, KeyId, { team: 'a' }), 'AccessDeniedException');
});

test('grants let their grantees use a key, within their constraints', async () => {
  const { KeyId, Arn } = await makeKey(kms);
  const user = await makeUser(cloud, 'grantee');
  const outside = await makeUser(cloud, 'grantee', [], abroad);
  await refused(encrypt(user.kms, KeyId), 'AccessDeniedException');
  const grant = (GranteePrincipal: string, constraints?: object) =>
    kms.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal,
        RetiringPrincipal: user.arn,
        Operations: ['Encrypt', 'Decrypt'],
        Name: 'mine',
        Constraints: constraints,
      }),
    );
  const made = await grant(user.arn, { EncryptionContextSubset: { team: 'a' } });
  assert.equal((await grant(user.arn, { EncryptionContextSubset: { team: 'a' } })).GrantId, made.GrantId);
  const { CiphertextBlob } = await encrypt(user.kms, KeyId, { team: 'a', more: 'b' });
  await user.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { team: 'a', more: 'b' } }));
  await refused(encrypt(user.kms, KeyId, { team: 'b' }), 'AccessDeniedException');
  await refused(encrypt(user.kms, KeyId), 'AccessDeniedException');
  const dataKey = new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: { team: 'a' } });
  await refused(user.kms.send(dataKey), 'AccessDeniedException');
  const { GrantId } = await grant(outside.arn);
  await encrypt(outside.kms, Arn);
  const { Grants } = await kms.send(new ListGrantsCommand({ KeyId }));
  assert.deepEqual(new Set(Grants!.map((each) => each.GrantId)), new Set([made.GrantId, GrantId]));
  const one = await kms.send(new ListGrantsCommand({ KeyId, GranteePrincipal: outside.arn }));
  assert.deepEqual(
    one.Grants!.map((each) => [each.GrantId, each.Operations, each.IssuingAccount]),
    [[GrantId, ['Encrypt', 'Decrypt'], `arn:aws:iam::${home}:root`]],
  );
  assert.equal((await kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: user.arn }))).Grants!.length, 2);
  await kms.send(new RevokeGrantCommand({ KeyId, GrantId }));
  await refused(encrypt(outside.kms, Arn), 'AccessDeniedException');
  await refused(kms.send(new RevokeGrantCommand({ KeyId, GrantId })), 'NotFoundException');
  await refused(outside.kms.send(new RetireGrantCommand({ GrantToken: made.GrantToken })), 'AccessDeniedException');
  await user.kms.send(new RetireGrantCommand({ GrantToken: made.GrantToken }));
  await refused(encrypt(user.kms, KeyId, { team: 'a' }), 'AccessDeniedException');
});

test('what denies, denies in spite of a grant', async () => {
  const user = await makeUser(cloud, 'denied');
  const { KeyId } = await makeKey(kms, {
    Policy: policy({ Principal: root, Action: 'kms:*' }, { Effect: 'Deny', Principal: { AWS: user.arn }, Action: 'kms:Encrypt' }),
  });
  await kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal: user.arn, Operations: ['Encrypt'] }));
  await refused(encrypt(user.kms, KeyId), 'AccessDeniedException', /explicit deny/);
});

test('a grantee gives on no more than it has', async () => {
  const { KeyId } = await makeKey(kms);
  const user = await makeUser(cloud, 'giver');
  await kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal: user.arn, Operations: ['Encrypt', 'CreateGrant'] }));
  const give = (operation: 'Encrypt' | 'Decrypt') =>
    user.kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal: `arn:aws:iam::${home}:user/nobody`, Operations: [operation] }));
  await give('Encrypt');
  await refused(give('Decrypt'), 'AccessDeniedException');
});

test('aliases name keys, and can be pointed elsewhere', async () => {
  const [one, two] = [await makeKey(kms), await makeKey(kms)];
  const AliasName = 'alias/moving';
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: one.KeyId }));
  const target = async () => (await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata!.KeyId;
  assert.equal(await target(), one.KeyId);
  const again = kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: two.KeyId }));
  await refused(again, 'AlreadyExistsException', `An alias with the name arn:aws:kms:us-east-1:${home}:alias/moving already exists`);
  await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: two.KeyId }));
  assert.equal(await target(), two.KeyId);
  const listed = await kms.send(new ListAliasesCommand({ KeyId: two.KeyId }));
  assert.deepEqual(
    listed.Aliases!.map((alias) => [alias.AliasName, alias.TargetKeyId]),
    [[AliasName, two.KeyId]],
  );
  await kms.send(new DeleteAliasCommand({ AliasName }));
  await refused(target(), 'NotFoundException');
  await refused(
    kms.send(new CreateAliasCommand({ AliasName: 'moving', TargetKeyId: one.KeyId })),
    'ValidationException',
    /^Alias must start/,
  );
  await refused(kms.send(new CreateAliasCommand({ AliasName: 'alias/aws/x', TargetKeyId: one.KeyId })), 'NotAuthorizedException');
});

test('AWS’s own keys come into being when they are named, and serve only through their service', async () => {
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }));
  assert.deepEqual([KeyMetadata!.KeyManager, KeyMetadata!.KeyState], ['AWS', 'Enabled']);
  assert.equal((await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }))).KeyMetadata!.KeyId, KeyMetadata!.KeyId);
  await refused(encrypt(kms, 'alias/aws/s3'), 'AccessDeniedException');
});
