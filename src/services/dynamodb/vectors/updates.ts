/** UpdateTable with VectorIndexUpdates: one index is added, and filled by a reconciler, or taken away. */

import type { VectorIndexUpdate } from '@aws-sdk/client-dynamodb';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { checkLength, checkName, type Faults } from '../constraints.ts';
import { invalidParameters, limitExceeded, resourceInUse, resourceNotFound } from '../errors.ts';
import { isMember } from '../global-tables/global-table.ts';
import type { Input } from '../sdk.ts';
import { addAttributes, forgetUnusedAttributes } from '../tables/attributes.ts';
import { clearances } from '../tables.ts';
import { allIndexes, type TableRecord } from '../tables/table.ts';
import { checkVectorIndexes, checkVectorIndexForm, newVectorIndex, vectorIndexes } from './vector-index.ts';

export function vectorUpdatesForm(faults: Faults, updates: readonly VectorIndexUpdate[] | undefined): void {
  if (!updates) return;
  checkLength(faults, 'vectorIndexUpdates', updates, 1, Infinity);
  for (const [at, { Create: create, Delete: remove }] of updates.entries()) {
    if (create) checkVectorIndexForm(faults, `vectorIndexUpdates.${at + 1}.member.create`, create);
    checkName(faults, `vectorIndexUpdates.${at + 1}.member.delete.indexName`, remove?.IndexName);
  }
}

export async function changeVectors(
  tx: WriteTransaction,
  { account, region }: ServiceRequest,
  table: TableRecord,
  input: Input<'UpdateTable'>,
  space: string,
): Promise<void> {
  const updates = input.VectorIndexUpdates;
  if (!updates) return;
  if (isMember(table)) throw notImplemented('dynamodb:UpdateTable with VectorIndexUpdates of a global table');
  if (updates.length > 1)
    throw limitExceeded('Subscriber limit exceeded: Only 1 vector index can be created or deleted simultaneously per table');
  const { Create: create, Delete: remove } = updates[0]!;
  if ((create === undefined) === (remove === undefined))
    throw invalidParameters('Exactly one of VectorIndexUpdate.Create and VectorIndexUpdate.Delete must be specified');
  const present = vectorIndexes(table);
  if (create) {
    if (allIndexes(table).some(({ status }) => status === 'CREATING'))
      throw resourceInUse(`Attempt to change a resource which is still in use: Table is being updated: ${table.name}`);
    addAttributes(table, input.AttributeDefinitions ?? []);
    const defined = table.attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type }));
    const names = allIndexes(table).map(({ name }) => name);
    checkVectorIndexes([create], { billing: table.billing, names, others: present }, defined);
    table.vectors = [...present, { ...newVectorIndex(create, table.attributes, space), status: 'CREATING' }];
  }
  if (remove) {
    const index = present.find(({ name }) => name === remove.IndexName);
    if (!index) throw resourceNotFound('Requested resource not found');
    table.vectors = present.filter((one) => one !== index);
    await clearances.put(tx, { account, region, space: index.space });
  }
  forgetUnusedAttributes(table);
}

/** Throws ValidationException: vector indexes need a table on demand. */
export function refuseVectors(table: TableRecord): void {
  if (vectorIndexes(table).length > 0)
    throw invalidParameters('Vector indexes are only supported for tables in PAY_PER_REQUEST billing mode');
}

/** A table that is filled before it can be used: its vector indexes are, once it has its items. */
export const fillingLater = (table: TableRecord): TableRecord =>
  table.vectors ? { ...table, vectors: table.vectors.map((index) => ({ ...index, status: 'CREATING' as const })) } : table;
