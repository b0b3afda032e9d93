/** Tags of every resource type, kept in the records themselves. */

import type { Authorizer } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { mergeTags, requestTagContext, tagKeyContext, tagsOf, type Tag } from '../../../framework/tags.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { limitExceeded, refusal } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { pageOf, tokenOf } from '../pagination.ts';
import { checksOn } from '../permissions.ts';
import { requireResource, type AnyResourceType, type Resource } from '../resource.ts';
import { resourceTypes } from '../resource-types.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkedTags, kept, removableTag } from './tag-specifications.ts';

const tagsPerResourceMax = 50;

/** What an id ends with: that of a fleet is a UUID. */
const lastPart = /-([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[^-]*)$/;

function knownType(id: string): AnyResourceType | undefined {
  const prefix = id.replace(lastPart, '');
  return resourceTypes().find((known) => known.prefix === prefix);
}

/** The type that an id says. Throws InvalidID. */
export function typeOfId(id: string): AnyResourceType {
  const type = knownType(id);
  if (!type) throw refusal('InvalidID')(`The ID '${id}' is not valid`);
  return type;
}

/** All resources exist, or no tag is written. */
export const CreateTags: Operation<'CreateTags'> = async (request, input) => {
  const added = checkedTags(tagsOf(input.Tags));
  await change(request, input.Resources, (tags) => {
    const merged = mergeTags(tags, added);
    if (merged.filter(removableTag).length > tagsPerResourceMax)
      throw limitExceeded('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
    return merged;
  });
  return {};
};

/** A tag given with a value goes only when it has that value; no tags at all means every tag. */
export const DeleteTags: Operation<'DeleteTags'> = async (request, input) => {
  const given = input.Tags;
  const goes = (tag: Tag): boolean =>
    removableTag(tag) &&
    (!given || given.length === 0 || given.some(({ Key, Value }) => Key === tag.Key && (Value === undefined || Value === tag.Value)));
  await change(request, input.Resources, (tags) => tags.filter((tag) => !goes(tag)));
  return {};
};

function change(request: ServiceRequest, ids: readonly string[], next: (tags: Tag[]) => Tag[]): Promise<void> {
  const targets = ids.map((id) => ({ id, type: typeOfId(id) }));
  return request.store.write(async (tx) => {
    const rows: [AnyResourceType, Resource][] = [];
    for (const { id, type } of targets) rows.push([type, await requireResource<Resource>(tx, request, type, id)]);
    for (const [type, { tags = [], ...row }] of rows) await type.table.put(tx, { ...row, ...kept(next(tags)) });
  });
}

type TagRow = { id: string; type: string; key: string; value: string };

const filters: Filters<TagRow> = {
  'resource-id': (row) => row.id,
  'resource-type': (row) => row.type,
  key: (row) => row.key,
  value: (row) => row.value,
};

export const DescribeTags: Operation<'DescribeTags'> = async (request, input) => {
  const { limit = 1000, after } = pageOf('tags', input);
  const fits = compileFilters<TagRow>(tagsAsFilters(input.Filters), filters);
  const ids = plainIds(input.Filters);
  const rows = await request.store.read((tx) => (ids ? tagsOfIds(tx, request, ids) : allTags(tx, request)));
  const start = after ? Number(Buffer.from(after).toString()) : 0;
  const found = rows.filter((row) => fits(row));
  const page = found.slice(start, start + limit);
  return {
    Tags: page.map((row) => ({
      ResourceId: row.id,
      ResourceType: row.type as 'vpc',
      Key: row.key,
      Value: row.value,
    })),
    ...(start + limit < found.length && { NextToken: tokenOf('tags', Buffer.from(String(start + limit))) }),
  };
};

/** `tag:KEY` as a filter over tags is a key and a value at once. */
function tagsAsFilters(given: Input<'DescribeTags'>['Filters']): Input<'DescribeTags'>['Filters'] {
  return given?.flatMap((filter) =>
    filter.Name?.startsWith('tag:')
      ? [
          { Name: 'key', Values: [filter.Name.slice('tag:'.length)] },
          { Name: 'value', Values: filter.Values ?? [] },
        ]
      : [filter],
  );
}

/** The ids asked for, when they are given without wildcards: they are looked up instead of searched. */
function plainIds(given: Input<'DescribeTags'>['Filters']): string[] | undefined {
  const values = given?.find((filter) => filter.Name === 'resource-id')?.Values;
  return values?.every((value) => /^[a-z-]+-[0-9a-f]+$/.test(value)) ? values : undefined;
}

async function tagsOfIds(tx: ReadTransaction, { account, region }: ServiceRequest, ids: readonly string[]): Promise<TagRow[]> {
  const rows: TagRow[] = [];
  for (const id of ids) {
    const type = knownType(id);
    const row = type && ((await type.table.get(tx, account, region, id)) as Resource | undefined);
    if (type && row) rows.push(...rowsOf(type, row));
  }
  return rows;
}

async function allTags(tx: ReadTransaction, { account, region }: ServiceRequest): Promise<TagRow[]> {
  const rows: TagRow[] = [];
  for (const type of resourceTypes())
    for (const { row } of await type.table.scan(tx, [account, region]))
      // Of a table that several types share, each has its own.
      if ((row as Resource).id.startsWith(`${type.prefix}-`)) rows.push(...rowsOf(type, row as Resource));
  return rows;
}

function rowsOf(type: AnyResourceType, { id, tags = [] }: Resource): TagRow[] {
  return tags.map((tag) => ({ id, type: type.name, key: tag.Key, value: tag.Value }));
}

export const onCreateTags: Authorizer<Input<'CreateTags'>> = (request, input) =>
  checksOn(
    request,
    input.Resources.map((id) => [typeOfId(id), id]),
    requestTagContext(tagsOf(input.Tags)),
  );

export const onDeleteTags: Authorizer<Input<'DeleteTags'>> = (request, input) =>
  checksOn(
    request,
    input.Resources.map((id) => [typeOfId(id), id]),
    tagKeyContext((input.Tags ?? []).map((tag) => tag.Key ?? '')),
  );
