/** The policy simulator: what would be decided, without doing it. */

import { parseArn } from '../../../framework/arn.ts';
import type { Check } from '../../../framework/authorization.ts';
import type { NamedPolicy } from '../../../framework/identity.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { evaluate, type StatementRef } from '../../../framework/policy/evaluate.ts';
import { parsePolicy, type PolicyKind } from '../../../framework/policy/parse.ts';
import { rootUser, type Principal } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidInput } from '../errors.ts';
import { entityOfArn } from '../last-accessed/operations.ts';
import { limits } from '../limits.ts';
import type { Owner } from '../owners.ts';
import { page, type PageInput } from '../pagination.ts';
import { awsPolicies } from '../policies/aws-managed.ts';
import { entityPolicies, managedPolicy } from '../policies/effective.ts';
import type { Operation } from '../sdk.ts';
import { roles, users, fold, type Tag } from '../tables.ts';
import { tagRecord } from '../tags.ts';
import { contextKeys } from './context-keys.ts';
import { statementSpans, type Span } from './statement-positions.ts';

type SourceType = 'user' | 'group' | 'role' | 'aws-managed' | 'user-managed' | 'resource' | 'none';

/** A policy that takes part, with the name and kind under which matches are told. */
type Source = { id: string; type: SourceType; text: string; document: PolicyDocument };

type Subject = { principal: Principal; sources: Source[]; boundary: Source[]; tags: Readonly<Record<string, string>> };

type Input = PageInput & {
  PolicyInputList?: readonly string[];
  PermissionsBoundaryPolicyInputList?: readonly string[];
  ActionNames: readonly string[];
  ResourceArns?: readonly string[];
  ResourcePolicy?: string;
  ResourceOwner?: string;
  CallerArn?: string;
  ContextEntries?: readonly { ContextKeyName?: string; ContextKeyValues?: readonly string[]; ContextKeyType?: string }[];
};

/** Policies given as text. Throws InvalidInput. */
function given(texts: readonly string[] | undefined, list: string, kind: PolicyKind = 'identity'): Source[] {
  return (texts ?? []).map((text, i) => ({ id: `${list}.${i + 1}`, type: 'none', text, document: parsed(text, kind) }));
}

function parsed(text: string, kind: PolicyKind): PolicyDocument {
  try {
    return parsePolicy(text, kind);
  } catch (cause) {
    throw invalidInput(`Invalid policy: ${cause instanceof Error ? cause.message : 'syntax error'}`);
  }
}

export const SimulateCustomPolicy: Operation<'SimulateCustomPolicy'> = async (request, input) => {
  const principal = input.CallerArn === undefined ? anyUser(request.account) : principalOfArn(input.CallerArn);
  const subject = { principal, sources: given(input.PolicyInputList, 'PolicyInputList'), boundary: boundaryOf(input), tags: {} };
  return simulate(request, input, subject);
};

export const SimulatePrincipalPolicy: Operation<'SimulatePrincipalPolicy'> = async (request, input) => {
  const subject = await subjectOf(request, input.PolicySourceArn);
  const principal = input.CallerArn === undefined ? subject.principal : principalOfArn(input.CallerArn);
  const boundary = input.PermissionsBoundaryPolicyInputList?.length ? boundaryOf(input) : subject.boundary;
  return simulate(request, input, {
    ...subject,
    principal,
    boundary,
    sources: [...subject.sources, ...given(input.PolicyInputList, 'PolicyInputList')],
  });
};

function boundaryOf(input: Input): Source[] {
  return given(input.PermissionsBoundaryPolicyInputList, 'PermissionsBoundaryPolicyInputList');
}

function anyUser(account: string): Principal {
  return { type: 'User', account, arn: `arn:aws:iam::${account}:user/simulated`, id: '', name: 'simulated' };
}

/** Throws InvalidInput unless the ARN names a user, a role, or a root user. */
function principalOfArn(text: string): Principal {
  const arn = parseArn(text);
  if (!arn || !/^\d{12}$/.test(arn.account)) throw invalidInput(`Invalid caller ARN: ${text}`);
  const name = arn.resource.slice(arn.resource.lastIndexOf('/') + 1);
  const { account } = arn;
  if (arn.resource === 'root') return rootUser(account);
  if (arn.resource.startsWith('user/')) return { type: 'User', account, arn: text, id: '', name };
  if (!arn.resource.startsWith('role/')) throw invalidInput(`Invalid caller ARN: ${text}`);
  return roleSession(account, text, name, '');
}

function roleSession(account: string, roleArn: string, roleName: string, id: string): Principal {
  const session = { issuedAt: 0, expiresAt: 0 };
  return {
    type: 'AssumedRole',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${roleName}/simulated`,
    id: `${id}:simulated`,
    roleArn,
    roleName,
    sessionName: 'simulated',
    session,
  };
}

/** A user, group or role with everything that binds it. */
async function subjectOf(request: ServiceRequest, arn: string): Promise<Subject> {
  const { account, store } = request;
  const aws = await awsPolicies();
  const { owner, row } = await store.read(async (tx) => {
    const entity = await entityOfArn(tx, account, arn, aws);
    if (!('owner' in entity)) throw invalidInput(`Invalid policy source ARN: ${arn}`);
    const { owner } = entity;
    const row: { boundary?: string; tags: Tag[] } | undefined =
      owner.kind === 'user'
        ? await users.get(tx, account, fold(owner.name))
        : owner.kind === 'role'
          ? await roles.get(tx, account, fold(owner.name))
          : undefined;
    return { owner, row };
  });
  const sources = (await entityPolicies(store, account, { owner })).map((policy): Source => {
    const type = policy.arn === undefined ? policy.owner.kind : policy.arn.startsWith('arn:aws:iam::aws:') ? 'aws-managed' : 'user-managed';
    return {
      id: policy.arn === undefined ? `${policy.owner.kind}_${policy.owner.name}_${policy.policyName}` : policy.policyName,
      type,
      text: policy.text,
      document: policy.document,
    };
  });
  const bound = row?.boundary === undefined ? undefined : await managedPolicy(store, account, row.boundary);
  const boundary: Source[] = bound ? [{ id: bound.name, type: 'user-managed', text: '', document: bound.document }] : [];
  return { principal: principalOfOwner(owner, arn, account), sources, boundary, tags: tagRecord(row?.tags ?? []) };
}

function principalOfOwner(owner: Owner, arn: string, account: string): Principal {
  if (owner.kind === 'user') return { type: 'User', account, arn, id: owner.id, name: owner.name };
  if (owner.kind === 'role') return roleSession(account, arn, owner.name, owner.id);
  return anyUser(account);
}

function simulate(request: ServiceRequest, input: Input, subject: Subject) {
  const resources = input.ResourceArns?.length ? input.ResourceArns : ['*'];
  if (input.ActionNames.length > limits.simulatedActionsMax || resources.length > limits.simulatedResourcesMax)
    throw invalidInput('Too many actions or resources in one simulation.');
  for (const action of input.ActionNames) if (!/^[\w-]+:[\w*]+$/.test(action)) throw invalidInput(`Invalid Action name: ${action}`);
  const pairs = input.ActionNames.flatMap((action) => resources.map((resource) => ({ action, resource })));
  const ordered = pairs.map((pair, i) => ({ ...pair, key: String(i).padStart(6, '0') }));
  const { items, ...more } = page(ordered, input, ({ key }) => key);
  const results = items.map(({ action, resource }) => resultOf(request, input, subject, action, resource));
  return { EvaluationResults: results, ...more };
}

function resultOf(request: ServiceRequest, input: Input, subject: Subject, action: string, resource: string) {
  const context = contextOf(input);
  const resourcePolicy =
    input.ResourcePolicy === undefined
      ? undefined
      : { id: 'ResourcePolicy', type: 'resource' as const, text: input.ResourcePolicy, document: parsed(input.ResourcePolicy, 'resource') };
  const owner = input.ResourceOwner === undefined ? undefined : (parseArn(input.ResourceOwner)?.account ?? input.ResourceOwner);
  const check: Check = {
    action,
    resource,
    context,
    ...(owner !== undefined && { resourceAccount: owner }),
    ...(resourcePolicy && { resourcePolicy: { name: resourcePolicy.id, document: resourcePolicy.document } }),
  };
  const identity = subject.sources.map((source, i): NamedPolicy => ({ name: String(i), document: source.document }));
  const query = { principal: subject.principal, check, account: request.account, facts: { now: request.now, region: 'us-east-1' } };
  const boundary = merged(subject.boundary);
  const decision = evaluate({ ...query, policies: { identity, ...(boundary && { boundary }), tags: subject.tags } });
  const asked = contextKeys(
    [...subject.sources, ...subject.boundary, ...(resourcePolicy ? [resourcePolicy] : [])].map(({ document }) => document),
  );
  const known = new Set(Object.keys(context).map((key) => key.toLowerCase()));
  const matches = decision.matched.map((ref) => matchOf(ref, subject.sources, resourcePolicy)).filter((match) => match !== undefined);
  const effect = decision.effect === 'allow' ? ('allowed' as const) : decision.effect;
  const missing = asked.filter((key) => !known.has(key.toLowerCase()) && !isAlwaysKnown(key, subject));
  const told = { EvalResourceName: resource, MatchedStatements: matches, MissingContextValues: missing };
  return {
    ...told,
    EvalActionName: action,
    EvalDecision: effect,
    EvalDecisionDetails: {},
    ResourceSpecificResults: [{ ...told, EvalResourceDecision: effect }],
    ...(boundary && { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: decision.layer !== 'boundary' } }),
  };
}

/** Boundaries given as several texts count as one policy of all their statements. */
function merged(boundary: readonly Source[]): NamedPolicy | undefined {
  if (boundary.length === 0) return undefined;
  return { name: 'boundary', document: { version: '2012-10-17', statements: boundary.flatMap(({ document }) => document.statements) } };
}

/** Keys that follow from the caller and the moment need not be given. */
function isAlwaysKnown(key: string, subject: Subject): boolean {
  const lower = key.toLowerCase();
  if (['aws:currenttime', 'aws:epochtime', 'aws:principalarn', 'aws:principalaccount', 'aws:principaltype', 'aws:userid'].includes(lower))
    return true;
  if (lower === 'aws:username') return subject.principal.type === 'User';
  return lower.startsWith('aws:principaltag/');
}

function contextOf(input: Input): Record<string, string | readonly string[]> {
  const context: Record<string, string | readonly string[]> = Object.create(null);
  for (const { ContextKeyName: name, ContextKeyValues: values = [], ContextKeyType: type = 'string' } of input.ContextEntries ?? []) {
    if (name === undefined) continue;
    context[name] = type.endsWith('List') || values.length > 1 ? values : (values[0] ?? '');
  }
  return context;
}

// AWS's model tells them apart as user, group, role and managed ones; its answers do not.
const identityPolicy = 'IAM Policy' as string as SourceType;

function matchOf(
  ref: StatementRef,
  sources: readonly Source[],
  resourcePolicy: Source | undefined,
): ({ SourcePolicyId: string; SourcePolicyType: SourceType } & Partial<Span>) | undefined {
  const source = ref.layer === 'identity' ? sources[Number(ref.policy)] : ref.layer === 'resource' ? resourcePolicy : undefined;
  if (!source) return undefined;
  const type = source.type === 'resource' || source.type === 'none' ? source.type : identityPolicy;
  return { SourcePolicyId: source.id, SourcePolicyType: type, ...statementSpans(source.text)[ref.index] };
}

export const GetContextKeysForCustomPolicy: Operation<'GetContextKeysForCustomPolicy'> = async (_request, input) => ({
  ContextKeyNames: contextKeys(given(input.PolicyInputList, 'PolicyInputList').map(({ document }) => document)),
});

export const GetContextKeysForPrincipalPolicy: Operation<'GetContextKeysForPrincipalPolicy'> = async (request, input) => {
  const subject = await subjectOf(request, input.PolicySourceArn);
  const sources = [...subject.sources, ...given(input.PolicyInputList, 'PolicyInputList')];
  return { ContextKeyNames: contextKeys(sources.map(({ document }) => document)) };
};
