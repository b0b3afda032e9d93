/** AVG, COUNT, MAX, MIN and SUM: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-aggregate.html */

import { arithmetic, asNumber } from './arithmetic.ts';
import { asDecimal } from './decimals.ts';
import { selectError } from './errors.ts';
import type { AggregateName } from './syntax.ts';
import { compareNumbers, isAbsent, isTimestamp, parseOrderable, type NumberValue, type Value } from './values.ts';

export type Accumulator = { add(value: Value): void; result(): Value };

/** What is not there is not counted; of nothing there is no sum. */
export function newAccumulator(name: AggregateName): Accumulator {
  switch (name) {
    case 'COUNT':
      return counter();
    case 'SUM':
      return summer((sum) => sum ?? null);
    case 'AVG':
      return summer((sum, count) => (sum === undefined ? null : quotient(sum, count)));
    default:
      return extreme(name === 'MIN' ? -1 : 1);
  }
}

function counter(): Accumulator {
  let count = 0;
  return {
    add: (value) => {
      if (!isAbsent(value)) count++;
    },
    result: () => BigInt(count),
  };
}

function summer(finish: (sum: NumberValue | undefined, count: bigint) => Value): Accumulator {
  let sum: NumberValue | undefined;
  let count = 0n;
  return {
    add: (value) => {
      if (isAbsent(value)) return;
      sum = sum === undefined ? asNumber(value) : arithmetic('+', sum, value);
      count++;
    },
    result: () => finish(sum, count),
  };
}

/** The average of INTs is a DECIMAL. */
function quotient(sum: NumberValue, count: bigint): NumberValue {
  return typeof sum === 'number' ? sum / Number(count) : arithmetic('/', asDecimal(sum), count);
}

/** Numbers, or timestamps. */
function extreme(sign: 1 | -1): Accumulator {
  let best: Value;
  return {
    add: (value) => {
      if (isAbsent(value)) return;
      const next = parseOrderable(value);
      if (next === undefined) throw selectError('InvalidDataType');
      if (best === undefined || orderOf(next, best) * sign > 0) best = next;
    },
    result: () => best ?? null,
  };
}

function orderOf(a: Value, b: Value): number {
  if (isTimestamp(a) !== isTimestamp(b)) throw selectError('InvalidDataType');
  return isTimestamp(a) && isTimestamp(b) ? a.milliseconds - b.milliseconds : compareNumbers(a as NumberValue, b as NumberValue);
}
