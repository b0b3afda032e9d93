/** What an item is made of: attribute values in the form that the SDK gives them. */

import type { AttributeValue as SdkAttributeValue } from '@aws-sdk/client-dynamodb';

/** One value, tagged with its type: `{ S }`, `{ N }`, `{ B }`, `{ BOOL }`, `{ NULL }`, `{ M }`, `{ L }`, `{ SS }`, `{ NS }` or `{ BS }`. */
export type AttributeValue = SdkAttributeValue;

/** The attributes of an item by name. Names are a stranger's: what we make has no prototype. */
export type Item = Record<string, AttributeValue>;

export type ValueType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'M' | 'L' | 'SS' | 'NS' | 'BS';

/** The types that a key attribute may have. */
export type KeyType = 'S' | 'N' | 'B';

/** The type of a value that was admitted; undefined for one that has none. */
export function typeOf(value: AttributeValue): ValueType | undefined {
  if (value.S !== undefined) return 'S';
  if (value.N !== undefined) return 'N';
  if (value.B !== undefined) return 'B';
  if (value.M !== undefined) return 'M';
  if (value.L !== undefined) return 'L';
  if (value.BOOL !== undefined) return 'BOOL';
  if (value.NULL !== undefined) return 'NULL';
  if (value.SS !== undefined) return 'SS';
  if (value.NS !== undefined) return 'NS';
  if (value.BS !== undefined) return 'BS';
  return undefined;
}

/** An attribute by name, never something that a prototype brings along. */
export function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/** An item without attributes and without a prototype. */
export function newItem(): Item {
  return Object.create(null) as Item;
}
