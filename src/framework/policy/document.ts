/** A policy as parsed and checked: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */

export type PolicyDocument = {
  version: '2008-10-17' | '2012-10-17';
  id?: string;
  statements: readonly Statement[];
};

export type Statement = {
  sid?: string;
  effect: 'Allow' | 'Deny';
  principals?: PrincipalPattern;
  notPrincipals?: PrincipalPattern;
  actions?: readonly string[];
  notActions?: readonly string[];
  resources?: readonly string[];
  notResources?: readonly string[];
  conditions: readonly Condition[];
};

/** `*` is everyone, anonymous callers included. */
export type PrincipalPattern = '*' | Partial<Record<'AWS' | 'Service' | 'Federated' | 'CanonicalUser', readonly string[]>>;

/** One operator on one key, for example StringLike, `aws:username`, [`a*`, `b*`]. */
export type Condition = {
  operator: string;
  quantifier?: 'ForAllValues' | 'ForAnyValue';
  ifExists: boolean;
  key: string;
  values: readonly string[];
};
