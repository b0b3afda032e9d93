/** CreateDatabase and its kin: https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html */

import type { DatabaseInput } from '@aws-sdk/client-glue';
import { mergeTags, tagFault, tagsOf } from '../../../framework/tags.ts';
import { deleteDefinition, writeDefinition } from '../catalog/definition.ts';
import { folded, refuseUnbuilt, requireOwnCatalog } from '../catalog/names.ts';
import { nextToken, pageOf } from '../catalog/pages.ts';
import { databaseExists, invalidInput } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { dropTables } from '../tables/table.ts';
import { databases, type Database } from '../tables.ts';
import { arnParts, requireDatabase, wireDatabase } from './database.ts';

const unbuilt = ['TargetDatabase', 'FederatedDatabase'];

function definitionOf({ Name: _name, ...given }: DatabaseInput): object {
  return { ...given, Parameters: given.Parameters ?? {} };
}

/** Throws InvalidInputException. */
function checkedTags(source: Parameters<typeof tagsOf>[0], present: Database['tags'] = []): Database['tags'] {
  const added = tagsOf(source);
  const merged = mergeTags(
    present.map(([Key, Value]) => ({ Key, Value })),
    added,
  );
  const fault = tagFault(added) ?? tagFault(merged);
  if (fault) throw invalidInput(`The tags are not valid: ${fault.kind}.`);
  return merged.map(({ Key, Value }) => [Key, Value]);
}

export const CreateDatabase: Operation<'CreateDatabase'> = async (request, input) => {
  requireOwnCatalog(request, input);
  const given = input.DatabaseInput as DatabaseInput;
  refuseUnbuilt(request, given, unbuilt);
  const name = folded(given.Name, 'databaseInput.name');
  const { account, region, now } = request;
  const tags = checkedTags(input.Tags);
  const id = request.random.uuid();
  await request.store.write(async (tx) => {
    if (await databases.get(tx, account, region, name)) throw databaseExists();
    const definition = await writeDefinition(tx, id, definitionOf(given));
    await databases.put(tx, { account, region, name, created: now, tags, definition });
  });
  return {};
};

export const GetDatabase: Operation<'GetDatabase'> = async (request, input) => {
  requireOwnCatalog(request, input);
  const name = folded(input.Name, 'name');
  return { Database: await request.store.read(async (tx) => wireDatabase(tx, await requireDatabase(tx, request, name))) };
};

export const GetDatabases: Operation<'GetDatabases'> = async (request, input) => {
  requireOwnCatalog(request, input);
  refuseUnbuilt(request, input, ['AttributesToGet']);
  const { limit, after } = pageOf(input);
  // Nothing is shared with other accounts yet.
  if (input.ResourceShareType === 'FOREIGN' || input.ResourceShareType === 'FEDERATED') return { DatabaseList: [] };
  return request.store.read(async (tx) => {
    const page = await databases.scan(tx, [request.account, request.region], { limit, ...(after && { after }) });
    const DatabaseList = [];
    for (const { row } of page) DatabaseList.push(await wireDatabase(tx, row));
    return { DatabaseList, ...nextToken(page, limit) };
  });
};

/** What is given replaces all that was there. */
export const UpdateDatabase: Operation<'UpdateDatabase'> = async (request, input) => {
  requireOwnCatalog(request, input);
  const given = input.DatabaseInput as DatabaseInput;
  refuseUnbuilt(request, given, unbuilt);
  const name = folded(input.Name, 'name');
  if (folded(given.Name, 'databaseInput.name') !== name) throw invalidInput('Renaming databases is not supported.');
  const id = request.random.uuid();
  await request.store.write(async (tx) => {
    const present = await requireDatabase(tx, request, name);
    await deleteDefinition(tx, present.definition);
    await databases.put(tx, { ...present, definition: await writeDefinition(tx, id, definitionOf(given)) });
  });
  return {};
};

/** Its tables go with it. */
export const DeleteDatabase: Operation<'DeleteDatabase'> = async (request, input) => {
  requireOwnCatalog(request, input);
  const name = folded(input.Name, 'name');
  const { account, region } = request;
  for (let more = true; more;)
    more = await request.store.write(async (tx) => {
      const present = await requireDatabase(tx, request, name);
      if (await dropTables(tx, { account, region, database: name })) return true;
      await deleteDefinition(tx, present.definition);
      await databases.delete(tx, account, region, name);
      return false;
    });
  return {};
};

export const GetTags: Operation<'GetTags'> = async (request, input) => {
  const name = arnParts(request, input.ResourceArn!);
  const { tags } = await request.store.read((tx) => requireDatabase(tx, request, name));
  return { Tags: Object.fromEntries(tags) };
};

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  const name = arnParts(request, input.ResourceArn!);
  await request.store.write(async (tx) => {
    const present = await requireDatabase(tx, request, name);
    await databases.put(tx, { ...present, tags: checkedTags(input.TagsToAdd, present.tags) });
  });
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const name = arnParts(request, input.ResourceArn!);
  const removed = new Set(input.TagsToRemove);
  await request.store.write(async (tx) => {
    const present = await requireDatabase(tx, request, name);
    await databases.put(tx, { ...present, tags: present.tags.filter(([key]) => !removed.has(key)) });
  });
  return {};
};
