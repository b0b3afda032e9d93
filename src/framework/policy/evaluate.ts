/** The decision: may this caller do this, and which policy said so. Pure; a few microseconds. */

import type { Check } from '../authorization.ts';
import type { NamedPolicy, PrincipalPolicies } from '../identity.ts';
import { closenessTo, compilePolicy, conditionsMet, type CompiledStatement } from './compile.ts';
import { contextOf, type Context, type RequestFacts } from './context.ts';
import type { Actor, Closeness } from './principals.ts';

/** The kinds of policies that take part, as denials name them. */
export type Layer = 'identity' | 'resource' | 'trust' | 'boundary' | 'session' | 'serviceControl' | 'resourceControl' | 'endpoint';

export type DecisionQuery = {
  principal: Actor;
  policies: PrincipalPolicies;
  check: Check;
  /** The account in which the resource lies when the check names none: the request's own. */
  account: string;
  facts: RequestFacts;
  /** Resource control policies over the resource's account: one list for each level, each must allow. */
  resourceControl?: readonly (readonly NamedPolicy[])[];
};

/** A statement that decided. */
export type StatementRef = { layer: Layer; policy: string; /** Its place in the policy, from 0. */ index: number; sid?: string };

export type Decision = {
  allowed: boolean;
  effect: 'allow' | 'explicitDeny' | 'implicitDeny';
  /** Which kind of policy decided: for an implicit denial the first that should have allowed. Absent when root needed none. */
  layer?: Layer;
  matched: readonly StatementRef[];
};

/** What one policy says of the call. */
type Verdict = { deny?: StatementRef; allow?: StatementRef };

/** What the policy of the resource says, with the best allowing statement for each closeness. */
type ResourceVerdict = { deny?: StatementRef; grants: Partial<Record<Closeness, StatementRef>> };

const SILENT: ResourceVerdict = { grants: {} };

/**
 * Decides as https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html says: an explicit deny
 * anywhere ends it; within an account identity and resource policies add up; across accounts both must allow; boundaries,
 * session policies, SCPs and RCPs only narrow.
 */
export function evaluate(query: DecisionQuery): Decision {
  const context = contextOf(query);
  const { check, policies, principal } = query;
  const control =
    ceilings(query, context, policies.serviceControl, 'serviceControl') ??
    ceilings(query, context, query.resourceControl, 'resourceControl') ??
    ceilings(query, context, endpointPolicies(query), 'endpoint');
  const resource = check.resourcePolicy ? resourceVerdict(check.resourcePolicy, query, context) : SILENT;
  const identity = union(policies.identity, 'identity', check, context);
  const boundary = policies.boundary && union([policies.boundary], 'boundary', check, context);
  const session = policies.session && union(policies.session, 'session', check, context);
  const denied =
    (control?.effect === 'explicitDeny' && control.matched[0]) || resource.deny || identity.deny || boundary?.deny || session?.deny;
  if (denied) return { allowed: false, effect: 'explicitDeny', layer: denied.layer, matched: [denied] };
  if (control) return control;
  if (policies.gone) return implicitDeny('identity');
  const own = ownSide({ root: principal.type === 'Root', identity, boundary, session });
  return combine(query, own, resource.grants, limitOf(boundary, session));
}

/** The caller's own side: identity policies within boundary and session policies. */
type OwnSide = { allowed: boolean; missing?: Layer; by: readonly StatementRef[] };

function ownSide(side: { root: boolean; identity: Verdict; boundary: Verdict | undefined; session: Verdict | undefined }): OwnSide {
  if (!side.root && !side.identity.allow) return { allowed: false, missing: 'identity', by: [] };
  const limit = limitOf(side.boundary, side.session);
  if (limit) return { allowed: false, missing: limit, by: [] };
  return { allowed: true, by: [side.identity.allow, side.boundary?.allow, side.session?.allow].filter((ref) => ref !== undefined) };
}

/** The layer among those that only narrow which does not allow. */
function limitOf(boundary: Verdict | undefined, session: Verdict | undefined): Layer | undefined {
  if (boundary && !boundary.allow) return 'boundary';
  if (session && !session.allow) return 'session';
  return undefined;
}

function combine(query: DecisionQuery, own: OwnSide, grants: ResourceVerdict['grants'], limit: Layer | undefined): Decision {
  const { check, principal } = query;
  const resourceLayer = layerOfResource(check);
  const granted = grants.direct ?? grants.broad;
  if (isOutsider(principal)) {
    if (granted) return allow(resourceLayer, [granted]);
    return own.allowed && !check.resourcePolicyRequired ? allow('identity', own.by) : implicitDeny(resourceLayer);
  }
  const named = granted ?? grants.account;
  if (principal.account !== (check.resourceAccount ?? query.account)) {
    if (!own.allowed) return implicitDeny(own.missing!);
    return named ? allow(resourceLayer, [...own.by, named]) : implicitDeny(resourceLayer);
  }
  if (grants.direct) return allow(resourceLayer, [grants.direct]);
  if (grants.broad && !limit) return allow(resourceLayer, [grants.broad]);
  if (check.resourcePolicyRequired && !named) return implicitDeny(resourceLayer);
  return own.allowed ? allow('identity', own.by) : implicitDeny(grants.broad && limit ? limit : own.missing!);
}

/** Callers who have no policies of their own: what they may do, the resource says. */
function isOutsider(principal: Actor): boolean {
  return principal.type === 'Anonymous' || principal.type === 'Service' || principal.type === 'Federated';
}

/** A role's trust policy is a resource policy with a name of its own. */
export function layerOfResource(check: Check): Layer {
  return check.resourcePolicyRequired && check.action.startsWith('sts:') ? 'trust' : 'resource';
}

function allow(layer: Layer, matched: readonly StatementRef[]): Decision {
  return matched.length > 0 ? { allowed: true, effect: 'allow', layer, matched } : { allowed: true, effect: 'allow', matched };
}

function implicitDeny(layer: Layer): Decision {
  return { allowed: false, effect: 'implicitDeny', layer, matched: [] };
}

/** SCPs, RCPs and the policies of VPC endpoints: every level must allow. Undefined when all do. */
function ceilings(query: DecisionQuery, context: Context, levels: PrincipalPolicies['serviceControl'], layer: Layer): Decision | undefined {
  if (!levels) return undefined;
  let missing = false;
  for (const level of levels) {
    const verdict = layer !== 'serviceControl' ? everyone(level, query, context, layer) : union(level, layer, query.check, context);
    if (verdict.deny) return { allowed: false, effect: 'explicitDeny', layer, matched: [verdict.deny] };
    missing ||= !verdict.allow;
  }
  return missing ? implicitDeny(layer) : undefined;
}

/** What the policy of the VPC endpoint lets through, where the call came through one. It only narrows. */
export function endpointPolicies({ facts }: Pick<DecisionQuery, 'facts'>): readonly (readonly NamedPolicy[])[] | undefined {
  return facts.network?.policy && [[facts.network.policy]];
}

/** RCPs and policies of VPC endpoints carry a Principal as resource policies do. */
function everyone(level: readonly NamedPolicy[], query: DecisionQuery, context: Context, layer: Layer): Verdict {
  const verdict: Verdict = {};
  for (const policy of level) {
    const { deny, grants } = resourceVerdict(policy, query, context, layer);
    verdict.deny ??= deny;
    verdict.allow ??= grants.broad ?? grants.direct ?? grants.account;
  }
  return verdict;
}

/** What policies of one layer say together. Stops at the first deny. */
function union(policies: readonly NamedPolicy[], layer: Layer, check: Check, context: Context): Verdict {
  const verdict: Verdict = {};
  for (const policy of policies) {
    for (const statement of compilePolicy(policy.document).forAction(check.action)) {
      if (!statement.deny && verdict.allow) continue;
      if (!statement.coversResource(check.resource, context) || !conditionsMet(statement, context)) continue;
      const ref = refTo(layer, policy, statement);
      if (statement.deny) return { deny: ref };
      verdict.allow = ref;
    }
  }
  return verdict;
}

function resourceVerdict(
  policy: NamedPolicy,
  query: DecisionQuery,
  context: Context,
  layer: Layer = layerOfResource(query.check),
): ResourceVerdict {
  const grants: ResourceVerdict['grants'] = {};
  for (const statement of compilePolicy(policy.document).forAction(query.check.action)) {
    const closeness = closenessTo(statement.statement, query.principal);
    if (!closeness || (!statement.deny && grants[closeness])) continue;
    if (!statement.coversResource(query.check.resource, context) || !conditionsMet(statement, context)) continue;
    const ref = refTo(layer, policy, statement);
    if (statement.deny) return { deny: ref, grants };
    grants[closeness] = ref;
  }
  return { grants };
}

function refTo(layer: Layer, policy: NamedPolicy, { index, statement }: CompiledStatement): StatementRef {
  return statement.sid === undefined ? { layer, policy: policy.name, index } : { layer, policy: policy.name, index, sid: statement.sid };
}
