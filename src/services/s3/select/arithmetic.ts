/** Arithmetic of S3 Select: INT with INT is INT, whatever meets a FLOAT is FLOAT, all else DECIMAL. */

import { asDecimal, calculate } from './decimals.ts';
import { selectError } from './errors.ts';
import { checkedInt } from './functions.ts';
import type { Arithmetic } from './syntax.ts';
import { isNumber, numberOf, toFloat, type NumberValue, type Value } from './values.ts';

type Present = Exclude<Value, null | undefined>;

/** Throws InvalidDataType for what is no number, IntegerOverflow, and IllegalSqlFunctionArgument for a division by zero. */
export function arithmetic(operator: Arithmetic, left: Present, right: Present): NumberValue {
  const [a, b] = [asNumber(left), asNumber(right)];
  if (typeof a === 'bigint' && typeof b === 'bigint') return ofIntegers(operator, a, b);
  if (typeof a === 'number' || typeof b === 'number') return ofFloats(operator, toFloat(a), toFloat(b));
  const divisor = asDecimal(b);
  if ((operator === '/' || operator === '%') && divisor.digits === 0n) throw selectError('IllegalSqlFunctionArgument');
  return calculate(operator, asDecimal(a), divisor);
}

export function negative(value: Present): NumberValue {
  return arithmetic('*', -1n, value);
}

/** Throws InvalidDataType. Fields of CSV are texts, which are read as the numbers that they write. */
export function asNumber(value: Present): NumberValue {
  const number = typeof value === 'string' ? numberOf(value) : value;
  if (!isNumber(number)) throw selectError('InvalidDataType');
  return number;
}

function ofIntegers(operator: Arithmetic, a: bigint, b: bigint): bigint {
  if ((operator === '/' || operator === '%') && b === 0n) throw selectError('IllegalSqlFunctionArgument');
  switch (operator) {
    case '+':
      return checkedInt(a + b);
    case '-':
      return checkedInt(a - b);
    case '*':
      return checkedInt(a * b);
    case '/':
      return checkedInt(a / b);
    case '%':
      return a % b;
  }
}

function ofFloats(operator: Arithmetic, a: number, b: number): number {
  if ((operator === '/' || operator === '%') && b === 0) throw selectError('IllegalSqlFunctionArgument');
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
  }
}
