/**
 * What the item operations ask of expressions: everything of a request is compiled once, in AWS's order of checks, and then run
 * over items.
 *
 *     import { checkParameters } from './parameters.ts';          // first of all: expressions beside legacy parameters
 *     import { compileExpressions } from './compile.ts';          // the five expressions and their names and values
 *     import { expectedCondition, filterCondition, legacyKeyConditions } from './legacy-conditions.ts';
 *     import { attributesToGet, attributeUpdates } from './legacy-attributes.ts';
 *     import { keyRange } from './key-range.ts';                  // key conditions against a key schema, as bounds for the store
 *     import { admitValue, admitItem } from '../values/admit.ts'; // validates and normalises what came in
 *     import { itemBytes } from '../values/size.ts';              // AWS's item size
 *     import { encodeKeyValue } from '../values/key-encoding.ts'; // key values as bytes in DynamoDB's order
 *
 * Every function here throws a ValidationException in AWS's words, and nothing else.
 */

import type { AttributeValue, Item, KeyType, ValueType } from '../values/attribute-value.ts';
import type { KeySchema } from '../values/key-schema.ts';

export type { KeySchema };

/** The members of a request that belong to its expressions; give the whole input. */
export type ExpressionInput = {
  UpdateExpression?: string;
  ConditionExpression?: string;
  KeyConditionExpression?: string;
  FilterExpression?: string;
  SearchConditionExpression?: string;
  ProjectionExpression?: string;
  /** Conditions on keys are two at most where no index is named. */
  IndexName?: string | undefined;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
};

/** A step into a value: an attribute's or map's name, or an index into a list. */
export type Path = readonly (string | number)[];

/** What expressions say about attributes, for checks against a table's keys and indexes. */
export type Mentions = {
  /** Top-level attributes that are named; of an update only those that it changes. */
  readonly heads: ReadonlySet<string>;
  /** Top-level attributes into which a path reaches (`a.b`, `a[0]`): forbidden for key attributes. */
  readonly nestedHeads: ReadonlySet<string>;
};

export type CompiledCondition = Mentions & {
  /** An item that is not there is matched as one without attributes. */
  matches(item: Item | undefined): boolean;
};

export type CompiledProjection = Mentions & {
  readonly paths: readonly Path[];
  /** The parts of the item that are there; values are shared with the item, not copied. */
  project(item: Item): Item;
};

export type CompiledUpdate = Mentions & {
  readonly paths: readonly Path[];
  /** The type that a whole attribute will have, where the text alone tells it: to be checked against index keys. */
  readonly assignedTypes: ReadonlyMap<string, ValueType>;
  /**
   * The item after the update; the given one is not changed. `indexKeys` are the key attributes of secondary indexes with their types.
   */
  apply(item: Item, indexKeys?: ReadonlyMap<string, KeyType>): Item;
  /** What UPDATED_OLD shows of the old item and UPDATED_NEW of the new one. */
  touched(item: Item): Item;
};

export type KeyOperator = 'EQ' | 'LT' | 'LE' | 'GT' | 'GE' | 'BETWEEN' | 'BEGINS_WITH';

/** One condition for each key attribute; whether they fit the key schema is for `keyRange` to say. */
export type KeyConditions = ReadonlyMap<string, { operator: string; values: readonly AttributeValue[] }>;

/** Bounds of the sort key, as `encodeKeyValue` encodes it. None: the whole partition. */
export type KeyBounds = { gte?: Uint8Array; gt?: Uint8Array; lte?: Uint8Array; lt?: Uint8Array };

export type KeyRange = {
  /** A value for each attribute of the partition key. */
  partition: readonly AttributeValue[];
  /** Values of the first sort attributes, where a later one has the last condition. */
  equal: readonly AttributeValue[];
  /** The last condition. */
  sort?: { name: string; operator: KeyOperator; values: readonly AttributeValue[]; bounds: KeyBounds };
};

export type CompiledExpressions = {
  update?: CompiledUpdate;
  condition?: CompiledCondition;
  keyConditions?: KeyConditions;
  filter?: CompiledCondition;
  /** What SearchVectors is narrowed by. */
  searchConditions?: KeyConditions;
  projection?: CompiledProjection;
};
