/** Tables that were read and have not changed since, with their policies and tags: what reads and authorisation need of each call. */

import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { rememberRows } from '../../../framework/memory-of-rows.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Store } from '../../../store/store.ts';
import { resourceNotFound } from '../errors.ts';
import { resourcePolicies, tables, tableTags } from '../tables.ts';
import { findTable, type TablePlace } from './lookup.ts';
import { isUnready, tableArn, type TableRecord } from './table.ts';

export type Known = {
  table: TableRecord;
  policy: PolicyDocument | undefined;
  tags: readonly { Key: string; Value: string }[];
};

const knownTables = rememberRows<Known>([tables, tableTags, resourcePolicies]);

/**
 * A table as it was when the call arrived or later; undefined when there is none. At once where it is remembered. Not for changes of
 * items, which must not miss an index that is being added: they read the table inside their transaction.
 */
export function knownTable({ store }: Pick<ServiceRequest, 'store'>, place: TablePlace): Known | undefined | Promise<Known | undefined> {
  const key = keyOf(place);
  return knownTables.get(store, key) ?? knownTables.read(store, key, () => read(store, place));
}

/** The table of a call that reads items. Throws ResourceNotFoundException. */
export function requireKnown(request: Pick<ServiceRequest, 'store'>, place: TablePlace): Known | Promise<Known> {
  const present = knownTables.get(request.store, keyOf(place));
  return present && !isUnready(present.table) ? present : Promise.resolve(knownTable(request, place)).then(orThrow);
}

function orThrow(present: Known | undefined): Known {
  if (!present || isUnready(present.table)) throw resourceNotFound();
  return present;
}

const keyOf = ({ account, region, name }: TablePlace): string => `${account} ${region} ${name}`;

function read(store: Store, place: TablePlace): Promise<Known | undefined> {
  return store.read(async (tx) => {
    const table = await findTable(tx, place);
    if (!table) return undefined;
    const policy = await resourcePolicies.get(tx, tableArn(place));
    const tags = (await tableTags.get(tx, place.account, place.region, place.name))?.tags ?? [];
    return { table, policy: policy && parsePolicy(policy.text, 'resource'), tags };
  });
}
