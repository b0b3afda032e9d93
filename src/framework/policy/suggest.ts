/** The smallest policies that would let a denied call pass. */

import type { NamedPolicy } from '../identity.ts';
import type { PolicyDocument, PrincipalPattern, Statement } from './document.ts';
import { evaluate, type DecisionQuery, type Layer } from './evaluate.ts';
import type { Actor } from './principals.ts';

/** A statement to add, as policy JSON, and the kind of policy in which it is missing. */
export type Suggestion = { layer: Layer; policy: { Version: '2012-10-17'; Statement: readonly Record<string, unknown>[] } };

/** Each suggestion opens one layer; there are no more layers than this. */
const LAYERS_MAX = 16;

/** What is missing, layer by layer. Empty when the call is allowed, and when an explicit deny stands in its way. */
export function suggest(query: DecisionQuery): Suggestion[] {
  const suggestions: Suggestion[] = [];
  let current = query;
  for (let round = 0; round < LAYERS_MAX; round++) {
    const decision = evaluate(current);
    if (decision.allowed) return suggestions;
    if (decision.effect === 'explicitDeny' || !decision.layer || current.policies.gone) return [];
    const statement = statementFor(decision.layer, query);
    suggestions.push({ layer: decision.layer, policy: { Version: '2012-10-17', Statement: [asJson(statement)] } });
    current = withStatement(current, decision.layer, statement);
  }
  return [];
}

function statementFor(layer: Layer, { check, principal }: DecisionQuery): Statement {
  const statement: Statement = { effect: 'Allow', actions: [check.action], conditions: [] };
  if (layer !== 'trust') statement.resources = [check.resource];
  if (layer === 'resource' || layer === 'trust') statement.principals = patternFor(principal);
  if (layer === 'resourceControl' || layer === 'endpoint') statement.principals = '*';
  return statement;
}

function patternFor(principal: Actor): PrincipalPattern {
  switch (principal.type) {
    case 'Anonymous':
      return '*';
    case 'Service':
      return { Service: [principal.name] };
    case 'Federated':
      return { Federated: [principal.provider] };
    case 'AssumedRole':
      return { AWS: [principal.roleArn] };
    default:
      return { AWS: [principal.arn] };
  }
}

function asJson(statement: Statement): Record<string, unknown> {
  const { principals, actions, resources } = statement;
  const single = (list: readonly string[]) => (list.length === 1 ? list[0] : list);
  const principal =
    principals === undefined || principals === '*'
      ? principals
      : Object.fromEntries(Object.entries(principals).map(([kind, names]) => [kind, single(names)]));
  return {
    Effect: statement.effect,
    ...(principal && { Principal: principal }),
    Action: single(actions!),
    ...(resources && { Resource: single(resources) }),
  };
}

function withStatement(query: DecisionQuery, layer: Layer, statement: Statement): DecisionQuery {
  const added: NamedPolicy = { name: 'suggested', document: { version: '2012-10-17', statements: [statement] } };
  const { policies, check } = query;
  switch (layer) {
    case 'identity':
      return { ...query, policies: { ...policies, identity: [...policies.identity, added] } };
    case 'boundary':
      return { ...query, policies: { ...policies, boundary: extended(policies.boundary, statement) } };
    case 'session':
      return { ...query, policies: { ...policies, session: [...(policies.session ?? []), added] } };
    case 'serviceControl':
      return { ...query, policies: { ...policies, serviceControl: policies.serviceControl!.map((level) => [...level, added]) } };
    case 'resourceControl':
      return { ...query, resourceControl: query.resourceControl!.map((level) => [...level, added]) };
    case 'endpoint': {
      const network = { ...query.facts.network!, policy: extended(query.facts.network!.policy, statement) };
      return { ...query, facts: { ...query.facts, network } };
    }
    default:
      return { ...query, check: { ...check, resourcePolicy: extended(check.resourcePolicy, statement) } };
  }
}

function extended(policy: NamedPolicy | undefined, statement: Statement): NamedPolicy {
  const document: PolicyDocument = { version: '2012-10-17', statements: [...(policy?.document.statements ?? []), statement] };
  return { name: policy?.name ?? 'suggested', document };
}
