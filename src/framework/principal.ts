/** Who is calling. */

export type Principal = RootUser | IamUser | AssumedRole | FederatedUser | ServicePrincipal | Anonymous;

/** The root user of an account: allowed everything in it, but for SCPs and resource policies of others. */
export type RootUser = { type: 'Root'; account: string; arn: string; id: string };

export type IamUser = { type: 'User'; account: string; arn: string; /** AIDA… */ id: string; name: string; session?: Session };

export type AssumedRole = {
  type: 'AssumedRole';
  account: string;
  /** arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION */
  arn: string;
  /** AROA…:SESSION */
  id: string;
  roleArn: string;
  roleName: string;
  sessionName: string;
  session: Session;
};

export type FederatedUser = {
  type: 'FederatedUser';
  account: string;
  arn: string;
  id: string;
  /** The user who called GetFederationToken. */ issuerArn: string;
  session: Session;
};

/** An AWS service acting on its own behalf, for example `events.amazonaws.com`. */
export type ServicePrincipal = {
  type: 'Service';
  account: string;
  arn: string;
  id: string;
  name: string;
  sourceArn?: string;
  sourceAccount?: string;
};

export type Anonymous = { type: 'Anonymous'; account: 'anonymous'; arn: ''; id: 'ANONYMOUS_PRINCIPAL' };

/** What temporary credentials carry besides the identity that they stand for. */
export type Session = {
  /** Milliseconds since the epoch. */
  issuedAt: number;
  expiresAt: number;
  /** Inline session policy and the ARNs of managed session policies: they narrow what the identity may do. */
  policy?: string;
  policyArns?: string[];
  tags?: Record<string, string>;
  transitiveTagKeys?: string[];
  sourceIdentity?: string;
  mfaAuthenticated?: boolean;
  /** Made by the console's sign-in: the limits of GetSessionToken's sessions at IAM and STS do not hold for it. */
  console?: boolean;
  /** Issuer of a web identity or SAML session, for `aws:FederatedProvider`. */
  federatedProvider?: string;
  /** Condition keys of the federation, for example `{ 'token.example.com:sub': '…' }`. */
  federatedContext?: Record<string, string>;
  /** True when another role's session assumed this one: chained sessions last one hour at most. */
  chained?: boolean;
};

export const anonymous: Anonymous = { type: 'Anonymous', account: 'anonymous', arn: '', id: 'ANONYMOUS_PRINCIPAL' };

export function rootUser(account: string): RootUser {
  return { type: 'Root', account, arn: `arn:aws:iam::${account}:root`, id: account };
}
