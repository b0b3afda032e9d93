/** The attributes that a table defines, for its keys and those of its indexes: they come and go with these. */

import type { AttributeDefinition } from '@aws-sdk/client-dynamodb';
import { invalidParameters } from '../errors.ts';
import { typedAttributes, vectorIndexes } from '../vectors/vector-index.ts';
import type { KeyAttribute, TableRecord } from './table.ts';

/** Throws ValidationException for an attribute that has another type already. */
export function addAttributes(table: TableRecord, definitions: readonly AttributeDefinition[]): void {
  for (const { AttributeName: name, AttributeType: type } of definitions) {
    const present = table.attributes.find((attribute) => attribute.name === name);
    if (present && present.type !== type)
      throw invalidParameters(`Attributes cannot be redefined. Please check that your attribute has the same type as previously defined`);
    if (!present) table.attributes.push({ name: name!, type: type as KeyAttribute['type'] });
  }
}

/** Takes away what no key names any more. */
export function forgetUnusedAttributes(table: TableRecord): void {
  table.attributes = usedAttributes(table);
}

/** Those of a table's attributes that its keys name, or those of its indexes. */
export function usedAttributes(table: Pick<TableRecord, 'attributes' | 'keys' | 'indexes' | 'vectors'>): KeyAttribute[] {
  const keys = [table.keys, ...table.indexes.map((index) => index.keys), ...vectorIndexes(table).map(typedAttributes)];
  const used = new Set(keys.flat().map(({ name }) => name));
  return table.attributes.filter(({ name }) => used.has(name));
}
