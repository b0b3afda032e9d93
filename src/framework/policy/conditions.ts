/** The Condition element: every operator, compiled to a test of one request. */

import { readerOf, type ConditionValue, type Context } from './context.ts';
import type { Condition } from './document.ts';
import { compileRange } from './ip-range.ts';
import { compileArnPattern, compilePattern } from './wildcards.ts';

/** Is the condition met? */
export type ConditionTest = (context: Context) => boolean;

/** One policy value compared with one value of the request. */
type Comparison = (actual: string, context: Context) => boolean;

type Operator = {
  /** True for the Not… forms: met when no policy value matches, and also when the key is absent. */
  negated: boolean;
  /** Gives undefined for a value that the operator cannot read. */
  compile: (value: string, variables: boolean) => Comparison | undefined;
};

const string =
  (wildcards: boolean, ignoreCase = false) =>
  (value: string, variables: boolean) =>
    compilePattern(value, { wildcards, variables, ignoreCase });

const numeric =
  (test: (actual: number, wanted: number) => boolean) =>
  (value: string): Comparison | undefined => {
    const wanted = numberOf(value);
    return wanted === undefined ? undefined : (actual) => testParsed(numberOf(actual), wanted, test);
  };

const date =
  (test: (actual: number, wanted: number) => boolean) =>
  (value: string): Comparison | undefined => {
    const wanted = dateOf(value);
    return wanted === undefined ? undefined : (actual) => testParsed(dateOf(actual), wanted, test);
  };

const equal = (a: number, b: number) => a === b;
const less = (a: number, b: number) => a < b;
const lessOrEqual = (a: number, b: number) => a <= b;
const greater = (a: number, b: number) => a > b;
const greaterOrEqual = (a: number, b: number) => a >= b;

/** By name in lower case: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const operators = new Map<string, Operator>(
  Object.entries<Operator>({
    StringEquals: { negated: false, compile: string(false) },
    StringNotEquals: { negated: true, compile: string(false) },
    StringEqualsIgnoreCase: { negated: false, compile: string(false, true) },
    StringNotEqualsIgnoreCase: { negated: true, compile: string(false, true) },
    StringLike: { negated: false, compile: string(true) },
    StringNotLike: { negated: true, compile: string(true) },
    NumericEquals: { negated: false, compile: numeric(equal) },
    NumericNotEquals: { negated: true, compile: numeric(equal) },
    NumericLessThan: { negated: false, compile: numeric(less) },
    NumericLessThanEquals: { negated: false, compile: numeric(lessOrEqual) },
    NumericGreaterThan: { negated: false, compile: numeric(greater) },
    NumericGreaterThanEquals: { negated: false, compile: numeric(greaterOrEqual) },
    DateEquals: { negated: false, compile: date(equal) },
    DateNotEquals: { negated: true, compile: date(equal) },
    DateLessThan: { negated: false, compile: date(less) },
    DateLessThanEquals: { negated: false, compile: date(lessOrEqual) },
    DateGreaterThan: { negated: false, compile: date(greater) },
    DateGreaterThanEquals: { negated: false, compile: date(greaterOrEqual) },
    Bool: { negated: false, compile: compileBool },
    BinaryEquals: { negated: false, compile: compileBinary },
    IpAddress: { negated: false, compile: compileRange },
    NotIpAddress: { negated: true, compile: compileRange },
    ArnEquals: { negated: false, compile: compileArnPattern },
    ArnNotEquals: { negated: true, compile: compileArnPattern },
    ArnLike: { negated: false, compile: compileArnPattern },
    ArnNotLike: { negated: true, compile: compileArnPattern },
    Null: { negated: false, compile: compileBool },
  }).map(([name, operator]) => [name.toLowerCase(), operator]),
);

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/i;

/** Takes `ForAnyValue:StringLikeIfExists` apart; undefined when there is no such operator. */
export function parseOperator(text: string): Pick<Condition, 'operator' | 'quantifier' | 'ifExists'> | undefined {
  const match = OPERATOR.exec(text);
  const operator = match?.[2];
  if (!match || !operator || !operators.has(operator.toLowerCase())) return undefined;
  const ifExists = match[3] !== undefined;
  if (ifExists && operator.toLowerCase() === 'null') return undefined;
  const quantifier = match[1] && (match[1].toLowerCase() === 'forallvalues' ? 'ForAllValues' : 'ForAnyValue');
  return quantifier ? { operator, quantifier, ifExists } : { operator, ifExists };
}

/** Can the operator read this policy value? (`DateLessThan: "tomorrow"` cannot be.) */
export function valueFits(operator: string, value: string): boolean {
  return operators.get(operator.toLowerCase())?.compile(value, true) !== undefined;
}

/**
 * Compiles one operator on one key. Several policy values are alternatives; for the Not… operators none may match.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */
export function compileCondition(condition: Condition, variables: boolean): ConditionTest {
  const read = readerOf(condition.key);
  const name = condition.operator.toLowerCase();
  const operator = operators.get(name);
  if (!operator) return () => false;
  if (name === 'null') return compileNull(condition);
  const comparisons = condition.values.map((value) => operator.compile(value, variables)).filter((comparison) => comparison !== undefined);
  const { negated } = operator;
  const { quantifier, ifExists } = condition;
  const one = (actual: string, context: Context): boolean => {
    for (const comparison of comparisons) if (comparison(actual, context)) return !negated;
    return negated;
  };
  const whenAbsent = ifExists || quantifier === 'ForAllValues' || (negated && quantifier !== 'ForAnyValue');
  return (context) => {
    const actual = read(context);
    if (isAbsent(actual)) return whenAbsent;
    if (typeof actual === 'string') return one(actual, context);
    // Without a quantifier one match among several values meets a positive operator and fails a negated one.
    const every = quantifier === 'ForAllValues' || (quantifier === undefined && negated);
    return every ? actual.every((each) => one(each, context)) : actual.some((each) => one(each, context));
  };
}

function compileNull({ key, values }: Condition): ConditionTest {
  const read = readerOf(key);
  const wanted = new Set(values.map((value) => value.toLowerCase()));
  return (context) => wanted.has(String(isAbsent(read(context))));
}

/** A key with no values counts as absent. */
function isAbsent(value: ConditionValue): value is undefined {
  return value === undefined || (typeof value !== 'string' && value.length === 0);
}

function compileBool(value: string): Comparison | undefined {
  const wanted = value.toLowerCase();
  if (wanted !== 'true' && wanted !== 'false') return undefined;
  return (actual) => actual.toLowerCase() === wanted;
}

function compileBinary(value: string): Comparison {
  const wanted = Buffer.from(value, 'base64');
  return (actual) => Buffer.from(actual, 'base64').equals(wanted);
}

function testParsed(actual: number | undefined, wanted: number, test: (actual: number, wanted: number) => boolean): boolean {
  return actual !== undefined && test(actual, wanted);
}

function numberOf(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : undefined;
}

const ISO_DATE = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T(\d\d?)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** A date of ISO 8601 or seconds since the epoch, in milliseconds; four digits are a year. */
function dateOf(text: string): number | undefined {
  const match = ISO_DATE.exec(text);
  if (!match) return /^-?\d{1,18}$/.test(text) ? Number(text) * 1000 : undefined;
  const [, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  if (
    Number(month) < 1 ||
    Number(month) > 12 ||
    Number(day) < 1 ||
    Number(day) > 31 ||
    Number(hour) > 24 ||
    Number(minute) > 59 ||
    Number(second) > 60
  )
    return undefined;
  const milliseconds = fraction ? Number(`0.${fraction}`) * 1000 : 0;
  return (
    Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) + milliseconds - zoneOffset(zone)
  );
}

function zoneOffset(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)!;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
