/** Managed prefix lists of a customer: create, change, describe, delete. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { describe } from '../describe.ts';
import { incorrectState, invalidParameterValue, missingParameter, notBuilt, refusal, stillNeeded } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { formatCidr, parseCidr } from '../../../framework/cidr.ts';
import { formatCidr6, parseCidr6 } from '../network/cidr6.ts';
import { pageOf, tokenOf } from '../pagination.ts';
import { newId, requireResource, resourceArn, resourcesIn } from '../resource.ts';
import { routeTableType } from '../route-tables/route-table.ts';
import type { Operation } from '../sdk.ts';
import { securityGroupRules } from '../security-groups/security-group.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { managedPrefixLists } from '../vpc-endpoints/services.ts';
import { prefixLists, prefixListType, requirePrefixList, type PrefixList } from './prefix-list.ts';

const entriesMax = 1000;

function shown(
  row: PrefixList,
  state: 'create-complete' | 'modify-complete' | 'delete-complete' = row.version === 1 ? 'create-complete' : 'modify-complete',
) {
  return {
    ...{ PrefixListId: row.id, PrefixListName: row.name, AddressFamily: row.family, MaxEntries: row.entriesMax, Version: row.version },
    ...{ State: state, PrefixListArn: resourceArn(prefixListType, row, row.id).replace(':AWS:', ':aws:'), OwnerId: row.account },
    ...tagSet(row),
  };
}

const filters: Filters<PrefixList> = {
  'prefix-list-id': (row) => row.id,
  'prefix-list-name': (row) => row.name,
  'owner-id': (row) => row.account,
};

export const DescribeManagedPrefixLists: Operation<'DescribeManagedPrefixLists'> = async (request, input) => {
  const limits = { min: 1, max: 100 };
  const given = input.PrefixListIds ?? [];
  const fits = compileFilters<PrefixList>(input.Filters, filters);
  // Those of AWS stand on the first page, above what a page may hold.
  const ofAws = managedPrefixLists({ account: 'AWS', region: request.region }).filter(
    (row) => input.NextToken === undefined && (given.length === 0 || given.includes(row.id)) && fits(row),
  );
  const ids = given.filter((id) => !ofAws.some((row) => row.id === id));
  if (given.length > 0 && ids.length === 0) return { PrefixLists: ofAws.map((row) => shown(row)) };
  const { rows, next } = await describe(request, input, { type: prefixListType, ids, filters, limits });
  return { PrefixLists: [...ofAws, ...rows].map((row) => shown(row)), ...next };
};

export const GetManagedPrefixListEntries: Operation<'GetManagedPrefixListEntries'> = async (request, input) => {
  const { limit = 100, after } = pageOf('prefix-list-entries', input, { min: 1, max: 100 });
  const row = await request.store.read((tx) => requirePrefixList(tx, request, input.PrefixListId));
  if (input.TargetVersion !== undefined && input.TargetVersion !== row.version)
    throw notBuilt('GetManagedPrefixListEntries', 'TargetVersion');
  const start = after ? Number(Buffer.from(after).toString()) : 0;
  return {
    Entries: row.entries
      .slice(start, start + limit)
      .map(({ cidr, description }) => ({ Cidr: cidr, ...(description !== undefined && { Description: description }) })),
    ...(start + limit < row.entries.length && { NextToken: tokenOf('prefix-list-entries', Buffer.from(String(start + limit))) }),
  };
};

export const CreateManagedPrefixList: Operation<'CreateManagedPrefixList'> = async (request, input) => {
  const { PrefixListName: name, AddressFamily: family, MaxEntries: max } = input;
  if (name.startsWith('com.amazonaws')) throw invalidParameterValue('Prefix list name cannot start with com.amazonaws.');
  if (family !== 'IPv4' && family !== 'IPv6') throw invalidParameterValue(`Value (${family}) for parameter addressFamily is invalid.`);
  if (!Number.isInteger(max) || max < 1 || max > entriesMax)
    throw invalidParameterValue(`Value (${max}) for parameter maxEntries is invalid.`);
  const entries = (input.Entries ?? []).map((entry) => entryFrom(entry, family));
  checkEntries(entries, max);
  const { account, region } = request;
  const tags = tagsFor(input.TagSpecifications, 'prefix-list');
  const row: PrefixList = {
    account,
    region,
    id: newId(request.random, 'pl'),
    name,
    family,
    entriesMax: max,
    version: 1,
    entries,
    ...kept(tags),
  };
  await request.store.write((tx) => prefixLists.put(tx, row));
  return { PrefixList: shown(row) };
};

type Entry = PrefixList['entries'][number];

function entryFrom(
  { Cidr = '', Description }: { Cidr?: string | undefined; Description?: string | undefined },
  family: PrefixList['family'],
): Entry {
  const cidr = canonical(Cidr, family);
  if (cidr === undefined) throw invalidParameterValue(`The CIDR ${Cidr} is invalid.`);
  return { cidr, ...(Description !== undefined && { description: Description }) };
}

function canonical(text: string, family: PrefixList['family']): string | undefined {
  if (family === 'IPv4') {
    const range = parseCidr(text);
    return range && formatCidr(range);
  }
  const range = parseCidr6(text);
  return range && formatCidr6(range);
}

function checkEntries(entries: readonly Entry[], max: number): void {
  if (new Set(entries.map(({ cidr }) => cidr)).size < entries.length) throw invalidParameterValue('The prefix list has duplicate entries.');
  if (entries.length > max)
    throw refusal('PrefixListMaxEntriesExceeded')(`You've reached the maximum number of entries for the prefix list.`);
}

/** Entries change only together with the version that the caller has seen. */
export const ModifyManagedPrefixList: Operation<'ModifyManagedPrefixList'> = async (request, input) => {
  if (input.IpamPrefixListResolverSyncEnabled !== undefined) throw notBuilt('ModifyManagedPrefixList', 'IpamPrefixListResolverSyncEnabled');
  const row = await request.store.write(async (tx) => {
    const present = await requireResource(tx, request, prefixListType, input.PrefixListId);
    const changes = (input.AddEntries?.length ?? 0) + (input.RemoveEntries?.length ?? 0) > 0;
    if (changes && input.CurrentVersion === undefined) throw missingParameter('CurrentVersion');
    if (input.CurrentVersion !== undefined && input.CurrentVersion !== present.version)
      throw incorrectState('The prefix list has the incorrect version number.');
    const gone = new Set((input.RemoveEntries ?? []).map((entry) => entryFrom(entry, present.family).cidr));
    const added = (input.AddEntries ?? []).map((entry) => entryFrom(entry, present.family));
    const replaced = new Set(added.map(({ cidr }) => cidr));
    const entries = [...present.entries.filter(({ cidr }) => !gone.has(cidr) && !replaced.has(cidr)), ...added];
    const max = input.MaxEntries ?? present.entriesMax;
    checkEntries(entries, max);
    const next = {
      ...present,
      name: input.PrefixListName ?? present.name,
      entriesMax: max,
      entries,
      version: present.version + (changes ? 1 : 0),
    };
    await prefixLists.put(tx, next);
    return next;
  });
  return { PrefixList: shown(row) };
};

export const DeleteManagedPrefixList: Operation<'DeleteManagedPrefixList'> = async (request, input) => {
  const row = await request.store.write(async (tx) => {
    const present = await requireResource(tx, request, prefixListType, input.PrefixListId);
    if (await isUsed(tx, request, present)) throw stillNeeded('prefix list', present.id);
    await prefixLists.delete(tx, present.account, present.region, present.id);
    return present;
  });
  return { PrefixList: shown(row, 'delete-complete') };
};

async function isUsed(tx: ReadTransaction, request: ServiceRequest, { region, id }: PrefixList): Promise<boolean> {
  const rules = await securityGroupRules.scanIndex(tx, 'peer', [region, id], { limit: 1 });
  const tables = await resourcesIn(tx, request, routeTableType);
  return rules.length > 0 || tables.some((table) => table.routes.some(({ destination }) => destination === id));
}
