/** Tags of parameters; other resources of Systems Manager that bear tags are not built. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { mergeTags, tagFault, tagsOf, type Tag } from '../../../framework/tags.ts';
import { invalidResourceId, invalidResourceType, tooManyTags, validationException } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { parameters, type Parameter } from '../tables.ts';
import { findParameter } from './lookup.ts';
import { knownName } from './names.ts';

const unbuilt = [
  'Document',
  'ManagedInstance',
  'MaintenanceWindow',
  'PatchBaseline',
  'OpsItem',
  'OpsMetadata',
  'Automation',
  'Association',
];

/** Throws ValidationException or TooManyTagsError. */
export function checkTags(tags: Tag[]): Tag[] {
  const fault = tagFault(tags);
  if (!fault) return tags;
  if (fault.kind === 'tooMany') throw tooManyTags();
  throw validationException(`Invalid tag ${fault.key}: ${fault.kind}`);
}

type Named = { ResourceType: string; ResourceId: string };

/** Throws InvalidResourceType, or InvalidResourceId where there is no such parameter. */
function nameOf({ operation }: ServiceRequest, { ResourceType: type, ResourceId: id }: Named): string {
  if (unbuilt.includes(type)) throw notImplemented(`ssm:${operation} with the resource type ${type}`);
  if (type !== 'Parameter') throw invalidResourceType();
  return knownName(id);
}

async function change(request: ServiceRequest, named: Named, next: (tags: Tag[]) => Tag[]): Promise<void> {
  const name = nameOf(request, named);
  await request.store.write(async (tx) => {
    const found = required(await findParameter(tx, request, name));
    await parameters.put(tx, { ...found, tags: next(found.tags) });
  });
}

function required(found: Parameter | undefined): Parameter {
  if (!found) throw invalidResourceId();
  return found;
}

export const AddTagsToResource: Operation<'AddTagsToResource'> = async (request, input) => {
  const added = checkTags(tagsOf(input.Tags as { Key?: string; Value?: string }[]));
  await change(request, input, (tags) => checkTags(mergeTags(tags, added)));
  return {};
};

export const RemoveTagsFromResource: Operation<'RemoveTagsFromResource'> = async (request, input) => {
  const gone = new Set(input.TagKeys);
  await change(request, input, (tags) => tags.filter(({ Key }) => !gone.has(Key)));
  return {};
};

export const ListTagsForResource: Operation<'ListTagsForResource'> = async (request, input) => {
  const name = nameOf(request, input);
  const found = await request.store.read((tx) => findParameter(tx, request, name));
  return { TagList: required(found).tags };
};
