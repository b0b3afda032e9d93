/** Key conditions against the keys of a table or index: which partition, and which stretch of its sort keys. */

import type { AttributeValue } from '../values/attribute-value.ts';
import { invalidParameters, validationException } from '../values/errors.ts';
import { afterPrefix, encodeKeyValue } from '../values/key-encoding.ts';
import { isMultiAttribute, isPartitionKey } from '../values/key-schema.ts';
import type { KeyBounds, KeyConditions, KeyOperator, KeyRange, KeySchema } from './contract.ts';

const indexable: ReadonlySet<string> = new Set(['EQ', 'LT', 'LE', 'GT', 'GE', 'BETWEEN', 'BEGINS_WITH']);

/**
 * The conditions against the keys of a table or index. `checkFirst` is called for each key attribute before its condition is looked at:
 * AWS checks the starting key there. Throws a ValidationException.
 */
export function keyRange(
  conditions: KeyConditions,
  schema: KeySchema,
  checkFirst?: (name: string, isPartition: boolean) => void,
): KeyRange {
  const isMany = isMultiAttribute(schema);
  if (!isMany && conditions.size > 2) throw tooManyConditions();
  const partition: AttributeValue[] = [];
  const sorts: NonNullable<KeyRange['sort']>[] = [];
  let missed: string | undefined;
  for (const [index, key] of schema.entries()) {
    const { name } = key;
    const isPartition = isPartitionKey(key, index);
    checkFirst?.(name, isPartition);
    if (schema.length === 1 && conditions.size > 1) throw notSupported();
    const condition = conditions.get(name);
    if (condition === undefined) {
      if (isMany && isPartition) throw validationException(`${missedElement(name)}: a HASH key attribute must have an equality condition`);
      if (!isMany && (isPartition || conditions.size > 1)) throw validationException(missedElement(name));
      missed ??= name;
      continue;
    }
    const { operator, values } = condition;
    checkCondition(key, condition);
    if (isPartition && operator !== 'EQ')
      throw isMany ? notSupported(`HASH key attribute ${name} must have an equality condition`) : notSupported();
    if (operator === 'EQ') checkNotEmpty(name, values[0]!);
    if (isPartition) partition.push(values[0]!);
    else {
      // From left to right without gaps: only the last may be something other than equality.
      const before = missed ?? sorts.find((sort) => sort.operator !== 'EQ')?.name;
      if (before !== undefined)
        throw notSupported(`RANGE key attribute ${before} must have an equality condition when ${name} has a condition`);
      sorts.push({ name, operator: operator as KeyOperator, values, bounds: boundsOf(operator as KeyOperator, values) });
    }
  }
  if (partition.length + sorts.length < conditions.size) throw notSupported();
  const sort = sorts.pop();
  return { partition, equal: sorts.map(({ values }) => values[0]!), ...(sort && { sort }) };
}

/** The condition of one key attribute by itself. */
function checkCondition({ type }: KeySchema[number], { operator, values }: { operator: string; values: readonly AttributeValue[] }): void {
  if (!indexable.has(operator)) throw validationException('Attempted conditional constraint is not an indexable operation');
  if (values.some((value) => value[type] === undefined)) throw invalidParameters('Condition parameter type does not match schema type');
}

export const tooManyConditions = (): Error => validationException('Conditions can be of length 1 or 2 only');
const missedElement = (name: string): string => `Query condition missed key schema element: ${name}`;
const notSupported = (why?: string): Error =>
  validationException(`Query key condition not supported${why === undefined ? '' : `: ${why}`}`);

function checkNotEmpty(name: string, value: AttributeValue): void {
  if (value.S !== '' && value.B?.byteLength !== 0) return;
  const kind = value.S === undefined ? 'binary' : 'string';
  throw validationException(
    `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${kind} value. Key: ${name}`,
  );
}

function boundsOf(operator: KeyOperator, values: readonly AttributeValue[]): KeyBounds {
  const first = encodeKeyValue(values[0]!);
  switch (operator) {
    case 'EQ':
      return { gte: first, lte: first };
    case 'LT':
      return { lt: first };
    case 'LE':
      return { lte: first };
    case 'GT':
      return { gt: first };
    case 'GE':
      return { gte: first };
    case 'BETWEEN':
      return { gte: first, lte: encodeKeyValue(values[1]!) };
    case 'BEGINS_WITH': {
      const after = afterPrefix(first);
      return after === undefined ? { gte: first } : { gte: first, lt: after };
    }
  }
}

/** Whether an encoded sort key lies in the bounds. */
export function isWithin(key: Uint8Array, { gte, gt, lte, lt }: KeyBounds): boolean {
  if (gte !== undefined && Buffer.compare(key, gte) < 0) return false;
  if (gt !== undefined && Buffer.compare(key, gt) <= 0) return false;
  if (lte !== undefined && Buffer.compare(key, lte) > 0) return false;
  return lt === undefined || Buffer.compare(key, lt) < 0;
}
