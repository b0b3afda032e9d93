/** The tree of a parsed expression of S3 Select. */

import type { Value } from './values.ts';

/** One step of a path: a member by name, or an element by its position. */
export type Step = { readonly name: string; readonly quoted: boolean } | { readonly index: number };
export type Column = { readonly kind: 'column'; readonly steps: readonly Step[] };

export type Arithmetic = '+' | '-' | '*' | '/' | '%';
export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type DatePart = 'YEAR' | 'MONTH' | 'DAY' | 'HOUR' | 'MINUTE' | 'SECOND' | 'TIMEZONE_HOUR' | 'TIMEZONE_MINUTE';
export type TypeName = 'bool' | 'int' | 'string' | 'float' | 'decimal' | 'timestamp';
export type AggregateName = 'AVG' | 'COUNT' | 'MAX' | 'MIN' | 'SUM';

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | Column
  | { readonly kind: 'arithmetic'; readonly operator: Arithmetic; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'negative'; readonly of: Expression }
  | { readonly kind: 'concatenation'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'comparison'; readonly operator: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'logical'; readonly operator: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'like'; readonly of: Expression; readonly pattern: Expression; readonly escape: Expression | undefined }
  | { readonly kind: 'between'; readonly of: Expression; readonly low: Expression; readonly high: Expression }
  | { readonly kind: 'in'; readonly of: Expression; readonly list: readonly Expression[] }
  | { readonly kind: 'is'; readonly of: Expression; readonly what: 'null' | 'missing' }
  | {
      readonly kind: 'case';
      readonly of: Expression | undefined;
      readonly whens: readonly { readonly when: Expression; readonly result: Expression }[];
      readonly otherwise: Expression | undefined;
    }
  | { readonly kind: 'cast'; readonly of: Expression; readonly type: TypeName }
  | { readonly kind: 'call'; readonly name: string; readonly part?: DatePart; readonly args: readonly Expression[] }
  | { readonly kind: 'aggregate'; readonly name: AggregateName; readonly of: Expression | undefined };

/** A step of the path in FROM: `[*]`, `[n]` or a member. */
export type SourceStep = Step | { readonly all: true };

export type Projection = { readonly expression: Expression; readonly alias: string | undefined };

export type Select = {
  /** Undefined for `*`. */
  readonly projections: readonly Projection[] | undefined;
  readonly source: readonly SourceStep[];
  readonly alias: string | undefined;
  readonly where: Expression | undefined;
  readonly limit: number | undefined;
};
