/** The condition keys of one request: what is known of the caller, the call and the moment. */

import type { Check } from '../authorization.ts';
import type { CallersNetwork } from '../http-message.ts';
import type { PrincipalPolicies } from '../identity.ts';
import type { Session } from '../principal.ts';
import type { Actor } from './principals.ts';

/** Several values make a multivalued key; no value means that the key is not in the request. */
export type ConditionValue = string | readonly string[] | undefined;

/** What the gateway knows of a call besides its caller. */
export type RequestFacts = {
  /** Cloud time, milliseconds since the epoch. */
  now: number;
  region: string;
  sourceIp?: string;
  /** The VPC from which the call came, where it did not come over the internet. */
  network?: CallersNetwork;
  secure?: boolean;
  userAgent?: string;
  referer?: string;
  /** The services through which the call came, the first one first, for example `cloudformation.amazonaws.com`. */
  calledVia?: readonly string[];
};

export type ContextSource = {
  principal: Actor;
  policies: Pick<PrincipalPolicies, 'tags'>;
  check: Check;
  account: string;
  facts: RequestFacts;
};

/** One request's keys: those that its service gave, in lower case, and where the others come from. */
export type Context = { readonly source: ContextSource; readonly given: ReadonlyMap<string, ConditionValue> };

/** Reads one key from any request. */
export type Reader = (context: Context) => ConditionValue;

const NONE: ReadonlyMap<string, ConditionValue> = new Map();
const TAG = 'aws:principaltag/';

/** Key names are not case-sensitive; the keys that a service gave come before all others. Read only if a policy asks for one. */
export function contextOf(source: ContextSource): Context {
  return new RequestKeys(source);
}

class RequestKeys implements Context {
  readonly source: ContextSource;
  #given: ReadonlyMap<string, ConditionValue> | undefined;

  constructor(source: ContextSource) {
    this.source = source;
  }

  get given(): ReadonlyMap<string, ConditionValue> {
    return (this.#given ??= givenBy(this.source));
  }
}

function givenBy(source: ContextSource): ReadonlyMap<string, ConditionValue> {
  const federated = sessionOf(source.principal)?.federatedContext;
  if (!federated && !source.check.context) return NONE;
  const given = new Map<string, ConditionValue>();
  for (const [key, value] of Object.entries(federated ?? {})) given.set(key.toLowerCase(), value);
  for (const [key, value] of Object.entries(source.check.context ?? {})) given.set(key.toLowerCase(), value);
  return given;
}

/** How a condition key is read; found once, when a policy is compiled. */
export function readerOf(key: string): Reader {
  const name = key.toLowerCase();
  const known = name.startsWith(TAG) ? tagReader(name.slice(TAG.length)) : readers.get(name);
  return known ? (context) => context.given.get(name) ?? known(context.source) : (context) => context.given.get(name);
}

function tagReader(lowerName: string): (source: ContextSource) => ConditionValue {
  return ({ policies: { tags } }) => {
    for (const name of Object.keys(tags)) if (name.toLowerCase() === lowerName) return tags[name];
    return undefined;
  };
}

/** The keys of every request: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const readers = new Map<string, (source: ContextSource) => ConditionValue>(
  Object.entries<(source: ContextSource) => ConditionValue>({
    'aws:CurrentTime': ({ facts }) => new Date(facts.now).toISOString(),
    'aws:EpochTime': ({ facts }) => String(Math.floor(facts.now / 1000)),
    // An address inside a VPC says nothing outside of it: it has a key of its own.
    'aws:SourceIp': ({ facts }) => (facts.network ? undefined : facts.sourceIp),
    'aws:SourceVpc': ({ facts }) => facts.network?.vpc,
    'aws:SourceVpce': ({ facts }) => facts.network?.vpcEndpoint,
    'aws:VpcSourceIp': ({ facts }) => facts.network?.address,
    'aws:SecureTransport': ({ facts }) => (facts.secure === undefined ? undefined : String(facts.secure)),
    'aws:UserAgent': ({ facts }) => facts.userAgent,
    'aws:Referer': ({ facts }) => facts.referer,
    'aws:RequestedRegion': ({ facts }) => facts.region,
    'aws:ViaAWSService': ({ facts }) => String((facts.calledVia?.length ?? 0) > 0),
    'aws:CalledVia': ({ facts }) => facts.calledVia,
    'aws:CalledViaFirst': ({ facts }) => facts.calledVia?.[0],
    'aws:CalledViaLast': ({ facts }) => facts.calledVia?.at(-1),
    'aws:ResourceAccount': ({ check, account }) => accountId(check.resourceAccount ?? account),

    'aws:PrincipalArn': ({ principal }) => (principal.type === 'AssumedRole' ? principal.roleArn : principal.arn || undefined),
    'aws:PrincipalAccount': ({ principal }) => accountId(principal.account),
    'aws:PrincipalType': ({ principal }) => (principal.type === 'Root' ? 'Account' : principal.type),
    'aws:userid': ({ principal }) => (principal.type === 'Anonymous' ? 'anonymous' : principal.id),
    'aws:username': ({ principal }) => (principal.type === 'User' ? principal.name : undefined),
    'aws:PrincipalIsAWSService': ({ principal }) => String(principal.type === 'Service'),
    'aws:PrincipalServiceName': ({ principal }) => (principal.type === 'Service' ? principal.name : undefined),
    'aws:PrincipalServiceNamesList': ({ principal }) => (principal.type === 'Service' ? [principal.name] : undefined),
    'aws:SourceArn': ({ principal }) => (principal.type === 'Service' ? principal.sourceArn : undefined),
    'aws:SourceAccount': ({ principal }) => (principal.type === 'Service' ? principal.sourceAccount : undefined),

    // Long-term keys carry none of these, which is why policies ask with `BoolIfExists` and `Null`.
    'aws:TokenIssueTime': ({ principal }) => ifSession(principal, ({ issuedAt }) => new Date(issuedAt).toISOString()),
    'aws:MultiFactorAuthPresent': ({ principal }) => ifSession(principal, ({ mfaAuthenticated }) => String(mfaAuthenticated ?? false)),
    'aws:MultiFactorAuthAge': ({ principal, facts }) =>
      ifSession(principal, ({ mfaAuthenticated, issuedAt }) =>
        mfaAuthenticated ? String(Math.floor((facts.now - issuedAt) / 1000)) : undefined,
      ),
    'aws:SourceIdentity': ({ principal }) => ifSession(principal, ({ sourceIdentity }) => sourceIdentity),
    'aws:FederatedProvider': ({ principal }) =>
      principal.type === 'Federated' ? principal.provider : ifSession(principal, ({ federatedProvider }) => federatedProvider),
  }).map(([key, read]) => [key.toLowerCase(), read]),
);

function ifSession(principal: Actor, read: (session: Session) => string | undefined): string | undefined {
  const session = sessionOf(principal);
  return session && read(session);
}

function sessionOf(principal: Actor): Session | undefined {
  return 'session' in principal ? principal.session : undefined;
}

/** Anonymous callers and services have no account. */
function accountId(account: string): string | undefined {
  return /^\d{12}$/.test(account) ? account : undefined;
}
