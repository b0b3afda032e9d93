/**
 * What the statement operations ask of PartiQL: a statement with its parameters becomes a plan, which they run over items.
 *
 *     const plan = parseStatement(statement, parameters);             // parser.ts
 *     const { key, condition } = singleItem(plan.where, keySchema);   // where.ts, for UPDATE, DELETE and EXISTS
 *     const reads = readsOf(plan.where, keySchema);                   // where.ts, for SELECT: ranges to query, or undefined: scan
 *
 * Every function here throws a ValidationException in AWS's words, and nothing else.
 */

import type { BoundCondition } from '../expressions/condition.ts';
import type { CompiledCondition, CompiledProjection, CompiledUpdate } from '../expressions/contract.ts';
import type { Item } from '../values/attribute-value.ts';

/** A WHERE clause: as a tree for the search of keys, and as a condition to be met by every item. */
export type Where = { readonly tree: BoundCondition; readonly condition: CompiledCondition };

export type SelectPlan = {
  readonly kind: 'select';
  readonly table: string;
  readonly index: string | undefined;
  /** What is shown of an item; undefined shows all of it. */
  readonly projection: CompiledProjection | undefined;
  readonly where: Where | undefined;
  readonly orderBy: readonly { readonly name: string; readonly descending: boolean }[];
};

/** An item that is there already makes the statement fail with DuplicateItemException. */
export type InsertPlan = { readonly kind: 'insert'; readonly table: string; readonly item: Item };

export type Returning = 'ALL_OLD' | 'UPDATED_OLD' | 'ALL_NEW' | 'UPDATED_NEW';

/** An item that is not there, or does not meet the WHERE clause, fails the statement with ConditionalCheckFailedException. */
export type UpdatePlan = {
  readonly kind: 'update';
  readonly table: string;
  readonly update: CompiledUpdate;
  readonly where: Where;
  readonly returning: Returning | undefined;
};

export type DeletePlan = {
  readonly kind: 'delete';
  readonly table: string;
  readonly where: Where;
  readonly returning: 'ALL_OLD' | undefined;
};

/** Only in transactions: a condition on one item, as ConditionCheck is. */
export type ExistsPlan = { readonly kind: 'exists'; readonly select: SelectPlan };

export type Plan = SelectPlan | InsertPlan | UpdatePlan | DeletePlan | ExistsPlan;
