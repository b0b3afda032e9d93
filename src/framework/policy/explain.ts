/** Why a call was allowed or denied: every statement of every policy that took part, as data. Slow and complete. */

import type { NamedPolicy } from '../identity.ts';
import { closenessTo, compilePolicy, coversAction, type CompiledStatement } from './compile.ts';
import { contextOf, readerOf, type ConditionValue, type Context } from './context.ts';
import { endpointPolicies, evaluate, layerOfResource, type Decision, type DecisionQuery, type Layer } from './evaluate.ts';
import type { Actor, Closeness } from './principals.ts';
import { suggest, type Suggestion } from './suggest.ts';

export type Explanation = {
  decision: Decision;
  caller: string;
  action: string;
  resource: string;
  /** Within one account identity and resource policies add up; across accounts both must allow. */
  crossAccount: boolean;
  layers: readonly LayerExplanation[];
  /** What to add so that the call is allowed; empty when it is, or when an explicit deny must go first. */
  suggestions: readonly Suggestion[];
};

export type LayerExplanation = {
  layer: Layer;
  /** For SCPs and RCPs: which level, from 0, the root of the organisation. */ level?: number;
  policies: readonly PolicyExplanation[];
};
export type PolicyExplanation = { policy: string; statements: readonly StatementExplanation[] };

export type StatementExplanation = {
  index: number;
  sid?: string;
  effect: 'Allow' | 'Deny';
  /** True when every element fits the call. */
  matched: boolean;
  /** The first element that does not fit. */
  failed?: 'principal' | 'action' | 'resource' | 'condition';
  /** How closely a resource policy's statement names the caller. */
  names?: Closeness;
  /** The conditions that are not met. */
  conditions?: readonly { operator: string; key: string; wanted: readonly string[]; actual: ConditionValue }[];
};

/** Explains a decision. Gives the same decision as `evaluate` (a test holds them together). */
export function explain(query: DecisionQuery): Explanation {
  const context = contextOf(query);
  const { check, policies, principal } = query;
  const layers: LayerExplanation[] = [];
  const add = (layer: Layer, list: readonly NamedPolicy[] | undefined, options: { byPrincipal?: Actor; level?: number } = {}) => {
    if (!list) return;
    const explained = list.map((policy) => explainPolicy(policy, query, context, options.byPrincipal));
    layers.push({ layer, ...(options.level !== undefined && { level: options.level }), policies: explained });
  };
  policies.serviceControl?.forEach((list, level) => add('serviceControl', list, { level }));
  query.resourceControl?.forEach((list, level) => add('resourceControl', list, { level, byPrincipal: principal }));
  endpointPolicies(query)?.forEach((list) => add('endpoint', list, { byPrincipal: principal }));
  add(layerOfResource(check), check.resourcePolicy && [check.resourcePolicy], { byPrincipal: principal });
  add('identity', policies.identity);
  add('boundary', policies.boundary && [policies.boundary]);
  add('session', policies.session);
  return {
    decision: evaluate(query),
    caller: principal.arn || principal.id,
    action: check.action,
    resource: check.resource,
    crossAccount: principal.account !== (check.resourceAccount ?? query.account),
    layers,
    suggestions: suggest(query),
  };
}

function explainPolicy(policy: NamedPolicy, query: DecisionQuery, context: Context, byPrincipal: Actor | undefined): PolicyExplanation {
  const statements = compilePolicy(policy.document).statements.map((statement) => explainStatement(statement, query, context, byPrincipal));
  return { policy: policy.name, statements };
}

function explainStatement(
  compiled: CompiledStatement,
  { check }: DecisionQuery,
  context: Context,
  byPrincipal: Actor | undefined,
): StatementExplanation {
  const { statement, index } = compiled;
  const about = { index, ...(statement.sid !== undefined && { sid: statement.sid }), effect: statement.effect };
  const names = byPrincipal && closenessTo(statement, byPrincipal);
  if (byPrincipal && !names) return { ...about, matched: false, failed: 'principal' };
  const named = names ? { ...about, names } : about;
  if (!coversAction(statement, check.action)) return { ...named, matched: false, failed: 'action' };
  if (!compiled.coversResource(check.resource, context)) return { ...named, matched: false, failed: 'resource' };
  const unmet = compiled.conditions.filter(({ met }) => !met(context)).map(({ condition }) => condition);
  if (unmet.length === 0) return { ...named, matched: true };
  const conditions = unmet.map((condition) => ({
    operator: `${condition.quantifier ? `${condition.quantifier}:` : ''}${condition.operator}${condition.ifExists ? 'IfExists' : ''}`,
    key: condition.key,
    wanted: condition.values,
    actual: readerOf(condition.key)(context),
  }));
  return { ...named, matched: false, failed: 'condition', conditions };
}
