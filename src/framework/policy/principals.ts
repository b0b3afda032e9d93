/** Whom the Principal and NotPrincipal elements mean. */

import { createHash } from 'node:crypto';
import type { Principal } from '../principal.ts';
import type { PrincipalPattern } from './document.ts';

/** Someone with a token of an outside identity provider, as a role's trust policy sees them. */
export type FederatedIdentity = {
  type: 'Federated';
  account: string;
  arn: string;
  id: string;
  /** As trust policies name it: the ARN of an OIDC or SAML provider, or `accounts.google.com`. */
  provider: string;
};

/** Everyone for whom a decision may be asked. */
export type Actor = Principal | FederatedIdentity;

/**
 * How closely a resource policy's Principal names the caller; the engine treats a grant by that.
 * - `account`: the whole account is named, which only lets the account's own policies decide.
 * - `broad`: a role, a service, a federated identity or everyone: a grant that boundaries and session policies still narrow.
 * - `direct`: this user or this very session: a grant that only explicit denies take back.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export type Closeness = 'account' | 'broad' | 'direct';

export function rootArn(account: string): string {
  return `arn:aws:iam::${account}:root`;
}

/** The 64 hexadecimal digits by which S3 knows an account; they never change. */
export function canonicalUserId(account: string): string {
  return createHash('sha256').update(`canonical user of ${account}`).digest('hex');
}

/** The closest way in which a pattern names the caller; undefined when it does not. */
export function closenessOf(pattern: PrincipalPattern, actor: Actor): Closeness | undefined {
  if (pattern === '*') return 'broad';
  let closest: Closeness | undefined;
  for (const named of pattern.AWS ?? []) {
    const closeness = awsCloseness(named, actor);
    if (closeness === 'direct') return closeness;
    closest = closeness === 'broad' ? closeness : (closest ?? closeness);
  }
  if (closest === 'broad' || namesOther(pattern, actor)) return 'broad';
  if (namesCanonicalUser(pattern, actor)) return actor.type === 'Root' ? 'broad' : 'account';
  return closest;
}

function awsCloseness(named: string, actor: Actor): Closeness | undefined {
  if (named === '*') return 'broad';
  if (actor.type === 'Anonymous' || actor.type === 'Service' || actor.type === 'Federated') return undefined;
  if (named === actor.arn && actor.type !== 'Root') return 'direct';
  if (actor.type === 'AssumedRole' && (named === actor.roleArn || named === actor.id.split(':')[0])) return 'broad';
  if (actor.type === 'User' && named === actor.id) return 'direct';
  if (named === actor.account || named === rootArn(actor.account)) return actor.type === 'Root' ? 'broad' : 'account';
  return undefined;
}

function namesOther(pattern: Exclude<PrincipalPattern, '*'>, actor: Actor): boolean {
  if (actor.type === 'Service') return pattern.Service?.some((name) => name === actor.name || name === '*') ?? false;
  if (actor.type === 'Federated') return pattern.Federated?.some((name) => name === actor.provider || name === '*') ?? false;
  if (pattern.Federated && 'session' in actor && actor.session?.federatedProvider)
    return pattern.Federated.includes(actor.session.federatedProvider);
  return false;
}

/** A canonical user id is another name of the whole account. */
function namesCanonicalUser(pattern: Exclude<PrincipalPattern, '*'>, actor: Actor): boolean {
  if (!pattern.CanonicalUser || actor.type === 'Anonymous' || actor.type === 'Service' || actor.type === 'Federated') return false;
  return pattern.CanonicalUser.includes(canonicalUserId(actor.account));
}

/**
 * Does NotPrincipal leave the caller out? Each identity in which the caller comes must be listed: the account, and for a role
 * session the role and the session. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function isExempt(pattern: PrincipalPattern, actor: Actor): boolean {
  if (pattern === '*' || pattern.AWS?.includes('*')) return true;
  if (actor.type === 'Service' || actor.type === 'Federated') return namesOther(pattern, actor);
  if (actor.type === 'Anonymous') return false;
  const listed = new Set(pattern.AWS ?? []);
  const accountListed = listed.has(actor.account) || listed.has(rootArn(actor.account)) || namesCanonicalUser(pattern, actor);
  if (!accountListed || actor.type === 'Root') return accountListed;
  if (actor.type === 'AssumedRole') return listed.has(actor.roleArn) && listed.has(actor.arn);
  return listed.has(actor.arn) || listed.has(actor.id);
}
