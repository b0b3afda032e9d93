/** The condition keys of one request: what is known of the caller, the call and the moment. */

import type { Check } from '../authorization.ts';
import type { PrincipalPolicies } from '../identity.ts';
import type { Session } from '../principal.ts';
import type { Actor } from './principals.ts';
import type { Lookup } from './variables.ts';

/** Several values make a multivalued key; no value means that the key is not in the request. */
export type ConditionValue = string | readonly string[] | undefined;

/** What the gateway knows of a call besides its caller. */
export type RequestFacts = {
  /** Cloud time, milliseconds since the epoch. */
  now: number;
  region: string;
  sourceIp?: string;
  secure?: boolean;
  userAgent?: string;
  referer?: string;
  /** The service through which the call came, for example `cloudformation.amazonaws.com`. */
  calledVia?: readonly string[];
};

export type ContextSource = { principal: Actor; policies: Pick<PrincipalPolicies, 'tags'>; check: Check; account: string; facts: RequestFacts };

const TAG = 'aws:principaltag/';

/**
 * Gives the value of any condition key, by its name in lower case; computes only what a policy asks for.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function contextOf(source: ContextSource): Lookup {
  let given: Map<string, ConditionValue> | undefined;
  return (key) => {
    given ??= lowerKeys(source);
    const own = given.get(key);
    if (own !== undefined) return own;
    if (key.startsWith(TAG)) return tagOf(source.policies.tags, key.slice(TAG.length));
    return aboutRequest(key, source) ?? aboutPrincipal(key, source.principal) ?? aboutSession(key, source);
  };
}

/** Key names are not case-sensitive; the keys that a service gave come before those found here. */
function lowerKeys(source: ContextSource): Map<string, ConditionValue> {
  const keys = new Map<string, ConditionValue>();
  for (const [key, value] of Object.entries(sessionOf(source.principal)?.federatedContext ?? {})) keys.set(key.toLowerCase(), value);
  for (const [key, value] of Object.entries(source.check.context ?? {})) keys.set(key.toLowerCase(), value);
  return keys;
}

function tagOf(tags: Readonly<Record<string, string>>, lowerName: string): string | undefined {
  for (const name of Object.keys(tags)) if (name.toLowerCase() === lowerName) return tags[name];
  return undefined;
}

function aboutRequest(key: string, { facts, check, account }: ContextSource): ConditionValue {
  switch (key) {
    case 'aws:currenttime':
      return new Date(facts.now).toISOString();
    case 'aws:epochtime':
      return String(Math.floor(facts.now / 1000));
    case 'aws:sourceip':
      return facts.sourceIp;
    case 'aws:securetransport':
      return facts.secure === undefined ? undefined : String(facts.secure);
    case 'aws:useragent':
      return facts.userAgent;
    case 'aws:referer':
      return facts.referer;
    case 'aws:requestedregion':
      return facts.region;
    case 'aws:viaawsservice':
      return String((facts.calledVia?.length ?? 0) > 0);
    case 'aws:calledvia':
      return facts.calledVia;
    case 'aws:calledviafirst':
      return facts.calledVia?.[0];
    case 'aws:calledvialast':
      return facts.calledVia?.at(-1);
    case 'aws:resourceaccount':
      return accountId(check.resourceAccount ?? account);
    default:
      return undefined;
  }
}

function aboutPrincipal(key: string, principal: Actor): ConditionValue {
  switch (key) {
    case 'aws:principalarn':
      return principal.type === 'AssumedRole' ? principal.roleArn : principal.arn || undefined;
    case 'aws:principalaccount':
      return accountId(principal.account);
    case 'aws:principaltype':
      return principal.type === 'Root' ? 'Account' : principal.type;
    case 'aws:userid':
      return principal.type === 'Anonymous' ? 'anonymous' : principal.id;
    case 'aws:username':
      return principal.type === 'User' ? principal.name : undefined;
    case 'aws:principalisawsservice':
      return String(principal.type === 'Service');
    case 'aws:principalservicename':
      return principal.type === 'Service' ? principal.name : undefined;
    case 'aws:principalservicenameslist':
      return principal.type === 'Service' ? [principal.name] : undefined;
    case 'aws:sourcearn':
      return principal.type === 'Service' ? principal.sourceArn : undefined;
    case 'aws:sourceaccount':
      return principal.type === 'Service' ? principal.sourceAccount : undefined;
    default:
      return undefined;
  }
}

/** Long-term keys carry none of these, which is why policies ask with `BoolIfExists` and `Null`. */
function aboutSession(key: string, { principal, facts }: ContextSource): ConditionValue {
  if (key === 'aws:federatedprovider' && principal.type === 'Federated') return principal.provider;
  const session = sessionOf(principal);
  if (!session) return undefined;
  switch (key) {
    case 'aws:tokenissuetime':
      return new Date(session.issuedAt).toISOString();
    case 'aws:multifactorauthpresent':
      return String(session.mfaAuthenticated ?? false);
    case 'aws:multifactorauthage':
      return session.mfaAuthenticated ? String(Math.floor((facts.now - session.issuedAt) / 1000)) : undefined;
    case 'aws:sourceidentity':
      return session.sourceIdentity;
    case 'aws:federatedprovider':
      return session.federatedProvider;
    default:
      return undefined;
  }
}

/** Anonymous callers and services have no account. */
function accountId(account: string): string | undefined {
  return /^\d{12}$/.test(account) ? account : undefined;
}

function sessionOf(principal: Actor): Session | undefined {
  return 'session' in principal ? principal.session : undefined;
}
