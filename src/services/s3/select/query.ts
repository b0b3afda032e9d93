/** Runs a parsed SELECT over the rows of an object. */

import { selectError } from './errors.ts';
import { compile, truth, type Evaluate, type Scope } from './evaluate.ts';
import type { Column, Expression, Projection, Select } from './syntax.ts';
import type { Value } from './values.ts';

/** One row of the answer: names and values in the order of the SELECT list. */
export type Result = readonly (readonly [name: string, value: Value])[];

/** How rows of one format are looked at. */
export type Format<Row> = {
  column(column: Column, alias: string | undefined): Evaluate<Row>;
  /** What `*` stands for. */
  all(row: Row): Result;
};

export type Query<Row> = {
  /** The result of a row, when it has one. */
  take(row: Row): Result | undefined;
  /** What is known only when all rows have been seen. */
  finish(): Result | undefined;
  /** Nothing that comes can add to the answer. */
  isOver(): boolean;
};

/** Throws what is wrong with the statement whatever the data. */
export function newQuery<Row>(select: Select, format: Format<Row>, now: number): Query<Row> {
  const scope: Scope<Row> = { column: (column) => format.column(column, select.alias), now };
  const where = select.where && compile(select.where, scope);
  const fits = (row: Row): boolean => !where || truth(where(row)) === true;
  if (select.projections?.some(({ expression }) => hasAggregate(expression))) return aggregating(select, select.projections, scope, fits);
  const { limit = Infinity, projections } = select;
  const show = projections ? projecting(projections, scope) : format.all;
  let taken = 0;
  return {
    take: (row) => {
      if (taken >= limit || !fits(row)) return undefined;
      taken++;
      return show(row);
    },
    finish: () => undefined,
    isOver: () => taken >= limit,
  };
}

function projecting<Row>(projections: readonly Projection[], scope: Scope<Row>): (row: Row) => Result {
  const columns = projections.map((projection, index) => [nameOf(projection, index), compile(projection.expression, scope)] as const);
  return (row) => columns.map(([name, evaluate]) => [name, evaluate(row)] as const);
}

function aggregating<Row>(select: Select, projections: readonly Projection[], scope: Scope<Row>, fits: (row: Row) => boolean): Query<Row> {
  if (projections.some(({ expression }) => hasLooseColumn(expression))) throw selectError('UnsupportedSqlStructure');
  const accumulators: NonNullable<Scope<Row>['accumulators']> = [];
  const show = projecting(projections, { ...scope, accumulators });
  return {
    take: (row) => {
      if (fits(row)) for (const { accumulator, of } of accumulators) accumulator.add(of ? of(row) : true);
      return undefined;
    },
    finish: () => (select.limit === 0 ? undefined : show(undefined as Row)),
    isOver: () => false,
  };
}

/** An alias, else the last name of a path, else the place in the list. */
function nameOf({ expression, alias }: Projection, index: number): string {
  if (alias !== undefined) return alias;
  const last = expression.kind === 'column' ? expression.steps.at(-1)! : undefined;
  return last && 'name' in last ? last.name : `_${index + 1}`;
}

function hasAggregate(expression: Expression): boolean {
  return expression.kind === 'aggregate' || partsOf(expression).some(hasAggregate);
}

/** A column beside aggregates would need groups. */
function hasLooseColumn(expression: Expression): boolean {
  if (expression.kind === 'aggregate') return false;
  return expression.kind === 'column' || partsOf(expression).some(hasLooseColumn);
}

/** All columns that a statement reads; undefined when it reads them all. */
export function columnsOf({ projections, where }: Select): Column[] | undefined {
  if (!projections) return undefined;
  const found: Column[] = [];
  const visit = (expression: Expression): void => {
    if (expression.kind === 'column') found.push(expression);
    else for (const part of partsOf(expression)) visit(part);
  };
  for (const { expression } of projections) visit(expression);
  if (where) visit(where);
  return found;
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'literal':
    case 'column':
      return [];
    case 'arithmetic':
    case 'concatenation':
    case 'comparison':
    case 'logical':
      return [expression.left, expression.right];
    case 'call':
      return expression.args;
    case 'in':
      return [expression.of, ...expression.list];
    case 'between':
      return [expression.of, expression.low, expression.high];
    case 'like':
      return [expression.of, expression.pattern, ...(expression.escape ? [expression.escape] : [])];
    case 'case': {
      const { of, whens, otherwise } = expression;
      return [...(of ? [of] : []), ...whens.flatMap(({ when, result }) => [when, result]), ...(otherwise ? [otherwise] : [])];
    }
    case 'aggregate':
      return expression.of ? [expression.of] : [];
    default:
      return [expression.of];
  }
}
