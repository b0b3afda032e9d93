/** May the caller do this: the service names the checks, the policy engine decides each. */

import { AwsError } from '../framework/aws-error.ts';
import type { Check } from '../framework/authorization.ts';
import type { PrincipalPolicies } from '../framework/identity.ts';
import { encodedAuthorizationMessage } from '../framework/policy/authorization-message.ts';
import { denialMessage } from '../framework/policy/denial.ts';
import { evaluate, type Decision } from '../framework/policy/evaluate.ts';
import { explain, type Explanation } from '../framework/policy/explain.ts';
import type { RequestFacts } from '../framework/policy/context.ts';
import type { Actor } from '../framework/policy/principals.ts';
import type { Principal } from '../framework/principal.ts';
import type { ServiceDefinition } from '../framework/service.ts';
import type { Protocol } from '../protocols/model.ts';
import type { GatewayParts } from './parts.ts';

/** One decision, as the audit trail keeps it for `haneul why`. */
export type CheckOutcome = {
  check: Check;
  decision: Decision;
  /** Every statement that took part, for the first denial of a call. */ explanation?: Explanation;
};

export type Decider = {
  principal: Actor;
  account: string;
  facts: RequestFacts;
  /** Condition keys of the signature, added to every check: `s3:authType` and its kin. */
  signatureContext?: Readonly<Record<string, string>>;
  /** How a denial is answered. */
  denied: { code: string; status: number };
  outcomes: CheckOutcome[];
  /** The caller's policies, once they have been asked for: one call is decided by one set of them. */
  policies?: PrincipalPolicies | Promise<PrincipalPolicies>;
};

const noPolicies: PrincipalPolicies = { identity: [], tags: {} };
/** Enough for any operation but DeleteObjects, whose thousand keys need not all be kept. */
const OUTCOMES_MAX = 100;

/** Decides a check, and before it the one of what it is reached through, and notes the outcomes. */
export async function decide(parts: GatewayParts, decider: Decider, check: Check): Promise<Decision> {
  const known = (decider.policies ??= policiesOf(parts, decider.principal));
  return decideAll(known instanceof Promise ? await known : known, decider, check).decision;
}

/** What decided: the check, or the one of what it is reached through where that is refused. */
type Decided = { check: Check; decision: Decision };

function decideAll(policies: PrincipalPolicies, decider: Decider, check: Check): Decided {
  const reached = check.through && decideAll(policies, decider, check.through);
  return reached && !reached.decision.allowed ? reached : { check, decision: decideBy(policies, decider, check) };
}

function decideBy(policies: PrincipalPolicies, decider: Decider, check: Check): Decision {
  const { principal, account, facts, signatureContext, outcomes } = decider;
  const asked = signatureContext ? { ...check, context: { ...signatureContext, ...check.context } } : check;
  const query = { principal, policies, check: asked, account, facts };
  const decision =
    principal.type === 'Service' && !check.resourcePolicy ? serviceDecision(principal.account, check, account) : evaluate(query);
  const explained = !decision.allowed && principal.type !== 'Service' && !outcomes.some(({ explanation }) => explanation);
  if (outcomes.length < OUTCOMES_MAX || !decision.allowed)
    outcomes.push({ check: asked, decision, ...(explained && { explanation: explain(query) }) });
  return decision;
}

/** Callers from outside have none of their own. */
function policiesOf(parts: GatewayParts, principal: Actor): PrincipalPolicies | Promise<PrincipalPolicies> {
  const outside = principal.type === 'Anonymous' || principal.type === 'Service' || principal.type === 'Federated';
  return outside ? noPolicies : parts.identity.policies(principal);
}

/** A service acts freely within the account for which it acts; elsewhere, and where a policy guards the resource, the policy decides. */
function serviceDecision(home: string, check: Check, account: string): Decision {
  const allowed = (check.resourceAccount ?? account) === home && !check.resourcePolicyRequired;
  return allowed ? { allowed, effect: 'allow', matched: [] } : { allowed, effect: 'implicitDeny', layer: 'resource', matched: [] };
}

/** One check of a principal that has made no call: a role in whose name a reconciler works. */
export async function isPermitted(parts: GatewayParts, check: Check, principal: Principal, region: string): Promise<boolean> {
  const facts = { now: parts.clock.now(), region, secure: true };
  const denied = { code: 'AccessDenied', status: 403 };
  return (await decide(parts, { principal, account: principal.account, facts, denied, outcomes: [] }, check)).allowed;
}

/** Throws the denial, in AWS's words and the service's code, unless every check is allowed. */
export function requireAll(parts: GatewayParts, decider: Decider, checks: readonly Check[]): void | Promise<void> {
  if (checks.length === 0) return undefined;
  const known = (decider.policies ??= policiesOf(parts, decider.principal));
  return known instanceof Promise
    ? known.then((policies) => requireBy(policies, parts, decider, checks))
    : requireBy(known, parts, decider, checks);
}

function requireBy(policies: PrincipalPolicies, parts: GatewayParts, decider: Decider, checks: readonly Check[]): void | Promise<void> {
  let more: (() => Promise<void>)[] | undefined;
  for (const one of checks) {
    const { check, decision } = decideAll(policies, decider, one);
    if (!decision.allowed) return refuse(parts, decider, check, decision);
    if (one.afterwards) (more ??= []).push(one.afterwards);
  }
  if (more) return askAll(more);
}

/** One after another: checks of one resource ask the same, which is remembered. */
async function askAll(asking: readonly (() => Promise<void>)[]): Promise<void> {
  for (const ask of asking) await ask();
}

async function refuse(parts: GatewayParts, decider: Decider, check: Check, decision: Decision): Promise<never> {
  throw await denial(parts, decider, check, decision);
}

async function denial(
  parts: GatewayParts,
  { principal, account, facts, denied }: Decider,
  check: Check,
  decision: Decision,
): Promise<AwsError> {
  const anonymousS3 = principal.type === 'Anonymous' && check.action.startsWith('s3:');
  const sentence = anonymousS3 ? 'Access Denied' : denialMessage(principal, check, decision);
  if (denied.code !== 'UnauthorizedOperation') return new AwsError(denied.code, sentence, { status: denied.status });
  const policies = await policiesOf(parts, principal);
  const encoded = await encodedAuthorizationMessage(parts.store, parts.random, { principal, policies, check, account, facts }, decision);
  const message = `You are not authorized to perform this operation. ${sentence}. Encoded authorization failure message: ${encoded}`;
  return new AwsError(denied.code, message, { status: denied.status });
}

/** `AccessDenied`, `AccessDeniedException` for JSON services, or what the service says. */
export function deniedBy(definition: ServiceDefinition, protocol: Protocol): Decider['denied'] {
  const code = definition.deniedCode ?? codeOf(protocol);
  return { code, status: protocol.startsWith('awsJson') || protocol === 'rpcv2Cbor' ? 400 : 403 };
}

function codeOf(protocol: Protocol): string {
  if (protocol === 'ec2Query') return 'UnauthorizedOperation';
  return protocol === 'awsQuery' || protocol === 'restXml' ? 'AccessDenied' : 'AccessDeniedException';
}
