/** Scan: in the order of the partition keys' hashes, whole or in segments of that order. */

import { below, encodeKey } from '../../../store/keys.ts';
import type { Key } from '../../../store/store.ts';
import { checkRange, type Faults } from '../constraints.ts';
import { validationException } from '../errors.ts';
import { compileExpressions } from '../expressions/compile.ts';
import { attributesToGet } from '../expressions/legacy-attributes.ts';
import { filterCondition } from '../expressions/legacy-conditions.ts';
import { checkParameters } from '../expressions/parameters.ts';
import { checkKeyPart, checkScalarKeys, newKeySizes } from '../items/key-checks.ts';
import { checkAttributesToGet } from '../items/request.ts';
import type { Input, Operation } from '../sdk.ts';
import { indexEntryKey, itemKey, spacePrefix } from '../storage/keys.ts';
import { requireKnown } from '../tables/known.ts';
import { placeOf } from '../tables/lookup.ts';
import { admit, spend } from '../throughput/buckets.ts';
import type { TableIndex, TableRecord } from '../tables/table.ts';
import type { Item } from '../values/attribute-value.ts';
import { isPartitionKey } from '../values/key-schema.ts';
import { readPage, startAt } from './page.ts';
import * as selection from './selection.ts';

const segmentsMax = 1_000_000;

export const Scan: Operation<'Scan'> = async (request, input) => {
  const { filter, projection, start } = compile(input);
  const place = placeOf(request, input.TableName!);
  const { table } = await requireKnown(request, place);
  const page = await request.store.read(async (tx) => {
    const index = selection.indexOf(table, input);
    if (start) checkStart(table, index, start);
    const whole = selection.needsWhole(table, index, input, projection);
    if (start) selection.checkTableStartKey(table, start);
    let range = segmentRange(spacePrefix(table, index?.space ?? table.space), input);
    if (start) {
      const key = index ? indexEntryKey(table, index, start) : itemKey(table, start);
      if (Buffer.compare(key, range.gte) < 0 || Buffer.compare(key, range.lt) >= 0) throw wrongSegment(input);
      range = startAt(range, key, false);
    }
    checkScalarKeys(table, projection);
    checkScalarKeys(table, filter);
    admit(request, table, 'read', index);
    return readPage(tx, { table, index, range, reverse: false, limit: input.Limit, consistent: input.ConsistentRead, whole });
  });
  spend(request, table, page.units);
  return selection.answerPage(input, table, page, filter, projection);
};

export function scanForm(faults: Faults, input: Input<'Scan'>): void {
  selection.checkPagedForm(faults, input);
  selection.checkFilterForm(faults, 'scanFilter', input.ScanFilter);
  checkRange(faults, 'totalSegments', input.TotalSegments, 1, segmentsMax);
  checkRange(faults, 'segment', input.Segment, 0, segmentsMax - 1);
  checkAttributesToGet(faults, 'attributesToGet', input.AttributesToGet);
}

function compile(input: Input<'Scan'>) {
  checkParameters(input, ['ProjectionExpression', 'FilterExpression'], ['AttributesToGet', 'ScanFilter', 'ConditionalOperator']);
  const legacyProjection = input.AttributesToGet && attributesToGet(input.AttributesToGet);
  const legacyFilter = filterCondition(input.ScanFilter, input.ConditionalOperator);
  const start = selection.admitStartKey(input.ExclusiveStartKey);
  checkSegments(input);
  const compiled = compileExpressions(input);
  selection.checkSelect(input);
  return { filter: compiled.filter ?? legacyFilter, projection: compiled.projection ?? legacyProjection, start };
}

function checkSegments({ Segment: segment, TotalSegments: total }: Input<'Scan'>): void {
  if (segment !== undefined && total === undefined)
    throw validationException(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  if (total === undefined) return;
  if (segment === undefined)
    throw validationException(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  if (segment >= total)
    throw validationException(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`,
    );
}

function checkStart(table: TableRecord, index: TableIndex | undefined, start: Item): void {
  const sentence = 'The provided starting key is invalid';
  if (Object.keys(start).length !== selection.startKeyNames(table, index?.keys ?? []).size)
    throw validationException(index ? sentence : `${sentence}: The provided key element does not match the schema`);
  const counted = newKeySizes();
  for (const [at, key] of (index?.keys ?? []).entries()) {
    selection.checkIndexStartKey(start, key.name);
    checkKeyPart(start, key, isPartitionKey(key, at), counted);
  }
}

const wrongSegment = ({ Segment, TotalSegments }: Input<'Scan'>): Error =>
  validationException(
    `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${TotalSegments} Segment: ${Segment}`,
  );

/** Segments split the 32 bits of the hash into equal ranges. */
function segmentRange(prefix: Key, { Segment: segment, TotalSegments: total }: Input<'Scan'>): { gte: Key; lt: Key } {
  const all = below(prefix);
  if (total === undefined || segment === undefined || total === 1) return all;
  const bound = (n: number): Key => {
    const hash = Buffer.alloc(4);
    hash.writeUInt32BE(Math.ceil((2 ** 32 * n) / total));
    const part = encodeKey(hash);
    return Buffer.concat([prefix, part.subarray(0, part.length - 1)]); // without the end mark: a beginning
  };
  return { gte: segment === 0 ? all.gte : bound(segment), lt: segment === total - 1 ? all.lt : bound(segment + 1) };
}
