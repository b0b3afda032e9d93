/** What each operation of Glacier asks to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3glacier.html */

import type { Authorizer, Check, ConditionContext } from '../../framework/authorization.ts';
import type { ServiceDefinition } from '../../framework/service.ts';
import { requestTagContext, resourceTagContext, tagKeyContext, tagsOf } from '../../framework/tags.ts';
import type { Glacier } from './sdk.ts';
import { lookUp, type Found } from './vaults/lookup.ts';
import { accountOf, vaultArn, type VaultInput } from './vaults/vault.ts';

/** One action on one vault. */
function checkOn({ name, vault, policy }: Found, action: string, more: ConditionContext = {}): Check {
  const resource = vaultArn(name);
  return {
    action: `glacier:${action}`,
    resource,
    resourceAccount: name.account,
    ...(policy && { resourcePolicy: { name: resource, document: policy } }),
    context: { ...resourceTagContext(vault?.tags ?? [], 'glacier'), ...more },
  };
}

const onVault =
  <Input extends VaultInput>(action: string, more?: (input: Input) => ConditionContext): Authorizer<Input> =>
  async (request, input) => [checkOn(await lookUp(request, input), action, more?.(input))];

/** Actions on all vaults of an account. */
const onAccount =
  (action: string): Authorizer<{ accountId: string }> =>
  (request, input) => [{ action: `glacier:${action}`, resource: '*', resourceAccount: accountOf(request, input.accountId) }];

export const authorize: ServiceDefinition<Glacier>['authorize'] = {
  AbortVaultLock: onVault('AbortVaultLock'),
  AddTagsToVault: onVault('AddTagsToVault', (input) => requestTagContext(tagsOf(input.Tags))),
  CompleteVaultLock: onVault('CompleteVaultLock'),
  CreateVault: onVault('CreateVault'),
  DeleteVault: onVault('DeleteVault'),
  DeleteVaultAccessPolicy: onVault('DeleteVaultAccessPolicy'),
  DescribeVault: onVault('DescribeVault'),
  GetVaultAccessPolicy: onVault('GetVaultAccessPolicy'),
  GetVaultLock: onVault('GetVaultLock'),
  InitiateVaultLock: onVault('InitiateVaultLock'),
  ListTagsForVault: onVault('ListTagsForVault'),
  ListVaults: onAccount('ListVaults'),
  RemoveTagsFromVault: onVault('RemoveTagsFromVault', (input) => tagKeyContext(input.TagKeys ?? [])),
  SetVaultAccessPolicy: onVault('SetVaultAccessPolicy'),
};
