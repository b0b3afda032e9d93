/** Vault locks: 24 hours to think again, then for good. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  AbortVaultLockCommand,
  AddTagsToVaultCommand,
  CompleteVaultLockCommand,
  GetVaultLockCommand,
  InitiateVaultLockCommand,
  SetVaultAccessPolicyCommand,
} from '@aws-sdk/client-glacier';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { day, glacierOf, home, makeVault, policy, refused } from './cast.ts';

let cloud: LiveCloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

const noTags = policy({ Effect: 'Deny', Action: 'glacier:AddTagsToVault', Principal: '*' });
const allTags = policy({ Action: 'glacier:AddTagsToVault', Principal: { AWS: home } });
const Tags = { a: '1' };

test('a lock that is in progress denies already, and lapses after 24 hours', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'lapsing');
  await refused(glacier.send(new GetVaultLockCommand(vault)), 'ResourceNotFoundException');
  const { lockId } = await glacier.send(new InitiateVaultLockCommand({ ...vault, policy: { Policy: noTags } }));
  const { $metadata: _, ...lock } = await glacier.send(new GetVaultLockCommand(vault));
  const now = cloud.cloud.clock.now();
  assert.deepEqual(lock, {
    Policy: noTags,
    State: 'InProgress',
    CreationDate: new Date(now).toISOString(),
    ExpirationDate: new Date(now + day).toISOString(),
  });
  await glacier.send(new SetVaultAccessPolicyCommand({ ...vault, policy: { Policy: allTags } }));
  await refused(glacier.send(new AddTagsToVaultCommand({ ...vault, Tags })), 'AccessDeniedException');
  await refused(glacier.send(new InitiateVaultLockCommand({ ...vault, policy: { Policy: noTags } })), 'AccessDeniedException');
  await cloud.advance(day);
  await refused(glacier.send(new GetVaultLockCommand(vault)), 'ResourceNotFoundException');
  await refused(glacier.send(new CompleteVaultLockCommand({ ...vault, lockId })), 'ResourceNotFoundException');
  await glacier.send(new AddTagsToVaultCommand({ ...vault, Tags }));
  await glacier.send(new InitiateVaultLockCommand({ ...vault, policy: { Policy: noTags } }));
});

test('a lock that is aborted denies no more', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'aborted');
  await glacier.send(new InitiateVaultLockCommand({ ...vault, policy: { Policy: noTags } }));
  await glacier.send(new AbortVaultLockCommand(vault));
  await glacier.send(new AbortVaultLockCommand(vault));
  await glacier.send(new AddTagsToVaultCommand({ ...vault, Tags }));
});

test('a completed lock stays, whoever asks', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'locked');
  const { lockId } = await glacier.send(new InitiateVaultLockCommand({ ...vault, policy: { Policy: noTags } }));
  await refused(glacier.send(new CompleteVaultLockCommand({ ...vault, lockId: 'other' })), 'InvalidParameterValueException');
  await glacier.send(new CompleteVaultLockCommand({ ...vault, lockId }));
  await glacier.send(new CompleteVaultLockCommand({ ...vault, lockId }));
  await refused(glacier.send(new CompleteVaultLockCommand({ ...vault, lockId: 'other' })), 'AccessDeniedException');
  await cloud.advance(2 * day);
  const lock = await glacier.send(new GetVaultLockCommand(vault));
  assert.equal(lock.State, 'Locked');
  assert.equal(lock.ExpirationDate, undefined);
  await refused(glacier.send(new AbortVaultLockCommand(vault)), 'AccessDeniedException');
  await refused(glacier.send(new InitiateVaultLockCommand({ ...vault, policy: { Policy: allTags } })), 'AccessDeniedException');
  await refused(glacier.send(new AddTagsToVaultCommand({ ...vault, Tags })), 'AccessDeniedException');
});
