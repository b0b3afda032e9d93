/** Compiles expressions of S3 Select into functions of a row. */

import { newAccumulator, type Accumulator } from './aggregates.ts';
import { arithmetic, negative } from './arithmetic.ts';
import { selectError } from './errors.ts';
import { buildCall, castTo } from './functions.ts';
import { likeMatcher } from './like.ts';
import type { Column, Expression } from './syntax.ts';
import { compare, equal, isAbsent, plainText, type Value } from './values.ts';

export type Evaluate<Row> = (row: Row) => Value;

/** What an expression is compiled in. */
export type Scope<Row> = {
  /** How a column is read, asked for once. Throws MissingHeaders, InvalidColumnIndex, AmbiguousFieldName. */
  column(column: Column): Evaluate<Row>;
  /** Cloud time, milliseconds. */
  readonly now: number;
  /** Where aggregates are allowed: each adds what it gathers by here. */
  readonly accumulators?: { accumulator: Accumulator; of: Evaluate<Row> | undefined }[];
};

/** Throws what is wrong with the expression whatever the row. */
export function compile<Row>(expression: Expression, scope: Scope<Row>): Evaluate<Row> {
  switch (expression.kind) {
    case 'literal': {
      const { value } = expression;
      return () => value;
    }
    case 'column':
      return scope.column(expression);
    case 'aggregate':
      return compileAggregate(expression, scope);
    case 'call': {
      const call = buildCall(expression.name, expression.args.length, expression.part, scope.now);
      const args = expression.args.map((arg) => compile(arg, scope));
      return (row) => call(args.map((arg) => arg(row)));
    }
    case 'cast': {
      const of = compile(expression.of, scope);
      const { type } = expression;
      return (row) => castTo(type, of(row));
    }
    case 'case':
      return compileCase(expression, scope);
    case 'arithmetic':
    case 'concatenation':
    case 'comparison':
    case 'logical':
      return compileBinary(expression, scope);
    default:
      return compileTest(expression, scope);
  }
}

/** Null where neither yes nor no can be said. */
export function truth(value: Value): boolean | null {
  if (typeof value === 'boolean') return value;
  if (isAbsent(value)) return null;
  throw selectError('InvalidDataType');
}

type Of<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>;

function compileAggregate<Row>({ name, of }: Of<'aggregate'>, scope: Scope<Row>): Evaluate<Row> {
  if (!scope.accumulators) throw selectError('UnsupportedSqlStructure');
  const { accumulators: _, ...inner } = scope;
  const accumulator = newAccumulator(name);
  scope.accumulators.push({ accumulator, of: of && compile(of, inner) });
  return () => accumulator.result();
}

function compileBinary<Row>(expression: Of<'arithmetic' | 'concatenation' | 'comparison' | 'logical'>, scope: Scope<Row>): Evaluate<Row> {
  const left = compile(expression.left, scope);
  const right = compile(expression.right, scope);
  if (expression.kind === 'logical') return expression.operator === 'and' ? both(left, right) : either(left, right);
  if (expression.kind === 'comparison') return compileComparison(expression.operator, left, right);
  if (expression.kind === 'concatenation')
    return (row) => {
      const [a, b] = [left(row), right(row)];
      return isAbsent(a) || isAbsent(b) ? null : plainText(a) + plainText(b);
    };
  const { operator } = expression;
  return (row) => {
    const [a, b] = [left(row), right(row)];
    return isAbsent(a) || isAbsent(b) ? null : arithmetic(operator, a, b);
  };
}

const both =
  <Row>(left: Evaluate<Row>, right: Evaluate<Row>): Evaluate<Row> =>
  (row) => {
    const a = truth(left(row));
    if (a === false) return false;
    const b = truth(right(row));
    return b === false ? false : a === null ? null : b;
  };

const either =
  <Row>(left: Evaluate<Row>, right: Evaluate<Row>): Evaluate<Row> =>
  (row) => {
    const a = truth(left(row));
    if (a === true) return true;
    const b = truth(right(row));
    return b === true ? true : a === null ? null : b;
  };

function compileComparison<Row>(operator: Of<'comparison'>['operator'], left: Evaluate<Row>, right: Evaluate<Row>): Evaluate<Row> {
  const test = comparisons[operator];
  return (row) => {
    const [a, b] = [left(row), right(row)];
    return isAbsent(a) || isAbsent(b) ? null : test(a, b);
  };
}

/** What has no order is not less, not more, and not the same. */
const ordered = (fits: (order: number) => boolean) => (a: Value, b: Value) => {
  const order = compare(a, b);
  return order !== undefined && fits(order);
};

const comparisons = {
  '=': equal,
  '<>': (a: Value, b: Value) => !equal(a, b),
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
};

function compileTest<Row>(expression: Of<'negative' | 'not' | 'like' | 'between' | 'in' | 'is'>, scope: Scope<Row>): Evaluate<Row> {
  const of = compile(expression.of, scope);
  switch (expression.kind) {
    case 'negative':
      return (row) => {
        const value = of(row);
        return isAbsent(value) ? null : negative(value);
      };
    case 'not':
      return (row) => {
        const value = truth(of(row));
        return value === null ? null : !value;
      };
    case 'is':
      return expression.what === 'missing' ? (row) => of(row) === undefined : (row) => isAbsent(of(row));
    case 'between': {
      const low = compileComparison('>=', of, compile(expression.low, scope));
      return both(low, compileComparison('<=', of, compile(expression.high, scope)));
    }
    case 'in':
      return expression.list.map((item) => compileComparison('=', of, compile(item, scope))).reduce((found, next) => either(found, next));
    case 'like': {
      const matches = likeMatcher();
      const pattern = compile(expression.pattern, scope);
      const escape = expression.escape && compile(expression.escape, scope);
      return (row) => matches(of(row), pattern(row), escape && { character: escape(row) });
    }
  }
}

function compileCase<Row>({ of, whens, otherwise }: Of<'case'>, scope: Scope<Row>): Evaluate<Row> {
  const subject = of && compile(of, scope);
  const arms = whens.map(({ when, result }) => {
    const test = compile(when, scope);
    return { fits: subject ? compileComparison('=', subject, test) : test, result: compile(result, scope) };
  });
  const last = otherwise && compile(otherwise, scope);
  return (row) => {
    const arm = arms.find(({ fits }) => truth(fits(row)) === true);
    return arm ? arm.result(row) : last ? last(row) : null;
  };
}
