/** The checks behind every operation: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html */

import type { Check, ConditionContext } from '../../framework/authorization.ts';
import type { PolicyDocument, Statement } from '../../framework/policy/document.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { resourceTagContext } from '../../framework/tags.ts';
import { accessDenied } from './errors.ts';
import { grantFor } from './grants/matching.ts';
import { keyArn } from './keys/key.ts';
import { lookUp, type Found } from './keys/lookup.ts';
import type { Grant } from './tables.ts';

export type EncryptionContext = Readonly<Record<string, string>> | undefined;

export type KeyAction = {
  /** The IAM action without `kms:`. */
  action: string;
  /** Set where a grant's constraints see it. */
  encryptionContext?: EncryptionContext;
  context?: ConditionContext;
};

/** One action on one key: by its policy, by the caller's own where the key policy lets them count, or by a grant. */
export async function checkOn(request: ServiceRequest, found: Found, asked: KeyAction): Promise<Check> {
  const { key } = found;
  const check: Check = {
    action: `kms:${asked.action}`,
    resource: keyArn(key),
    resourceAccount: key.account,
    resourcePolicy: { name: keyArn(key), document: found.policy },
    resourcePolicyRequired: true,
    get context(): ConditionContext {
      return { ...keyContext(request, found), ...encryptionKeys(asked.encryptionContext), ...asked.context };
    },
  };
  const grant = key.granted && (await grantFor(request, key, asked));
  return grant ? withGrant(request, check, found.policy, grant) : check;
}

/** A grant allows by itself, in other accounts too; what denies still denies. */
function withGrant(request: ServiceRequest, check: Check, policy: PolicyDocument, grant: Grant): Check {
  const home = request.principal.account === grant.account;
  const kept = home ? policy.statements : policy.statements.filter((statement) => statement.effect === 'Deny');
  const granting: Statement = {
    effect: 'Allow',
    principals: grant.grantee.startsWith('arn:') ? { AWS: [grant.grantee] } : { Service: [grant.grantee] },
    actions: [check.action],
    resources: ['*'],
    conditions: [],
  };
  const document: PolicyDocument = { ...policy, statements: [...kept, granting] };
  const { context } = check;
  return {
    ...check,
    resourceAccount: request.principal.account,
    resourcePolicy: { name: grant.id, document },
    context: { ...context, 'aws:ResourceAccount': grant.account },
  };
}

function keyContext(request: ServiceRequest, { key, alias, aliases }: Found): ConditionContext {
  const via = request.via.at(-1);
  return {
    'kms:CallerAccount': request.principal.account,
    'kms:KeySpec': key.spec,
    'kms:KeyUsage': key.usage,
    'kms:KeyOrigin': 'AWS_KMS',
    'kms:MultiRegion': 'false',
    'kms:CustomerMasterKeySpec': key.spec,
    'kms:CustomerMasterKeyUsage': key.usage,
    'kms:ResourceAliases': aliases,
    ...(via !== undefined && { 'kms:ViaService': `${via.split('.')[0]!.replaceAll('-', '')}.${request.region}.amazonaws.com` }),
    ...(alias !== undefined && { 'kms:RequestAlias': alias }),
    ...resourceTagContext(key.tags ?? []),
  };
}

function encryptionKeys(context: EncryptionContext): ConditionContext {
  if (!context) return {};
  const names = Object.keys(context);
  if (names.length === 0) return {};
  const keys: Record<string, string | string[]> = { 'kms:EncryptionContextKeys': names };
  for (const name of names) keys[`kms:EncryptionContext:${name}`] = context[name]!;
  return keys;
}

type KeyInput = { KeyId: string };

/** Authorises one action on the key of the call, in the caller's account only. */
export function onOwnKey<Input extends KeyInput>(action: string, context?: (input: Input) => ConditionContext) {
  return async (request: ServiceRequest, input: Input): Promise<Check[]> => {
    const found = await lookUp(request, input.KeyId);
    requireOwn(request, found, action);
    return [await checkOn(request, found, { action, ...(context && { context: context(input) }) })];
  };
}

type UseInput = KeyInput & { EncryptionContext?: Record<string, string> | undefined };

/** Authorises the use of a key, which may be another account's. */
export function onKey<Input extends UseInput>(action: string, context?: (input: Input) => ConditionContext) {
  return async (request: ServiceRequest, input: Input): Promise<Check[]> => {
    const found = await lookUp(request, input.KeyId);
    const encryptionContext = input.EncryptionContext;
    return [
      await checkOn(request, found, {
        action,
        ...(encryptionContext && { encryptionContext }),
        ...(context && { context: context(input) }),
      }),
    ];
  };
}

/** Throws AccessDeniedException for the key of another account, where AWS knows no such use. */
export function requireOwn(request: ServiceRequest, { key }: Found, action: string): void {
  if (key.account !== request.account)
    throw accessDenied(
      `User: ${request.principal.arn} is not authorized to perform: kms:${action} on resource: ${keyArn(key)} because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    );
}
