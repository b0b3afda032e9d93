/** Capacity units by AWS's arithmetic: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */

import type { Capacity, ConsumedCapacity } from '@aws-sdk/client-dynamodb';

/** Units that one call used on one table. */
export type Units = {
  kind: 'read' | 'write';
  table: number;
  /** By index name. */
  local: Map<string, number>;
  global: Map<string, number>;
  /** Bytes, not units, by the names of vector indexes. */
  vector?: Map<string, number>;
};

export const newUnits = (kind: Units['kind']): Units => ({ kind, table: 0, local: new Map(), global: new Map() });

const readUnitBytes = 4096;
const writeUnitBytes = 1024;

/** Units for reading so many bytes: half for eventual consistency, double for a transaction. Reading nothing counts as one. */
export const readUnits = (bytes: number, factor: number): number => Math.max(1, Math.ceil(bytes / readUnitBytes)) * factor;

export const writeUnits = (bytes: number, factor = 1): number => Math.max(1, Math.ceil(bytes / writeUnitBytes)) * factor;

export const readFactor = (consistent: boolean | undefined): number => (consistent ? 1 : 0.5);

export function addUnits(to: Map<string, number>, name: string, units: number): void {
  to.set(name, (to.get(name) ?? 0) + units);
}

export function totalUnits(units: Units): number {
  let total = units.table;
  for (const index of [units.local, units.global]) for (const one of index.values()) total += one;
  return total;
}

/** What ReturnConsumedCapacity asks for; `split` names reads or writes apart, as transactions do. */
export function consumed(asked: string | undefined, tableName: string, units: Units, split = false): ConsumedCapacity | undefined {
  if (asked !== 'TOTAL' && asked !== 'INDEXES') return undefined;
  const capacity = (count: number): Capacity => ({
    CapacityUnits: count,
    ...(split && (units.kind === 'read' ? { ReadCapacityUnits: count } : { WriteCapacityUnits: count })),
  });
  const indexes = (of: Map<string, number>): Record<string, Capacity> =>
    Object.fromEntries([...of].map(([name, count]) => [name, capacity(count)]));
  return {
    TableName: tableName,
    ...capacity(totalUnits(units)),
    ...(asked === 'INDEXES' && {
      Table: capacity(units.table),
      ...(units.local.size > 0 && { LocalSecondaryIndexes: indexes(units.local) }),
      ...(units.global.size > 0 && { GlobalSecondaryIndexes: indexes(units.global) }),
      ...(units.vector && {
        VectorIndexes: Object.fromEntries([...units.vector].map(([name, bytes]) => [name, { VectorWriteRequestBytes: bytes }])),
      }),
    }),
  };
}
