/** What an operation needs to be allowed, declared by each service in its `authorize` table. */

import type { PolicyDocument } from './policy/document.ts';
import type { ServiceRequest } from './request.ts';

/** Condition keys of the request, for example `{ 's3:prefix': 'a/', 'aws:RequestTag/team': 'x' }`. Lists are multivalued keys. */
export type ConditionContext = Readonly<Record<string, string | readonly string[] | undefined>>;

/** One action on one resource. An operation may need several (CopyObject reads one object and writes another). */
export type Check = {
  /** For example `s3:GetObject`. */
  action: string;
  /** An ARN, or `*` where the action knows no resource. */
  resource: string;
  /** The account that owns the resource; the request's account when absent. */
  resourceAccount?: string;
  /** The policy attached to the resource: bucket, queue, key, trust policy. */
  resourcePolicy?: { name: string; document: PolicyDocument };
  /** True where an identity policy alone never suffices: role trust, KMS key policies. The resource policy must allow (or name the account). */
  resourcePolicyRequired?: boolean;
  context?: ConditionContext;
  /** What the caller needs besides, asked for once every check of the call is allowed. Throws what it is refused with. */
  afterwards?: () => Promise<void>;
  /** Another resource through which this one is reached (an access point): both must allow, it first. */
  through?: Check;
};

/**
 * Gives the checks of one call. It may read the store. It throws AwsError for bad input only where AWS does so before it
 * authorises. `[]` means that any signed caller may (sts:GetCallerIdentity).
 */
export type Authorizer<Input> = (request: ServiceRequest, input: Input) => readonly Check[] | Promise<readonly Check[]>;

/** Marks operations that AWS answers without a signature (sts:AssumeRoleWithWebIdentity): `authorize: { X: unsigned }`. */
export const unsigned = 'unsigned' as const;
export type Unsigned = typeof unsigned;
