/** Vault locks: a policy that nobody can take back once it is locked: https://docs.aws.amazon.com/amazonglacier/latest/dev/vault-lock.html */

import { accessDenied, invalidParameter, notFound } from '../errors.ts';
import { lockMilliseconds } from '../limits.ts';
import { checkedPolicy } from '../policies/policy.ts';
import type { Operation } from '../sdk.ts';
import { vaultPolicies, vaults } from '../tables.ts';
import { lookUp, requireVault } from '../vaults/lookup.ts';
import { lockAt, vaultArn } from '../vaults/vault.ts';

export const InitiateVaultLock: Operation<'InitiateVaultLock'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const text = checkedPolicy(name, input.policy?.Policy);
  const revision = request.random.uuid();
  const id = request.random.bytes(32).toString('base64url');
  await request.store.write(async (tx) => {
    const vault = await requireVault(tx, name);
    const lock = lockAt(vault, request.now);
    if (lock) throw accessDenied(`Vault lock is already ${lock.expires === undefined ? 'locked' : 'in progress'} for: ${vaultArn(name)}`);
    const { now } = request;
    await vaults.put(tx, { ...vault, lock: { id, created: now, expires: now + lockMilliseconds, policy: revision } });
    await vaultPolicies.put(tx, { ...name, kind: 'lock', revision, text });
  });
  return { lockId: id };
};

/** Completing once more with the same id succeeds. */
export const CompleteVaultLock: Operation<'CompleteVaultLock'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  await request.store.write(async (tx) => {
    const vault = await requireVault(tx, name);
    const lock = lockAt(vault, request.now);
    if (!lock) throw notFound(`No vault lock policy is set for: ${vaultArn(name)}`);
    const { expires, ...locked } = lock;
    if (lock.id !== input.lockId)
      throw expires === undefined ? accessDenied('Vault lock is already locked.') : invalidParameter(`Invalid lock ID: ${input.lockId}`);
    if (expires !== undefined) await vaults.put(tx, { ...vault, lock: locked });
  });
  return {};
};

/** Succeeds where there is nothing to abort. */
export const AbortVaultLock: Operation<'AbortVaultLock'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  await request.store.write(async (tx) => {
    const { lock, ...vault } = await requireVault(tx, name);
    if (!lock) return;
    if (lock.expires === undefined) throw accessDenied('Vault lock is already locked.');
    await vaults.put(tx, vault);
    await vaultPolicies.delete(tx, name.account, name.region, name.name, 'lock');
  });
  return {};
};

export const GetVaultLock: Operation<'GetVaultLock'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const { lock, policy } = await request.store.read(async (tx) => ({
    lock: lockAt(await requireVault(tx, name), request.now),
    policy: await vaultPolicies.get(tx, name.account, name.region, name.name, 'lock'),
  }));
  if (!lock || !policy) throw notFound(`No vault lock policy is set for: ${vaultArn(name)}`);
  return {
    Policy: policy.text,
    State: lock.expires === undefined ? 'Locked' : 'InProgress',
    CreationDate: new Date(lock.created).toISOString(),
    ...(lock.expires !== undefined && { ExpirationDate: new Date(lock.expires).toISOString() }),
  };
};
