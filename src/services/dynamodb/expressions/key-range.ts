/** Key conditions against the keys of a table or index: which partition, and which stretch of its sort keys. */

import type { AttributeValue } from '../values/attribute-value.ts';
import { invalidParameters, validationException } from '../values/errors.ts';
import { afterPrefix, encodeKeyValue } from '../values/key-encoding.ts';
import type { KeyBounds, KeyConditions, KeyOperator, KeyRange, KeySchema } from './contract.ts';

const indexable: ReadonlySet<string> = new Set(['EQ', 'LT', 'LE', 'GT', 'GE', 'BETWEEN', 'BEGINS_WITH']);

/**
 * `schema` is the partition key and, where there is one, the sort key. `checkFirst` is called for each key attribute before its
 * condition is looked at: AWS checks the starting key there. Throws a ValidationException.
 */
export function keyRange(
  conditions: KeyConditions,
  schema: KeySchema,
  checkFirst?: (name: string, isPartition: boolean) => void,
): KeyRange {
  let range: KeyRange | undefined;
  for (const [index, { name, type }] of schema.entries()) {
    const isPartition = index === 0;
    checkFirst?.(name, isPartition);
    if (isPartition && schema.length === 1 && conditions.size > 1) throw validationException('Query key condition not supported');
    const condition = conditions.get(name);
    if (condition === undefined) {
      if (isPartition || conditions.size > 1) throw validationException(`Query condition missed key schema element: ${name}`);
      continue;
    }
    const { operator, values } = condition;
    if (!indexable.has(operator)) throw validationException('Attempted conditional constraint is not an indexable operation');
    if (values.some((value) => value[type] === undefined)) {
      throw invalidParameters('Condition parameter type does not match schema type');
    }
    if (isPartition && operator !== 'EQ') throw validationException('Query key condition not supported');
    if (operator === 'EQ') checkNotEmpty(name, values[0]!);
    if (isPartition) range = { partition: values[0]! };
    else range!.sort = { name, operator: operator as KeyOperator, values, bounds: boundsOf(operator as KeyOperator, values) };
  }
  return range!;
}

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
