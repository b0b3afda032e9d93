/** Keys of tables and indexes, which may have several attributes for the partition and several to sort by. */

import type { AttributeValue, KeyType } from './attribute-value.ts';

export type KeyAttribute = {
  name: string;
  type: KeyType;
  /** Of the partition key, behind its first attribute: indexes of older clouds have none. */
  hash?: true;
};

/**
 * The attributes of the partition key, then those to sort by, in their order. Tables and local indexes have one of each at most, global
 * indexes four: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.MultiAttributeKeys
 */
export type KeySchema = readonly KeyAttribute[];

/** Whether the attribute at a place of a schema belongs to the partition key. */
export const isPartitionKey = ({ hash }: KeyAttribute, at: number): boolean => at === 0 || hash === true;

export const partitionKeys = (schema: KeySchema): KeyAttribute[] => schema.filter(isPartitionKey);

export const sortKeys = (schema: KeySchema): KeyAttribute[] => schema.filter((key, at) => !isPartitionKey(key, at));

/** True for a key of more attributes than tables may have: other rules of queries, and other words, are for it. */
export const isMultiAttribute = (schema: KeySchema): boolean => schema.length > 2 || schema[1]?.hash === true;

/** Attributes of a key with a value for each. */
export const valuesOf = (keys: KeySchema, item: Readonly<Record<string, AttributeValue>>): AttributeValue[] =>
  keys.map(({ name }) => item[name]!);
