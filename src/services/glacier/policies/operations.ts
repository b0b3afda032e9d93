/** Access policies of vaults: https://docs.aws.amazon.com/amazonglacier/latest/dev/vault-access-policy.html */

import { notFound } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { vaultPolicies, vaults } from '../tables.ts';
import { lookUp, requireVault } from '../vaults/lookup.ts';
import { vaultArn } from '../vaults/vault.ts';
import { checkedPolicy } from './policy.ts';

export const SetVaultAccessPolicy: Operation<'SetVaultAccessPolicy'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const text = checkedPolicy(name, input.policy?.Policy);
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    const vault = await requireVault(tx, name);
    await vaults.put(tx, { ...vault, policy: revision });
    await vaultPolicies.put(tx, { ...name, kind: 'access', revision, text });
  });
  return {};
};

export const GetVaultAccessPolicy: Operation<'GetVaultAccessPolicy'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const policy = await request.store.read(async (tx) => {
    await requireVault(tx, name);
    return vaultPolicies.get(tx, name.account, name.region, name.name, 'access');
  });
  if (!policy) throw notFound(`No vault access policy is set for: ${vaultArn(name)}`);
  return { policy: { Policy: policy.text } };
};

export const DeleteVaultAccessPolicy: Operation<'DeleteVaultAccessPolicy'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  await request.store.write(async (tx) => {
    const { policy: _, ...vault } = await requireVault(tx, name);
    await vaults.put(tx, vault);
    await vaultPolicies.delete(tx, name.account, name.region, name.name, 'access');
  });
  return {};
};
