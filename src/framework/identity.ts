/** What the gateway asks of IAM: whose key is this, and which policies bind the caller. Implemented by services/iam. */

import type { PolicyDocument } from './policy/document.ts';
import type { IamUser, Principal } from './principal.ts';

export type Credential = {
  accessKeyId: string;
  /** Never logged. */
  secretAccessKey: string;
  principal: Principal;
  /** Milliseconds since the epoch; only temporary credentials have it. */
  expiresAt?: number;
};

/** A policy with the name by which denials and `haneul why` cite it. */
export type NamedPolicy = {
  /** The ARN of a managed policy, or `inline:USER/NAME`-like words. */
  name: string;
  document: PolicyDocument;
};

/** Every layer that applies to one principal; an absent layer does not restrict. */
export type PrincipalPolicies = {
  identity: readonly NamedPolicy[];
  boundary?: NamedPolicy;
  /** Session policies: all that were passed count as one layer (their union). */
  session?: readonly NamedPolicy[];
  /** Service control policies: one list for each level from the root of the organisation to the account; each level must allow. */
  serviceControl?: readonly (readonly NamedPolicy[])[];
  /** Tags of the user or role with session tags over them, for `aws:PrincipalTag/…`. */
  tags: Readonly<Record<string, string>>;
  /** True when the principal no longer exists (a deleted role's session). */
  gone?: boolean;
};

/** A user who wants into the console. */
export type SignInAttempt = {
  /** 12 digits, or the account's alias. */
  account: string;
  user: string;
  password: string;
  /** Of an MFA device, where the user was asked for one. */
  code?: string;
  /** A new password comes along. */
  changes: boolean;
  /** Cloud time, milliseconds since the epoch. */
  at: number;
};

/** `account` is absent where there is none of that name. */
export type SignInAnswer =
  | { outcome: 'refused'; message: string; account?: string }
  | { outcome: 'needs-mfa'; account: string }
  | { outcome: 'needs-new-password'; account: string }
  | { outcome: 'signed-in'; account: string; principal: IamUser; /** A code was shown. */ mfa: boolean; mustChange: boolean };

export interface IdentityProvider {
  /** Checks a console password, at the same cost whether or not the user exists. Absent: nobody has one. */
  signIn?(attempt: SignInAttempt): Promise<SignInAnswer>;
  /** The credential of an access key. Undefined: no such key, an inactive one, or a session token that does not belong to it. */
  credential(accessKeyId: string, sessionToken: string | undefined): Promise<Credential | undefined>;
  /** At once where nothing has to be read. */
  policies(principal: Principal): PrincipalPolicies | Promise<PrincipalPolicies>;
  /** Does a device of this user (or root) show this code now? A code that fitted once fits no more. Absent: no such device can be had. */
  mfaCodeFits?(principal: Principal, serial: string, code: string, at: number): Promise<boolean>;
  /** Notes that a key was used (GetAccessKeyLastUsed, service last accessed); cheap, written behind. */
  keyUsed(accessKeyId: string, use: { principal: Principal; service: string; action: string; region: string; at: number }): void;
}
