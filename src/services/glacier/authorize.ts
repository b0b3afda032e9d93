/** What each operation of Glacier asks to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3glacier.html */

import type { Authorizer, Check, ConditionContext } from '../../framework/authorization.ts';
import type { ServiceDefinition } from '../../framework/service.ts';
import { requestTagContext, resourceTagContext, tagKeyContext, tagsOf } from '../../framework/tags.ts';
import { dayMilliseconds } from './limits.ts';
import type { Glacier } from './sdk.ts';
import { archives } from './tables.ts';
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

/** Policies see how old an archive is: https://docs.aws.amazon.com/amazonglacier/latest/dev/vault-lock-policy.html */
const onArchive =
  <Input extends VaultInput>(action: string, archiveOf: (input: Input) => string | undefined): Authorizer<Input> =>
  async (request, input) => {
    const found = await lookUp(request, input);
    const { account, region, name } = found.name;
    const id = archiveOf(input);
    const archive = id === undefined ? undefined : await request.store.read((tx) => archives.get(tx, account, region, name, id));
    const days = archive && String(Math.floor((request.now - archive.created) / dayMilliseconds));
    return [checkOn(found, action, { 'glacier:ArchiveAgeInDays': days })];
  };

export const authorize: ServiceDefinition<Glacier>['authorize'] = {
  AbortMultipartUpload: onVault('AbortMultipartUpload'),
  AbortVaultLock: onVault('AbortVaultLock'),
  AddTagsToVault: onVault('AddTagsToVault', (input) => requestTagContext(tagsOf(input.Tags))),
  CompleteMultipartUpload: onVault('CompleteMultipartUpload'),
  CompleteVaultLock: onVault('CompleteVaultLock'),
  CreateVault: onVault('CreateVault'),
  DeleteArchive: onArchive('DeleteArchive', (input) => input.archiveId),
  DeleteVault: onVault('DeleteVault'),
  DeleteVaultAccessPolicy: onVault('DeleteVaultAccessPolicy'),
  DeleteVaultNotifications: onVault('DeleteVaultNotifications'),
  DescribeJob: onVault('DescribeJob'),
  DescribeVault: onVault('DescribeVault'),
  GetDataRetrievalPolicy: onAccount('GetDataRetrievalPolicy'),
  GetJobOutput: onVault('GetJobOutput'),
  GetVaultAccessPolicy: onVault('GetVaultAccessPolicy'),
  GetVaultLock: onVault('GetVaultLock'),
  GetVaultNotifications: onVault('GetVaultNotifications'),
  InitiateJob: onArchive('InitiateJob', (input) => input.jobParameters?.ArchiveId),
  InitiateMultipartUpload: onVault('InitiateMultipartUpload'),
  InitiateVaultLock: onVault('InitiateVaultLock'),
  ListJobs: onVault('ListJobs'),
  ListMultipartUploads: onVault('ListMultipartUploads'),
  ListParts: onVault('ListParts'),
  ListProvisionedCapacity: onAccount('ListProvisionedCapacity'),
  ListTagsForVault: onVault('ListTagsForVault'),
  ListVaults: onAccount('ListVaults'),
  PurchaseProvisionedCapacity: onAccount('PurchaseProvisionedCapacity'),
  RemoveTagsFromVault: onVault('RemoveTagsFromVault', (input) => tagKeyContext(input.TagKeys ?? [])),
  SetDataRetrievalPolicy: onAccount('SetDataRetrievalPolicy'),
  SetVaultAccessPolicy: onVault('SetVaultAccessPolicy'),
  SetVaultNotifications: onVault('SetVaultNotifications'),
  UploadArchive: onVault('UploadArchive'),
  UploadMultipartPart: onVault('UploadMultipartPart'),
};
