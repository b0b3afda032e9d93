/** Tags of vaults: https://docs.aws.amazon.com/amazonglacier/latest/dev/tagging.html */

import type { AwsError } from '../../../framework/aws-error.ts';
import { mergeTags, tagFault, tagsOf, type TagFault } from '../../../framework/tags.ts';
import { invalidParameter, limitExceeded } from '../errors.ts';
import { tagsPerVaultMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { vaults } from '../tables.ts';
import { lookUp, requireFound, requireVault } from '../vaults/lookup.ts';

export const AddTagsToVault: Operation<'AddTagsToVault'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const added = tagsOf(input.Tags);
  if (added.length === 0) throw invalidParameter('Tags must not be empty');
  const fault = tagFault(added);
  if (fault) throw refusal(fault);
  await request.store.write(async (tx) => {
    const vault = await requireVault(tx, name);
    const tags = mergeTags(vault.tags, added);
    if (tags.length > tagsPerVaultMax) throw tooManyTags();
    await vaults.put(tx, { ...vault, tags });
  });
  return {};
};

export const RemoveTagsFromVault: Operation<'RemoveTagsFromVault'> = async (request, input) => {
  const { name } = await lookUp(request, input);
  const removed = new Set(input.TagKeys);
  await request.store.write(async (tx) => {
    const vault = await requireVault(tx, name);
    await vaults.put(tx, { ...vault, tags: vault.tags.filter(({ Key }) => !removed.has(Key)) });
  });
  return {};
};

export const ListTagsForVault: Operation<'ListTagsForVault'> = async (request, input) => {
  const { tags } = await requireFound(request, input);
  return { Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) };
};

const tooManyTags = (): AwsError => limitExceeded(`The number of tags per vault is limited to ${tagsPerVaultMax}.`);

function refusal(fault: TagFault): AwsError {
  if (fault.kind === 'tooMany') return tooManyTags();
  return 'value' in fault ? invalidParameter(`Invalid tag value: ${fault.value}`) : invalidParameter(`Invalid tag key: ${fault.key}`);
}
