/**
 * SearchVectors: exact, over all entries of the partition that is searched, a page at a time so that nothing waits for it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SearchVectors.html
 */

import { below, justAfter } from '../../../store/keys.ts';
import type { Key } from '../../../store/store.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { checkLength, checkName, checkRange, checkReturns, checkTableName, type Faults } from '../constraints.ts';
import { invalidParameters, resourceNotFound, validationException } from '../errors.ts';
import { compileExpressions } from '../expressions/compile.ts';
import type { CompiledProjection, KeyConditions } from '../expressions/contract.ts';
import { checkParameters } from '../expressions/parameters.ts';
import { searchBytesMax, searchedVectorsMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { decodeRow } from '../storage/rows.ts';
import { requireKnown } from '../tables/known.ts';
import { placeOf } from '../tables/lookup.ts';
import type { TableRecord } from '../tables/table.ts';
import { vectorUse } from '../throughput/buckets.ts';
import { admitValue } from '../values/admit.ts';
import { attributeOf, type AttributeValue, type Item } from '../values/attribute-value.ts';
import { equalValues } from '../values/compare.ts';
import { normalNumber } from '../values/decimal.ts';
import { itemBytes } from '../values/size.ts';
import { bestOf, measureOf } from './distance.ts';
import { vectorOf, vectorPrefix, type VectorEntry } from './entries.ts';
import { projectedByVector, vectorIndexes, type VectorIndex } from './vector-index.ts';

const rowsPerPage = 200;

export function searchForm(faults: Faults, input: Input<'SearchVectors'>): void {
  checkReturns(faults, input);
  checkTableName(faults, 'tableName', input.TableName);
  checkName(faults, 'indexName', input.IndexName);
  checkLength(faults, 'searchVector', input.SearchVector, 1, Infinity);
  checkRange(faults, 'topK', input.TopK, 1, searchedVectorsMax);
}

export const SearchVectors: Operation<'SearchVectors'> = async (request, input) => {
  checkParameters(input, ['ProjectionExpression', 'SearchConditionExpression'], []);
  const { projection, searchConditions: conditions } = compileExpressions(input);
  const given = input.SearchVector!.map(admitValue);
  const { table } = await requireKnown(request, placeOf(request, input.TableName!));
  const index = vectorIndexes(table).find(({ name }) => name === input.IndexName);
  if (!index || index.status === 'CREATING')
    throw resourceNotFound(`Requested resource not found: Vector index: ${input.IndexName} not found or not active`);
  const wanted = conditionsOf(index, conditions);
  checkProjected(table, index, projection);
  const { found, searchedBytes } = await search(
    request,
    table,
    index,
    vectorOf(given, index.dimensions, 'SearchVector'),
    wanted,
    input.TopK!,
  );
  const results = found.map(({ score, value }) => ({ Score: score, Item: projection ? projection.project(value) : value }));
  if (results.reduce((sum, { Item: item }) => sum + itemBytes(item), 0) > searchBytesMax)
    throw validationException('The results of the search exceed 16 MB: reduce TopK or project fewer attributes');
  request.use(vectorUse(table, index.name, 'Search', searchedBytes));
  const isTold = input.ReturnConsumedCapacity === 'TOTAL' || input.ReturnConsumedCapacity === 'INDEXES';
  return { SearchResults: results, ...(isTold && { ConsumedCapacity: { VectorSearchRequestBytes: searchedBytes } }) };
};

type Wanted = { partition: AttributeValue | undefined; filters: [name: string, value: AttributeValue][] };

/** Only equality of what the search schema names; the partition must be named. */
function conditionsOf({ name: index, partition, filters }: VectorIndex, conditions: KeyConditions | undefined): Wanted {
  const wanted: Wanted = { partition: undefined, filters: [] };
  for (const [name, { operator, values }] of conditions ?? []) {
    if (operator !== 'EQ') throw validationException(`SearchConditionExpression supports only the equality operator: ${name}`);
    const element = name === partition?.name ? partition : filters.find((one) => one.name === name);
    if (!element)
      throw validationException(`SearchConditionExpression names an attribute that is not in the search schema of index ${index}: ${name}`);
    const value = admitValue(values[0]!);
    if (value[element.type] === undefined) throw invalidParameters(`Condition parameter type does not match schema type: ${name}`);
    if (element === partition) wanted.partition = value;
    else wanted.filters.push([name, value]);
  }
  if (partition && !wanted.partition)
    throw validationException(`SearchConditionExpression must name the partition key of index ${index}: ${partition.name}`);
  return wanted;
}

function checkProjected(table: TableRecord, index: VectorIndex, projection: CompiledProjection | undefined): void {
  const projected = projectedByVector(table, index);
  const missing = projected && projection ? [...projection.heads].filter((name) => !projected.has(name)) : [];
  if (missing.length > 0) throw invalidParameters(`Vector index ${index.name} does not project [${missing.join(', ')}]`);
}

async function search(
  { store, signal }: ServiceRequest,
  table: TableRecord,
  index: VectorIndex,
  vector: Float32Array,
  { partition, filters }: Wanted,
  max: number,
): Promise<{ found: { score: number; value: Item }[]; searchedBytes: number }> {
  const measure = measureOf(index.distance);
  const best = bestOf<VectorEntry>(index.distance, max);
  const { gte, lt } = below(vectorPrefix(table, index, partition));
  let searchedBytes = 0;
  for (let from: Key | undefined = gte; from;) {
    signal.throwIfAborted();
    const start: Key = from;
    const rows = await store.read(async (tx) => {
      const page = await tx.range({ gte: start, lt, limit: rowsPerPage });
      return Promise.all(page.map(async ([key, value]) => ({ key, row: await decodeRow(tx, key, value) })));
    });
    for (const { row } of rows) {
      const entry = row.item as unknown as VectorEntry;
      searchedBytes += row.bytes;
      const fits = filters.every(([name, value]) => {
        const held = attributeOf(entry.item.M, name);
        return held !== undefined && equalValues(held, value);
      });
      if (fits) best.add(measure(floatsOf(entry), vector), entry);
    }
    from = rows.length === rowsPerPage ? justAfter(rows.at(-1)!.key) : undefined;
  }
  return { found: best.found.map(({ score, value }) => ({ score, value: itemOf(index, value) })), searchedBytes };
}

/** The bytes may lie anywhere in a buffer, and floats must be aligned. */
function floatsOf({ vector: { B: bytes } }: VectorEntry): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** The item as the index has it: its vector in the precision of 32-bit floats. */
function itemOf(index: VectorIndex, entry: VectorEntry): Item {
  const numbers = [...floatsOf(entry)].map((float) => ({ N: normalNumber(shortest(float)) }));
  return { ...entry.item.M, [index.attribute]: { L: numbers } };
}

const digitsOfFloat = [6, 7, 8, 9];

/** The shortest decimal that means the same 32-bit float. */
function shortest(float: number): string {
  const digits = digitsOfFloat.find((count) => Math.fround(Number(float.toPrecision(count))) === float)!;
  return String(Number(float.toPrecision(digits)));
}
