/** The conditions of before there were expressions: Expected, QueryFilter, ScanFilter and KeyConditions. */

import type { ComparisonOperator, Condition, ConditionalOperator, ExpectedAttributeValue } from '@aws-sdk/client-dynamodb';
import { admitValue } from '../values/admit.ts';
import { attributeOf, newItem, typeOf, type AttributeValue, type ValueType } from '../values/attribute-value.ts';
import { compareValues, equalValues } from '../values/compare.ts';
import { invalidParameters, validationException } from '../values/errors.ts';
import { checkCount } from './compile.ts';
import { beginsWith, compareBy, contains, isBetween } from './condition.ts';
import type { CompiledCondition, KeyConditions } from './contract.ts';

type Checked = { readonly operator: ComparisonOperator; readonly values: readonly AttributeValue[] };
type Holds = (value: AttributeValue | undefined, values: readonly AttributeValue[]) => boolean;

/** How many values an operator takes, at least and at most, and of which types; all types when none are named. */
type Rule = { readonly min: number; readonly max: number; readonly types?: readonly ValueType[]; readonly holds: Holds };

const scalars: readonly ValueType[] = ['S', 'N', 'B'];
const single = { min: 1, max: 1 };

const rules: Readonly<Record<ComparisonOperator, Rule>> = {
  NULL: { min: 0, max: 0, holds: (value) => value === undefined },
  NOT_NULL: { min: 0, max: 0, holds: (value) => value !== undefined },
  EQ: { ...single, holds: (value, [other]) => compareBy['='](value, other) },
  NE: { ...single, holds: (value, [other]) => compareBy['<>'](value, other) },
  LE: { ...single, types: scalars, holds: (value, [other]) => compareBy['<='](value, other) },
  LT: { ...single, types: scalars, holds: (value, [other]) => compareBy['<'](value, other) },
  GE: { ...single, types: scalars, holds: (value, [other]) => compareBy['>='](value, other) },
  GT: { ...single, types: scalars, holds: (value, [other]) => compareBy['>'](value, other) },
  CONTAINS: { ...single, types: [...scalars, 'BOOL', 'NULL'], holds: (value, [other]) => contains(value, other) },
  NOT_CONTAINS: {
    ...single,
    types: [...scalars, 'BOOL', 'NULL'],
    holds: (value, [other]) => value !== undefined && !contains(value, other),
  },
  BEGINS_WITH: { ...single, types: ['S', 'B'], holds: (value, [other]) => beginsWith(value, other) },
  IN: {
    min: 1,
    max: Infinity,
    types: scalars,
    holds: (value, values) => value !== undefined && values.some((other) => equalValues(value, other)),
  },
  BETWEEN: { min: 2, max: 2, types: scalars, holds: (value, [lower, upper]) => isBetween(value, lower, upper) },
};

/** QueryFilter or ScanFilter. Throws a ValidationException. */
export function filterCondition(
  filter: Record<string, Condition> | undefined,
  conditionalOperator: ConditionalOperator | undefined,
): CompiledCondition | undefined {
  const checked = filter === undefined ? undefined : checkAll(filter);
  checkConditionalOperator(conditionalOperator, checked?.size ?? 0);
  return checked === undefined ? undefined : compileChecked(checked, conditionalOperator);
}

/** KeyConditions, to be given to `keyRange`. Throws a ValidationException. */
export function legacyKeyConditions(conditions: Record<string, Condition>, index?: string): KeyConditions {
  return checkCount(checkAll(conditions), index);
}

function checkAll(conditions: Record<string, Condition>): Map<string, Checked> {
  const checked = new Map<string, Checked>();
  for (const [name, condition] of Object.entries(conditions)) {
    const values = (condition.AttributeValueList ?? []).map(admitValue);
    checked.set(name, checkOne(condition.ComparisonOperator!, values));
  }
  return checked;
}

function checkOne(operator: ComparisonOperator, values: readonly AttributeValue[]): Checked {
  const { min, max, types } = rules[operator];
  if (values.length < min || values.length > max) {
    throw invalidParameters(`Invalid number of argument(s) for the ${operator} ComparisonOperator`);
  }
  const type = values.length === 0 ? undefined : typeOf(values[0]!);
  if (values.some((value) => typeOf(value) !== type)) {
    throw invalidParameters('AttributeValues inside AttributeValueList must be of same type');
  }
  if (type !== undefined && types !== undefined && !types.includes(type)) {
    throw invalidParameters(`ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`);
  }
  if (operator === 'BETWEEN' && compareValues(values[0]!, values[1]!)! > 0) {
    throw validationException('The BETWEEN condition was provided a range where the lower bound is greater than the upper bound');
  }
  return { operator, values };
}

/** Expected. Throws a ValidationException. */
export function expectedCondition(
  expected: Record<string, ExpectedAttributeValue> | undefined,
  conditionalOperator: ConditionalOperator | undefined,
): CompiledCondition | undefined {
  const checked = new Map<string, Checked>();
  for (const [name, condition] of Object.entries(expected ?? newItem())) checked.set(name, checkExpected(name, condition));
  checkConditionalOperator(conditionalOperator, checked.size);
  return expected === undefined ? undefined : compileChecked(checked, conditionalOperator);
}

function checkExpected(name: string, condition: ExpectedAttributeValue): Checked {
  const { AttributeValueList: list, ComparisonOperator: operator, Exists: exists, Value: value } = condition;
  if (list !== undefined && value !== undefined) {
    throw invalidParameters(`Value and AttributeValueList cannot be used together for Attribute: ${name}`);
  }
  if (operator !== undefined) {
    if (exists !== undefined) throw invalidParameters(`Exists and ComparisonOperator cannot be used together for Attribute: ${name}`);
    if (rules[operator].min > 0 && list === undefined && value === undefined) {
      throw invalidParameters(`Value or AttributeValueList must be used with ComparisonOperator: ${operator} for Attribute: ${name}`);
    }
    return checkOne(operator, (list ?? (value === undefined ? [] : [value])).map(admitValue));
  }
  if (list !== undefined) {
    throw invalidParameters(`AttributeValueList can only be used with a ComparisonOperator for Attribute: ${name}`);
  }
  if (exists === false) {
    if (value !== undefined) throw invalidParameters(`Value cannot be used when Exists is false for Attribute: ${name}`);
    return { operator: 'NULL', values: [] };
  }
  if (value === undefined) throw invalidParameters(`Value must be provided when Exists is ${exists ?? 'null'} for Attribute: ${name}`);
  return { operator: 'EQ', values: [admitValue(value)] };
}

function checkConditionalOperator(operator: ConditionalOperator | undefined, conditions: number): void {
  if (operator === undefined || conditions > 1) return;
  throw validationException(
    conditions === 0
      ? 'ConditionalOperator cannot be used without Filter or Expected'
      : 'ConditionalOperator can only be used when Filter or Expected has two or more elements',
  );
}

function compileChecked(conditions: ReadonlyMap<string, Checked>, conditionalOperator: ConditionalOperator | undefined): CompiledCondition {
  const tests = [...conditions].map(([name, { operator, values }]) => ({ name, holds: rules[operator].holds, values }));
  const any = conditionalOperator === 'OR';
  return {
    heads: new Set(conditions.keys()),
    nestedHeads: new Set(),
    matches: (item) => {
      const holds = (test: (typeof tests)[number]): boolean =>
        test.holds(item === undefined ? undefined : attributeOf(item, test.name), test.values);
      return any ? tests.some(holds) : tests.every(holds);
    },
  };
}
