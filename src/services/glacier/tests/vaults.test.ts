/** Vaults: names, pages, tags, and who may do what with them. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AddTagsToVaultCommand,
  CreateVaultCommand,
  DeleteVaultAccessPolicyCommand,
  DeleteVaultCommand,
  DescribeVaultCommand,
  GetVaultAccessPolicyCommand,
  ListTagsForVaultCommand,
  ListVaultsCommand,
  RemoveTagsFromVaultCommand,
  SetVaultAccessPolicyCommand,
} from '@aws-sdk/client-glacier';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { abroad, glacierOf, home, makeUser, makeVault, policy, refused } from './cast.ts';

let cloud: LiveCloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

test('a vault is created, described and deleted; creating and deleting it once more changes nothing', async () => {
  const glacier = glacierOf(cloud);
  const vault = { accountId: '-', vaultName: 'One.vault_of-mine' };
  const { location } = await glacier.send(new CreateVaultCommand(vault));
  assert.equal(location, `/${home}/vaults/One.vault_of-mine`);
  await glacier.send(new AddTagsToVaultCommand({ ...vault, Tags: { a: '1' } }));
  await glacier.send(new CreateVaultCommand(vault));
  assert.deepEqual((await glacier.send(new ListTagsForVaultCommand(vault))).Tags, { a: '1' });
  const { $metadata: _, ...described } = await glacier.send(new DescribeVaultCommand({ ...vault, accountId: home }));
  assert.deepEqual(described, {
    VaultARN: `arn:aws:glacier:us-east-1:${home}:vaults/One.vault_of-mine`,
    VaultName: 'One.vault_of-mine',
    CreationDate: new Date(cloud.cloud.clock.now()).toISOString(),
    NumberOfArchives: 0,
    SizeInBytes: 0,
  });
  await glacier.send(new DeleteVaultCommand(vault));
  await glacier.send(new DeleteVaultCommand(vault));
  await assert.rejects(glacier.send(new DescribeVaultCommand(vault)), {
    name: 'ResourceNotFoundException',
    message: `Vault not found for ARN: arn:aws:glacier:us-east-1:${home}:vaults/One.vault_of-mine`,
    type: 'Client',
    code: 'ResourceNotFoundException',
  });
});

test('a name with other characters, or longer than 255, and an account that is none are refused', async () => {
  const glacier = glacierOf(cloud);
  for (const vaultName of ['a b', 'ä', 'x'.repeat(256)])
    await refused(glacier.send(new CreateVaultCommand({ accountId: '-', vaultName })), 'InvalidParameterValueException', /vault name/);
  await refused(glacier.send(new CreateVaultCommand({ accountId: '12', vaultName: 'a' })), 'InvalidParameterValueException', /account ID/);
});

test('vaults are listed by name in pages of at most ten, each beginning where the marker says', async () => {
  const region = 'eu-west-1';
  const glacier = glacierOf(cloud, home, region);
  const names = ['B', ...Array.from({ length: 11 }, (_, i) => `a${String(i).padStart(2, '0')}`)];
  for (const name of names.toReversed()) await makeVault(glacier, name);
  const first = await glacier.send(new ListVaultsCommand({ accountId: '-' }));
  assert.deepEqual(
    first.VaultList!.map(({ VaultName }) => VaultName),
    names.slice(0, 10),
  );
  assert.equal(first.Marker, `arn:aws:glacier:${region}:${home}:vaults/a09`);
  const second = await glacier.send(new ListVaultsCommand({ accountId: '-', marker: first.Marker }));
  assert.deepEqual(
    second.VaultList!.map(({ VaultName }) => VaultName),
    names.slice(10),
  );
  assert.equal(second.Marker, undefined);
  assert.deepEqual((await glacierOf(cloud, abroad, region).send(new ListVaultsCommand({ accountId: '-' }))).VaultList, []);
  for (const limit of [0, 11])
    await refused(glacier.send(new ListVaultsCommand({ accountId: '-', limit })), 'InvalidParameterValueException');
  await refused(glacier.send(new ListVaultsCommand({ accountId: '-', marker: 'a09' })), 'InvalidParameterValueException', /marker/);
});

test('a vault has at most ten tags; the same key takes the new value', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'tagged');
  await glacier.send(new AddTagsToVaultCommand({ ...vault, Tags: { team: 'a', stage: 'b' } }));
  await glacier.send(new AddTagsToVaultCommand({ ...vault, Tags: { team: 'c' } }));
  await glacier.send(new RemoveTagsFromVaultCommand({ ...vault, TagKeys: ['stage', 'none'] }));
  assert.deepEqual((await glacier.send(new ListTagsForVaultCommand(vault))).Tags, { team: 'c' });
  const many = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`k${i}`, '']));
  await refused(glacier.send(new AddTagsToVaultCommand({ ...vault, Tags: many })), 'LimitExceededException');
  await refused(glacier.send(new AddTagsToVaultCommand({ ...vault, Tags: { 'aws:x': '' } })), 'InvalidParameterValueException');
});

test('an access policy lets another account in, and only as long as it is there', async () => {
  const glacier = glacierOf(cloud);
  const vault = { ...(await makeVault(glacier, 'shared')), accountId: home };
  const arn = `arn:aws:glacier:us-east-1:${home}:vaults/shared`;
  const stranger = glacierOf(cloud, abroad);
  await refused(stranger.send(new DescribeVaultCommand(vault)), 'AccessDeniedException');
  await refused(glacier.send(new GetVaultAccessPolicyCommand(vault)), 'ResourceNotFoundException');
  const Policy = policy({ Action: 'glacier:DescribeVault', Resource: arn, Principal: { AWS: abroad } });
  await glacier.send(new SetVaultAccessPolicyCommand({ ...vault, policy: { Policy } }));
  assert.equal((await glacier.send(new GetVaultAccessPolicyCommand(vault))).policy!.Policy, Policy);
  assert.equal((await stranger.send(new DescribeVaultCommand(vault))).VaultARN, arn);
  await refused(stranger.send(new DeleteVaultCommand(vault)), 'AccessDeniedException');
  await glacier.send(new DeleteVaultAccessPolicyCommand(vault));
  await refused(stranger.send(new DescribeVaultCommand(vault)), 'AccessDeniedException');
});

test('a policy that is none, is for others, or is too long is refused', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'strict');
  const Principal = { AWS: abroad };
  const faulty = [
    '{',
    policy({ Action: 's3:GetObject', Principal }),
    policy({ Action: 'glacier:*', Principal, Resource: `arn:aws:glacier:us-east-1:${home}:vaults/other` }),
    policy({ Action: 'glacier:*', Principal }).padEnd(20_481),
  ];
  for (const Policy of faulty)
    await refused(glacier.send(new SetVaultAccessPolicyCommand({ ...vault, policy: { Policy } })), 'InvalidParameterValueException');
});

test('a user does what an identity policy allows, by the tags of the vault', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'by-tag');
  const { credentials } = await makeUser(cloud, 'clerk', {
    Action: 'glacier:DescribeVault',
    Condition: { StringEquals: { 'glacier:ResourceTag/team': 'red' } },
  });
  const clerk = glacierOf(cloud, home, 'us-east-1', credentials);
  await refused(clerk.send(new DescribeVaultCommand(vault)), 'AccessDeniedException');
  await glacier.send(new AddTagsToVaultCommand({ ...vault, Tags: { team: 'red' } }));
  await clerk.send(new DescribeVaultCommand(vault));
  await refused(clerk.send(new ListVaultsCommand({ accountId: '-' })), 'AccessDeniedException');
});
