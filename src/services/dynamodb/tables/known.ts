/** Tables that were read and have not changed since, with their policies and tags: what reads and authorisation need of each call. */

import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Change, Store } from '../../../store/store.ts';
import { resourceNotFound } from '../errors.ts';
import { resourcePolicies, tables, tableTags } from '../tables.ts';
import { findTable, type TablePlace } from './lookup.ts';
import { isFilling, tableArn, type TableRecord } from './table.ts';

export type Known = {
  table: TableRecord;
  policy: PolicyDocument | undefined;
  tags: readonly { Key: string; Value: string }[];
};

/** Every commit to one of the tables empties it, before its caller is answered. */
type Memory = { found: Map<string, Known>; changes: number };
const memories = new WeakMap<Store, Memory>();
const knownMax = 10_000;

/**
 * A table as it was when the call arrived or later; undefined when there is none. At once where it is remembered. Not for changes of
 * items, which must not miss an index that is being added: they read the table inside their transaction.
 */
export function knownTable({ store }: Pick<ServiceRequest, 'store'>, place: TablePlace): Known | undefined | Promise<Known | undefined> {
  const memory = memoryOf(store);
  return memory.found.get(keyOf(place)) ?? read(store, memory, place);
}

/** The table of a call that reads items. Throws ResourceNotFoundException. */
export function requireKnown(request: Pick<ServiceRequest, 'store'>, place: TablePlace): Known | Promise<Known> {
  const known = memoryOf(request.store).found.get(keyOf(place));
  return known && !isFilling(known.table) ? known : Promise.resolve(knownTable(request, place)).then(orThrow);
}

function orThrow(known: Known | undefined): Known {
  if (!known || isFilling(known.table)) throw resourceNotFound();
  return known;
}

const keyOf = ({ account, region, name }: TablePlace): string => `${account} ${region} ${name}`;

async function read(store: Store, memory: Memory, place: TablePlace): Promise<Known | undefined> {
  const { changes } = memory;
  const known = await store.read(async (tx): Promise<Known | undefined> => {
    const table = await findTable(tx, place);
    if (!table) return undefined;
    const policy = await resourcePolicies.get(tx, tableArn(place));
    const tags = (await tableTags.get(tx, place.account, place.region, place.name))?.tags ?? [];
    return { table, policy: policy && parsePolicy(policy.text, 'resource'), tags };
  });
  if (!known) return undefined;
  if (memory.found.size >= knownMax) memory.found.delete(memory.found.keys().next().value!);
  if (memory.changes === changes) memory.found.set(keyOf(place), known);
  return known;
}

function memoryOf(store: Store): Memory {
  let memory = memories.get(store);
  if (!memory) {
    memories.set(store, (memory = { found: new Map(), changes: 0 }));
    for (const { prefix } of [tables, tableTags, resourcePolicies]) void forgetChanged(store.watch(prefix), memory);
  }
  return memory;
}

async function forgetChanged(changes: AsyncIterable<Change>, memory: Memory): Promise<void> {
  for await (const _change of changes) {
    memory.changes++;
    memory.found.clear();
  }
}
