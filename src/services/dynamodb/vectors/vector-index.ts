/** Vector indexes as they are recorded, how they are asked for, and how they are told. */

import type {
  AttributeDefinition,
  VectorDistanceFunction,
  VectorIndex as SdkVectorIndex,
  VectorIndexDescription,
  VectorIndexInfo,
} from '@aws-sdk/client-dynamodb';
import { addFault, checkEnum, checkLength, checkName, checkRange, type Faults } from '../constraints.ts';
import { invalidParameters } from '../errors.ts';
import { inlineFiltersMax, projectedAttributesMax, vectorDimensionsMax, vectorIndexesMax } from '../limits.ts';
import { checkProjection, projectionTypes } from '../tables/projection.ts';
import { indexArn, type KeyAttribute, type Projection, type TableRecord } from '../tables/table.ts';

export type VectorIndex = {
  name: string;
  /** Names its entries in storage. */
  space: string;
  /** The attribute that holds the vectors. */
  attribute: string;
  dimensions: number;
  distance: VectorDistanceFunction;
  /** By its value entries are kept apart; searches name it. */
  partition?: KeyAttribute;
  /** Attributes by which searches may be narrowed. */
  filters: KeyAttribute[];
  projection: Projection;
  /** Absent when active. */
  status?: 'CREATING';
  /** Counted with those of the table. */
  items?: number;
  bytes?: number;
};

export const vectorIndexes = ({ vectors }: Pick<TableRecord, 'vectors'>): VectorIndex[] => vectors ?? [];

/** Attributes that need a type, as those of keys do. */
export const typedAttributes = ({ partition, filters }: VectorIndex): KeyAttribute[] => [...(partition ? [partition] : []), ...filters];

/** Attributes of an index's entries; undefined where it carries all. */
export function projectedByVector(table: TableRecord, index: VectorIndex): ReadonlySet<string> | undefined {
  if (index.projection.type === 'ALL') return undefined;
  const typed = [...table.keys, ...typedAttributes(index)].map(({ name }) => name);
  return new Set([...typed, index.attribute, ...(index.projection.nonKey ?? [])]);
}

export function checkVectorIndexForm(faults: Faults, path: string, index: SdkVectorIndex): void {
  checkName(faults, `${path}.indexName`, index.IndexName);
  checkLength(faults, `${path}.vectorAttribute.attributeName`, index.VectorAttribute?.AttributeName, 1, 255);
  checkRange(faults, `${path}.dimensions`, index.Dimensions, 1);
  checkEnum(faults, `${path}.distanceFunction`, index.DistanceFunction, ['COSINE', 'DOT_PRODUCT', 'EUCLIDEAN']);
  checkEnum(faults, `${path}.projection.projectionType`, index.Projection?.ProjectionType, projectionTypes);
  checkLength(faults, `${path}.projection.nonKeyAttributes`, index.Projection?.NonKeyAttributes, 1, 20);
  checkLength(faults, `${path}.searchSchema`, index.SearchSchema, 1, Infinity);
  for (const [at, element] of (index.SearchSchema ?? []).entries()) {
    const member = `${path}.searchSchema.${at + 1}.member`;
    if (element.AttributeName === undefined) addFault(faults, `${member}.attributeName`, undefined, 'Member must not be null');
    checkEnum(faults, `${member}.searchSchemaElementType`, element.SearchSchemaElementType, ['HASH', 'INLINE_FILTER']);
  }
}

/** Throws ValidationException unless the indexes fit the table and each other. `others` are those that it has already. */
export function checkVectorIndexes(
  given: readonly SdkVectorIndex[],
  table: { billing: string | undefined; names: readonly string[]; others: readonly VectorIndex[] },
  defined: readonly AttributeDefinition[],
): void {
  if (table.billing !== 'PAY_PER_REQUEST')
    throw invalidParameters('Vector indexes are only supported for tables in PAY_PER_REQUEST billing mode');
  if (given.length + table.others.length > vectorIndexesMax)
    throw invalidParameters(`Number of VectorIndexes exceeds per-table limit of ${vectorIndexesMax}`);
  const names = new Set(table.names);
  const dimensions = new Map(table.others.map((index) => [index.attribute, index.dimensions]));
  for (const index of given) {
    const name = index.IndexName!;
    if (names.has(name)) throw invalidParameters(`Duplicate index name: ${name}`);
    names.add(name);
    checkProjection(index.Projection!);
    if (index.Dimensions! > vectorDimensionsMax)
      throw invalidParameters(`Dimensions must be at most ${vectorDimensionsMax} for index: ${name}`);
    const attribute = index.VectorAttribute!.AttributeName!;
    const before = dimensions.get(attribute) ?? index.Dimensions!;
    if (before !== index.Dimensions)
      throw invalidParameters(`Vector indexes on the same attribute must have the same number of dimensions: ${attribute}`);
    dimensions.set(attribute, before);
    checkSchema(index, attribute, defined);
  }
}

function checkSchema(
  { IndexName: name, SearchSchema: schema = [], Projection: projection }: SdkVectorIndex,
  attribute: string,
  defined: readonly AttributeDefinition[],
): void {
  const names = schema.map((element) => element.AttributeName!);
  if (new Set(names).size < names.length) throw invalidParameters(`SearchSchema names an attribute twice for index: ${name}`);
  if (names.includes(attribute)) throw invalidParameters(`SearchSchema cannot contain the vector attribute for index: ${name}`);
  const filters = schema.filter((element) => element.SearchSchemaElementType === 'INLINE_FILTER');
  if (schema.length - filters.length > 1) throw invalidParameters(`SearchSchema can have one HASH element at most for index: ${name}`);
  if (filters.length > inlineFiltersMax)
    throw invalidParameters(`SearchSchema can have ${inlineFiltersMax} INLINE_FILTER elements at most for index: ${name}`);
  const undefinedName = names.find((one) => !defined.some(({ AttributeName }) => AttributeName === one));
  if (undefinedName !== undefined)
    throw invalidParameters(`Some index key attributes are not defined in AttributeDefinitions. Keys: [${names.join(', ')}]`);
  const projected = 1 + filters.length + (projection!.NonKeyAttributes?.length ?? 0);
  if (projected > projectedAttributesMax)
    throw invalidParameters(`Number of non-key attributes projected exceeds the limit of ${projectedAttributesMax}`);
}

/** The record of an index that has been checked. */
export function newVectorIndex(given: SdkVectorIndex, attributes: readonly KeyAttribute[], space: string): VectorIndex {
  const of = (type: 'HASH' | 'INLINE_FILTER'): KeyAttribute[] =>
    (given.SearchSchema ?? [])
      .filter((element) => element.SearchSchemaElementType === type)
      .map((element) => attributes.find(({ name }) => name === element.AttributeName)!);
  const [partition] = of('HASH');
  const { ProjectionType, NonKeyAttributes } = given.Projection!;
  return {
    ...{ name: given.IndexName!, space, attribute: given.VectorAttribute!.AttributeName! },
    ...{ dimensions: given.Dimensions!, distance: given.DistanceFunction! },
    ...(partition && { partition }),
    filters: of('INLINE_FILTER'),
    projection: { type: ProjectionType!, ...(NonKeyAttributes && { nonKey: NonKeyAttributes }) },
  };
}

export function describeVectorInfo({
  name,
  attribute,
  dimensions,
  distance,
  partition,
  filters,
  projection,
}: VectorIndex): VectorIndexInfo {
  const schema = [
    ...(partition ? [{ AttributeName: partition.name, SearchSchemaElementType: 'HASH' as const }] : []),
    ...filters.map((filter) => ({ AttributeName: filter.name, SearchSchemaElementType: 'INLINE_FILTER' as const })),
  ];
  return {
    IndexName: name,
    VectorAttribute: { AttributeName: attribute },
    Dimensions: dimensions,
    DistanceFunction: distance,
    ...(schema.length > 0 && { SearchSchema: schema }),
    Projection: { ProjectionType: projection.type, ...(projection.nonKey && { NonKeyAttributes: projection.nonKey }) },
  };
}

/** What DescribeTable tells. `isCreating` while the table itself is being created. */
export const describeVectors = (table: TableRecord, isCreating: boolean): VectorIndexDescription[] =>
  vectorIndexes(table).map((index) => ({
    ...describeVectorInfo(index),
    IndexStatus: isCreating ? 'CREATING' : (index.status ?? 'ACTIVE'),
    ...(index.status === 'CREATING' && { Backfilling: true }),
    IndexSizeBytes: index.bytes ?? 0,
    ItemCount: index.items ?? 0,
    IndexArn: indexArn(table, index.name),
  }));
